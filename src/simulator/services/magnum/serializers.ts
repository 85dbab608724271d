/** Common parts of Magnum's resources: WSME's checks, links, paging. magnum 15.0.1, magnum/api/controllers. */
import { invalidField } from './error.ts'
import { isJson, pythonRepr } from '../../json.ts'
import { askedVersion } from '../../microversion.ts'
import { magnumMaximum } from '../../profile.ts'
import { Refusal } from '../../refusal.ts'
import type { Call } from '../../service.ts'
import type { Json } from '../../json.ts'

export function links(call: Call, path: string): readonly Json[] {
  const base = call.world.bases['container-infra']
  return [
    { href: `${base}/v1/${path}`, rel: 'self' },
    { href: `${base}/${path}`, rel: 'bookmark' },
  ]
}

/** The minor version that the caller asked for; 1.1 if none. */
export function minorOf(call: Call): number {
  const asked = askedVersion(call, 'container-infra')
  if (asked.kind === 'latest') return magnumMaximum(call.world.profile)
  return asked.kind === 'version' ? asked.minor : 1
}

/** magnum/api/controllers/base.py, Controller.api_version: an operation of a younger version is not acceptable. */
export function requireMinor(call: Call, since: number, operation: string): void {
  const minor = minorOf(call)
  if (minor >= since) return
  const message = `Version container-infra 1.${minor} was requested but the requested API ${operation} is not supported for this version.`
  throw new Refusal(406, message)
}

/** The body, without attributes unknown to WSME, and with every required one. */
export function bodyOf(call: Call, argument: string, known: readonly string[], mandatory: readonly string[]): Json {
  const body = isJson(call.body) ? call.body : {}
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Refusal(400, `Unknown attribute for argument ${argument}: ${unknown}`)
  for (const field of mandatory) {
    if (body[field] === undefined || body[field] === null) {
      throw invalidField(field, 'None', 'Mandatory field missing.')
    }
  }
  return body
}

/** The number of that field, if it was sent. */
export function atLeast(body: Json, field: string, minimum: number): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  // WSME takes a number that was written as text, as Horizon's panel does
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || number < minimum) {
    const shown = typeof value === 'string' ? value : pythonRepr(value)
    throw invalidField(field, shown, `Value should be greater or equal to ${minimum}`)
  }
  return number
}

export function requireArguments(call: Call, known: readonly string[]): void {
  for (const key of call.query.keys()) {
    if (!known.includes(key)) throw new Refusal(400, `Unknown argument: "${key}"`)
  }
}

/** `limit`, `marker` and the absolute `next`. */
export function page<Row extends { readonly uuid: string }>(
  call: Call,
  key: string,
  rows: readonly Row[],
  show: (row: Row) => Json,
): Json {
  const limit = Number(call.query.get('limit') ?? 1000)
  const marker = call.query.get('marker')
  const start = marker === null ? 0 : rows.findIndex((row) => row.uuid === marker) + 1
  const found = rows.slice(start, start + limit)
  const isFull = found.length > 0 && found.length === limit
  const base = `${call.world.bases['container-infra']}/v1/${key}`
  const next = `${base}?sort_key=id&sort_dir=asc&limit=${limit}&marker=${found.at(-1)?.uuid ?? ''}`
  return { [key]: found.map(show), ...(isFull ? { next } : {}) }
}

/** `2026-11-23T02:49:04+00:00` */
export function isoZone(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`
}
