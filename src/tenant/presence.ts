import type { EvidenceRecord } from './evidence.ts'

/** Records from before an offboarding say nothing about a tenant that came later. */
export function sinceOffboarding(all: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  const gone = all.findLastIndex((record) => record.kind === 'offboarding' && record.stage === 'absence' && record.ok)
  return all.slice(gone + 1)
}
