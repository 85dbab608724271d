import { frozenMark } from '../../tenant/names.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { EvidenceRecord } from '../../tenant/evidence.ts'
import { experiment, need } from '../experiment.ts'
import { objects } from './objects.ts'

export type Freeze = {
  /** Disabled, with the mark of a freeze: by that alone an unfreeze finds them. */
  readonly users: readonly User[]
  /** Names of limited quotas, as the evidence has them. */
  readonly quotas: readonly string[]
  /** ISO, as the evidence has it; absent if the freeze is not in it. */
  readonly at: string | undefined
}

/** What `offboard --until freeze` did to the tenant, and what holds of it; `undefined` if it is not frozen. */
export const freeze = experiment<Freeze | undefined>('freeze', 'did we freeze the tenant?', async (on, notes) => {
  const { users: all } = await need(on, objects)
  const { tenant, evidence } = on.subject
  const mark = frozenMark(tenant.spec.tenant)
  const users = all.filter(({ enabled, description }) => !enabled && description?.includes(mark) === true)
  const records = freezeRecords(evidence)
  const quotas = records.flatMap(({ action, object }) => (action === 'limit' ? [object.name] : []))
  const wasDisabled = records.some(({ action, object }) => action === 'disable' && object.kind === 'user')
  // accounts that were disabled and are not any more: somebody else undid it
  if (users.length === 0 && (wasDisabled || quotas.length === 0)) return undefined
  const at = records[0]?.at
  notes.saw(
    `disabled by a freeze${at === undefined ? '' : ` at ${at}`}: ${users.map(({ name }) => name).join(', ') || 'no account'}; limited by it, as the evidence has it: ${quotas.join(', ') || 'nothing'}`,
  )
  return { users, quotas, at }
})

type FreezeRecord = Extract<EvidenceRecord, { readonly kind: 'removed' }>

/** Of the last freeze; none after it was undone. */
function freezeRecords(evidence: readonly EvidenceRecord[]): readonly FreezeRecord[] {
  const all = evidence.filter((record) => record.kind === 'removed').filter(({ stage }) => stage === 'freeze')
  const undone = all.findLastIndex(
    ({ action, because }) => action === 'reset' || (action === 'enable' && because === undefined),
  )
  return all.slice(undone + 1).filter(({ action }) => action === 'disable' || action === 'limit')
}
