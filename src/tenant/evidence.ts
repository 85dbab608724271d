import { createHash } from 'node:crypto'
import { truncate } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { visibleJson } from '../visible.ts'
import type { Finding } from '../finding.ts'
import type { Exchange } from '../openstack/exchange.ts'
import type { Account, Actor } from './actors.ts'
import { canonicalJson } from './canonical.ts'
import { appendPrivate, readPrivate } from './private-file.ts'
import type { UsedCloud } from './used-cloud.ts'
import type { Check, OperatorPoint, StageName } from './stage.ts'

/**
 * The record of what a gate read and of what was made: JSON lines, append-only, each with the hash of the line before
 * it. Correctness does not depend on it (the cloud is the truth); status and reports are computed from it.
 */

/** What a gate's verdict was about. If one of these differs today, the verdict is stale. */
export type Digests = {
  readonly spec: string
  /** Keystone's address and the facts about the cloud. */
  readonly cloud: string
  /** Mark of the latest change of the cloud's policy from here (tenant/policy-mark.ts); absent: none. */
  readonly policy?: string | undefined
}

export type RequestRecord = {
  readonly id?: string | undefined
  readonly actor: string
  readonly service: string
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Absent if no answer came. */
  readonly status?: number | undefined
  /** The server's clock, ISO. */
  readonly at?: string | undefined
  readonly ms: number
}

export type Entry =
  | {
      /** A command that records something begins. What follows was seen and done there. */
      readonly kind: 'run'
      readonly command: string
      readonly cloud: UsedCloud
    }
  | {
      readonly kind: 'made'
      readonly step: string
      readonly actor: Actor
      readonly action: 'create' | 'adopt' | 'update'
      readonly object: { readonly kind: string; readonly name: string; readonly id?: string | undefined }
      readonly requestIds: readonly string[]
    }
  | {
      readonly kind: 'gate'
      readonly stage: StageName
      /** `accepted` is the first of the two gates of the cluster stage. */
      readonly gate: 'accepted' | 'complete'
      readonly ok: boolean
      readonly digests: Digests
      readonly checks: readonly Check[]
      readonly findings: readonly Finding[]
      /** Only in a run without an operator: the places where an operator would read. */
      readonly withoutOperator?: readonly OperatorPoint[]
      /** Latest `Date` header that a service sent while the gate was read. */
      readonly serverTime?: string | undefined
      readonly milliseconds: number
      /** When the stage began, or when its first gate was read: steps and gate took from then to `at`. */
      readonly began?: string | undefined
      /** The requests of that time. A service's log has their ids. */
      readonly requests?: readonly RequestRecord[] | undefined
    }
  | {
      /** What an offboarding deleted, disabled or set. */
      readonly kind: 'removed'
      readonly stage: string
      readonly actor: Actor
      readonly action: 'delete' | 'disable' | 'enable' | 'limit' | 'reset' | 'enter' | 'leave'
      readonly object: { readonly kind: string; readonly name: string; readonly id: string }
      /** Why the operator did it, not the actor that made it. */
      readonly because?: string | undefined
      readonly requestIds: readonly string[]
    }
  | {
      /** What was read after a stage of an offboarding; with `ids` before the first, with `absence` after the last. */
      readonly kind: 'offboarding'
      readonly stage: string
      readonly ok: boolean
      /** Ids that other services keep after Keystone has forgotten them, or Magnum its clusters. */
      readonly ids?:
        | {
            readonly projects: readonly string[]
            readonly users: readonly string[]
            /** By name: their leftovers carry no other mark. */
            readonly clusters: readonly string[]
            readonly clusterIds?: readonly string[] | undefined
            /** Of `projects`, those that Keystone did not know any more when an offboarding first saw them. */
            readonly lost?: readonly string[] | undefined
          }
        | undefined
      readonly checks: readonly Check[]
      readonly findings: readonly Finding[]
    }
  | {
      /** The content of the handover. */
      readonly kind: 'handover'
      /** The age recipient that can open it; absent: anyone with the files can read it. */
      readonly recipient?: string | undefined
      /** Of the sealed file; of readable files, of the list that `sha256sum` prints of them in the order of `files`. */
      readonly sha256: string
      readonly files: readonly string[]
    }
  | {
      /** The tenant's own data directory, made from its handover. */
      readonly kind: 'accepted'
      readonly sha256: string
      /** The last record of the operator's evidence, as the handover names it. */
      readonly operatorHead?: string | undefined
    }
  | {
      readonly kind: 'rotated'
      readonly account: Account
      /** Where a cluster of the account got a new credential, and the account no new secret. */
      readonly cluster?: string | undefined
      /** The account that set the new secret. */
      readonly by: Actor
      /** What became of the old secret: it is refused, or nobody here knew it. */
      readonly old: 'refused' | 'not known here'
      readonly requestIds: readonly string[]
    }
  | {
      /** The first record of a chain that follows a broken one. */
      readonly kind: 'set aside'
      /** The broken chain, in the same folder, and the hash of its bytes. */
      readonly file: string
      readonly sha256: string
      /** The line where it breaks, from 1, and how many it has. */
      readonly line: number
      readonly lines: number
      /** Who set it aside, and why in their words. */
      readonly by: string
      readonly note: string
      /** From before the break: the records that say who holds the secrets. */
      readonly kept: readonly EvidenceRecord[]
    }
  | { readonly kind: 'note'; readonly text: string }

export type EvidenceRecord = Entry & {
  readonly seq: number
  readonly at: string
  readonly prev: string
  readonly hash: string
}

export type Evidence = {
  readonly records: readonly EvidenceRecord[]
  append: (entry: Entry) => Promise<EvidenceRecord>
}

const genesis = 'sha256:' + '0'.repeat(64)

/**
 * For commands that only read. Skips a last line without its end, which a crash leaves. A complete line that does not verify is a
 * broken chain, also the last one: an `InputError`.
 */
export async function readEvidence(path: string): Promise<readonly EvidenceRecord[]> {
  return (await parseWhole(path)).records
}

/** Ids of what onboarding made or took over. */
export function madeIds(records: readonly EvidenceRecord[]): ReadonlySet<string> {
  return new Set(records.flatMap((one) => (one.kind === 'made' ? (one.object.id ?? []) : [])))
}

/** A chain that breaks somewhere. */
export type BrokenChain = {
  readonly text: string
  /** The records before the break. */
  readonly records: readonly EvidenceRecord[]
  /** The line of the break, from 1, and how many there are. */
  readonly line: number
  readonly lines: number
}

/** `undefined` if the chain is whole. */
export async function readBroken(path: string): Promise<BrokenChain | undefined> {
  const { text, records, brokenAt, lines } = await parseEvidence(path)
  return brokenAt === undefined ? undefined : { text, records, line: brokenAt, lines }
}

/** Written to by run-evidence.ts. Cuts off a last line without its end, and a note records that. */
export async function openEvidence(path: string, now: () => Date): Promise<Evidence> {
  const { records: stored, size: wholeSize, torn } = await parseWhole(path)
  const records = [...stored]
  let size = wholeSize
  // one append at a time, because two would name the same predecessor
  let queue: Promise<unknown> = Promise.resolve()
  const appendNow = async (entry: Entry): Promise<EvidenceRecord> => {
    const record = recordOf(entry, records.at(-1), now())
    size = await appendPrivate(path, visibleJson(canonicalJson(record)), size)
    records.push(record)
    return record
  }
  if (torn > 0) {
    await truncate(path, size)
    await appendNow({
      kind: 'note',
      text: `a record of ${torn} bytes was cut off while it was written, and is skipped`,
    })
  }
  return {
    records,
    append: (entry) => {
      const next = queue.then(() => appendNow(entry))
      queue = next.catch(() => undefined)
      return next
    },
  }
}

/** `last` is the record before it; absent: it begins a chain. */
export function recordOf(entry: Entry, last: EvidenceRecord | undefined, at: Date): EvidenceRecord {
  const body = { ...entry, seq: (last?.seq ?? 0) + 1, at: at.toISOString(), prev: last?.hash ?? genesis }
  return { ...body, hash: hashOf(body) }
}

/** The part of an exchange that the evidence keeps. */
export function requestRecord(exchange: Exchange): RequestRecord {
  const { requestId: id, actor, service, method, path, status, date: at, ms } = exchange
  return { id, actor, service, method, path, status, at, ms }
}

function hashOf(body: object): string {
  return hashOfText(canonicalJson(body))
}

function hashOfText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

type Parsed = {
  readonly text: string
  /** Up to the break, if there is one. */
  readonly records: readonly EvidenceRecord[]
  /** Bytes of the complete lines. */
  readonly size: number
  /** Bytes after them, which a crash left. */
  readonly torn: number
  /** The line, from 1, that does not follow the one before it. */
  readonly brokenAt?: number
  /** Complete lines. */
  readonly lines: number
}

async function parseWhole(path: string): Promise<Parsed> {
  const parsed = await parseEvidence(path)
  if (parsed.brokenAt === undefined) return parsed
  throw new InputError([
    {
      file: path,
      line: parsed.brokenAt,
      message: 'the chain of evidence is broken here: this line does not follow the line before it',
      hint: 'a disk fault, an edit or an old copy does that; `evidence set-aside` keeps the file and begins a new chain',
    },
  ])
}

async function parseEvidence(path: string): Promise<Parsed> {
  const text = await readPrivate(path)
  if (text === undefined) return { text: '', records: [], size: 0, torn: 0, lines: 0 }
  const lines = text.split('\n')
  // a record and the end of its line are one write, so what has an end was whole
  const tail = lines.pop() ?? ''
  const records: EvidenceRecord[] = []
  let prev = genesis
  let offset = 0
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(line)
    if (record?.prev !== prev || !isIntact(record, line))
      return { text, records, size: offset, torn: 0, brokenAt: index + 1, lines: lines.length }
    records.push(record)
    prev = record.hash
    offset += Buffer.byteLength(line) + 1
  }
  return { text, records, size: offset, torn: Buffer.byteLength(tail), lines: lines.length }
}

/** Of ten thousand lines nearly all are as we wrote them: then the line without its hash is the text that was hashed. */
function isIntact(record: EvidenceRecord, line: string): boolean {
  const { hash, ...body } = record
  if (hash === hashOfText(line.replace(`"hash":"${hash}",`, ''))) return true
  try {
    return hash === hashOf(body)
  } catch {
    // more levels than the stack has: no record of ours
    return false
  }
}

function parseRecord(line: string): EvidenceRecord | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The hash protects the rest: only we write records, and a changed one does not match. */
function isRecord(value: unknown): value is EvidenceRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'hash' in value &&
    'prev' in value &&
    'seq' in value &&
    'kind' in value
  )
}
