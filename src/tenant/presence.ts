import type { EvidenceRecord } from './evidence.ts'

/** What was recorded before the tenant was taken off the cloud says nothing of one that came after. */
export function sinceOffboarding(all: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  const gone = all.findLastIndex((record) => record.kind === 'offboarding' && record.stage === 'absence' && record.ok)
  return all.slice(gone + 1)
}
