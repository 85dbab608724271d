/** Neutron's lists: any field filters, `fields` narrows, `limit` and `marker` page. neutron/api/v2/base.py. */
import { hasTags } from '../../tags.ts'
import { badRequest } from './error.ts'
import { Refusal } from '../../refusal.ts'
import { isJson, plain, textsAt } from '../../json.ts'
import { isoSeconds } from '../../world.ts'
import type { ServiceResponse, Call } from '../../service.ts'
import type { Json } from '../../json.ts'

const CONTROLS = [
  'fields',
  'limit',
  'marker',
  'sort_key',
  'sort_dir',
  'page_reverse',
  'verbose',
  'tags',
  'not-tags',
  'tags-any',
  'not-tags-any',
]

type Stamped = {
  readonly createdAt: number
  readonly updatedAt: number
  readonly revision: number
  readonly tags: readonly string[]
}

/** The last fields of every resource. */
export function stamp(row: Stamped & { readonly project_id: string }): Json {
  return {
    tags: row.tags,
    created_at: isoSeconds(row.createdAt),
    updated_at: isoSeconds(row.updatedAt),
    revision_number: row.revision,
    project_id: row.project_id,
  }
}

export function touched<Row extends Stamped>(call: Call, row: Row): Row {
  return { ...row, updatedAt: call.world.now(), revision: row.revision + 1 }
}

export function fresh(call: Call): Stamped {
  const now = call.world.now()
  return { createdAt: now, updatedAt: now, revision: 1, tags: [] }
}

function matchesOne(value: unknown, wanted: readonly string[]): boolean {
  if (typeof value === 'boolean')
    return wanted.some((each) => (each.toLowerCase() === 'true' || each === '1') === value)
  if (Array.isArray(value)) return wanted.every((each) => value.some((item) => matchesItem(item, each)))
  return wanted.includes(plain(value))
}

/** `fixed_ips=subnet_id=X` searches a list of objects. */
function matchesItem(item: unknown, wanted: string): boolean {
  if (!isJson(item)) return String(item) === wanted
  const at = wanted.indexOf('=')
  return item[wanted.slice(0, at)] === wanted.slice(at + 1)
}

function isMatch(call: Call, row: Json): boolean {
  for (const key of new Set(call.query.keys())) {
    if (CONTROLS.includes(key)) continue
    const wanted = call.query.getAll(key)
    if (key in row && !matchesOne(row[key], wanted)) return false
  }
  return hasTags(call.query, textsAt(row, 'tags'))
}

/**
 * A write with `If-Match` is for one revision. neutron 21.0.0, services/revisions/revision_plugin.py; any client may send it, whatever the
 * resource.
 */
export function requireRevision(call: Call): void {
  const wanted = /^revision_number=(\d+)$/.exec(call.header('if-match') ?? '')?.[1]
  if (wanted === undefined || (call.method !== 'PUT' && call.method !== 'DELETE')) return
  const id = call.path.split('/')[3] ?? ''
  const { networks, subnets, routers, ports, floatingIps, securityGroups } = call.world.state
  const tables = [networks, subnets, routers, ports, floatingIps, securityGroups] as const
  const row = tables.map((table) => table.get(id)).find((one) => one !== undefined)
  if (row === undefined || row.revision === Number(wanted)) return
  throw new Refusal(412, `Constrained to ${wanted}, but current revision is ${row.revision}`, {
    type: 'RevisionNumberConstraintFailed',
  })
}

export function narrowed(call: Call, row: Json): Json {
  const fields = call.query.getAll('fields')
  if (fields.length === 0) return row
  return Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)))
}

export function list(call: Call, key: string, rows: readonly Json[]): ServiceResponse {
  const found = sorted(
    call,
    rows.filter((row) => isMatch(call, row)),
  )
  const limit = Number(call.query.get('limit') ?? 0)
  if (!(limit > 0)) return { status: 200, body: { [key]: found.map((row) => narrowed(call, row)) } }
  const marker = call.query.get('marker')
  const start = marker === null ? 0 : found.findIndex((row) => row['id'] === marker) + 1
  const page = found.slice(start, start + limit)
  return {
    status: 200,
    body: {
      [key]: page.map((row) => narrowed(call, row)),
      ...links(call, key, page, start > 0, start + limit < found.length),
    },
  }
}

function sorted(call: Call, rows: readonly Json[]): readonly Json[] {
  const keys = call.query.getAll('sort_key')
  const dirs = call.query.getAll('sort_dir')
  if (keys.length !== dirs.length) throw badRequest('The number of sort_keys and sort_dirs must be same')
  const isPaged = call.query.has('limit') && !keys.includes('id')
  const order = [...keys.map((key, index) => [key, dirs[index]] as const), ...(isPaged ? [['id', 'asc'] as const] : [])]
  if (order.length === 0) return rows
  return [...rows].sort((one, other) => {
    for (const [key, dir] of order) {
      const [a, b] = [String(one[key]), String(other[key])]
      if (a !== b) return (a < b ? -1 : 1) * (dir === 'desc' ? -1 : 1)
    }
    return 0
  })
}

function links(call: Call, key: string, page: readonly Json[], hasPrevious: boolean, hasNext: boolean): Json {
  const query = new URLSearchParams(call.query)
  query.delete('marker')
  query.delete('page_reverse')
  const at = (row: Json | undefined, rel: string, extra: string): Json => ({
    rel,
    href: `${call.world.bases.network}${call.path}?${query.toString()}&marker=${String(row?.['id'])}${extra}`,
  })
  const all = [
    ...(hasNext ? [at(page.at(-1), 'next', '')] : []),
    ...(hasPrevious || page.length > 0 ? [at(page[0], 'previous', '&page_reverse=True')] : []),
  ]
  return all.length === 0 ? {} : { [`${key}_links`]: all }
}

/** The resource in the body, without attributes unknown to Neutron. */
export function bodyOf(call: Call, name: string, known: readonly string[]): Json {
  const body = isJson(call.body) ? call.body[name] : undefined
  if (!isJson(body)) throw badRequest(`Unable to find '${name}' in request body`)
  const unknown = Object.keys(body).filter((key) => !known.includes(key))
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
  return body
}
