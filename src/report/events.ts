import type { EvidenceRecord } from '../tenant/evidence.ts'
import { setAsideText } from './view/set-aside.ts'

/** Events of the tenant beside its stages: who got its secrets, what was rotated, what was removed. */
export type TenantEvent = { readonly at: string; readonly seq: number; readonly text: string }

export function eventsOf(records: readonly EvidenceRecord[]): readonly TenantEvent[] {
  return records.flatMap((record) => {
    const text = messageOf(record)
    return text === undefined ? [] : [{ at: record.at, seq: record.seq, text }]
  })
}

function messageOf(record: EvidenceRecord): string | undefined {
  switch (record.kind) {
    case 'run':
    case 'made':
    case 'gate':
      return undefined
    case 'handover':
      return record.recipient === undefined
        ? `the handover was written for anyone who has the files (${record.sha256})`
        : `the tenant's secrets were sealed to ${record.recipient} (${record.sha256})`
    case 'accepted':
      return `the tenant took over with its handover (${record.sha256})`
    case 'rotated':
      if (record.cluster !== undefined)
        return `${record.by} had the credential of cluster ${record.cluster} exchanged; the old one is gone`
      return `${record.by} gave the account ${record.account} a new secret; the old one is ${record.old}`
    case 'removed':
      return `${record.actor}: ${record.action} ${record.object.kind} ${record.object.name}`
    case 'offboarding':
      return `offboarding, stage ${record.stage}: ${record.ok ? 'its gate holds' : 'its gate does not hold'}`
    case 'set aside':
      return setAsideText(record)
    case 'note':
      return record.text
  }
}

/** Since it was last made or changed, the tenant has been offboarded, wholly or in part. */
export function isOffboarded(records: readonly EvidenceRecord[]): EvidenceRecord | undefined {
  const last = records.findLast(({ kind }) => kind === 'made' || kind === 'removed' || kind === 'offboarding')
  return last === undefined || last.kind === 'made' ? undefined : last
}
