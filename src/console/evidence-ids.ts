/**
 * Which ids the evidence of a tenant has, in four bytes each: so that a search for an id reads one file of a thousand. A hash may be
 * that of another id. So it only says which files need no look, and what is found comes from the file, whose chain is verified
 * (docs/decisions/0184).
 */
import type { EvidenceRecord } from '../tenant/evidence.ts'

export type EvidenceIds = Uint32Array

/** A tenant of ten thousand records has about as many. One with more is searched as a whole. */
const most = 60_000

/** `undefined`: too many to keep. */
export function idsOf(records: readonly EvidenceRecord[]): EvidenceIds | undefined {
  const hashes = new Set<number>()
  for (const { prev: _, hash: __, ...record } of records) {
    addIn(record, hashes)
    if (hashes.size > most) return undefined
  }
  return Uint32Array.from(hashes).sort()
}

/** False: no text of the evidence has this id, not even as a part. */
export function mayHaveId(known: EvidenceIds, id: string): boolean {
  const wanted = hashOf(id.toLowerCase())
  let low = 0
  let high = known.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((known[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return known[low] === wanted
}

/** An id that nobody types in part: hexadecimal, with or without dashes, or of a request. Other texts may be parts of words. */
export function isWholeId(text: string): boolean {
  return wholeId.test(text)
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const wholeId = new RegExp(`^(?:(?:req-)?${uuid}|[0-9a-f]{32})$`, 'i')
const everyId = new RegExp(`(?:req-)?${uuid}|[0-9a-f]{32}`, 'gi')

function addIn(value: unknown, hashes: Set<number>): void {
  if (typeof value === 'string') {
    // most texts are too short for one
    if (value.length < 32) return
    for (const [id] of value.matchAll(everyId)) {
      const lower = id.toLowerCase()
      hashes.add(hashOf(lower))
      if (lower.startsWith('req-')) hashes.add(hashOf(lower.slice(4)))
    }
  } else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) addIn(one, hashes)
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
