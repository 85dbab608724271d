import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { canonicalJson } from './canonical.ts'
import { recordOf } from './evidence.ts'
import type { BrokenChain, EvidenceRecord } from './evidence.ts'
import { sinceOffboarding } from './presence.ts'
import { writePrivate } from './private-file.ts'

export type SetAsideOptions = {
  /** Who does it, and why in their words. */
  readonly by: string
  readonly note: string
  readonly now: () => Date
}

/**
 * Keeps a broken chain beside, and begins a new one that says so. No gate of the old chain counts any more. Only the records
 * that say who holds the secrets are carried over, as far as the old chain is whole. After a crash the same call ends the
 * same. Returns the path of the broken chain. The caller holds the lock.
 */
export async function setAside(path: string, broken: BrokenChain, options: SetAsideOptions): Promise<string> {
  const { text, records, line, lines } = broken
  const { by, note, now } = options
  const sha256 = createHash('sha256').update(text).digest('hex')
  // named by its content, so that a second attempt writes the same file
  const beside = join(dirname(path), `evidence-set-aside-${sha256.slice(0, 12)}.jsonl`)
  await writePrivate(beside, text)
  const kept = custodyRecords(records)
  const entry = { kind: 'set aside', file: basename(beside), sha256, line, lines, by, note, kept } as const
  await writePrivate(path, `${canonicalJson(recordOf(entry, undefined, now()))}\n`)
  return beside
}

/** tenant/custody.ts reads them. */
function custodyRecords(records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  return sinceOffboarding(records).filter(({ kind }) => ['handover', 'accepted', 'rotated'].includes(kind))
}
