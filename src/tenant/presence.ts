import type { EvidenceRecord } from './evidence.ts'

/** What the evidence tells of the tenant that is there now, and not of one of the same name that was taken off the cloud before. */
export function sinceAbsence(records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  const gone = records.findLastIndex(
    (record) => record.kind === 'offboarding' && record.stage === 'absence' && record.ok,
  )
  return records.slice(gone + 1)
}
