import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { privateFolder, readPrivate, writePrivate } from '../tenant/private-file.ts'
import type { Finding } from '../finding.ts'
import type { Audit } from './audit.ts'

/** The latest recorded audit of a cloud (`audit --record`), for readers without a request to the cloud. */
export type RecordedAudit = Audit & { readonly cloud: string; readonly at: string }

const finding = z.object({
  code: z.string(),
  severity: z.enum(['error', 'unknown', 'warning', 'info']),
  where: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  owner: z.enum(['operator', 'tenant']),
})
const rowCount = z.object({ kind: z.string(), read: z.int(), matched: z.int(), outside: z.int().exactOptional() })
const named = z.object({ id: z.string(), name: z.string() })
const schema = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  findings: z.array(finding),
  dependences: z.array(z.object({ user: named, clusters: z.array(z.string()) })),
  counted: z.object({
    tenants: z.int(),
    users: z.int(),
    assignments: z.int(),
    credentials: z.int(),
    // an audit recorded by an earlier release has neither
    owners: z.int().default(0),
    rows: z.array(rowCount).default([]),
  }),
})

/** Replaces the earlier one. Returns the file. */
export async function recordAudit(root: string, { cloud, at, ...audit }: RecordedAudit): Promise<string> {
  const folder = join(root, cloud)
  await privateFolder(folder)
  const file = fileIn(folder)
  await writePrivate(file, `${JSON.stringify({ version: 1, at, ...audit }, undefined, 2)}\n`)
  return file
}

/** `undefined` if none was recorded. Throws `InputError` for a file that is not ours, or not of this version. */
export async function readRecordedAudit(root: string, cloud: string): Promise<RecordedAudit | undefined> {
  const file = fileIn(join(root, cloud))
  const text = await readPrivate(file)
  if (text === undefined) return undefined
  const { success, data } = schema.safeParse(jsonIn(text))
  if (!success) throw new InputError(`\`${file}\` is not a recorded audit; \`audit --record\` writes it again`)
  const { version: _, findings, ...rest } = data
  return { cloud, ...rest, findings: findings.map(withoutAbsent) }
}

function withoutAbsent({ remedy, ...rest }: z.output<typeof finding>): Finding {
  return { ...rest, ...(remedy === undefined ? {} : { remedy }) }
}

function fileIn(folder: string): string {
  return join(folder, 'audit.json')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
