import type { Actor } from '../tenant/actors.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { Check, StageName } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { resourcesOf } from '../onboarding/stages.ts'
import { textsIn } from './probe-record.ts'

/** One thing that the tenant consists of: specified, made by an actor, and last read at a time. */
export type StageStanding = {
  /** `network/router`, as in plans and evidence. */
  readonly id: string
  readonly stage: StageName
  readonly kind: string
  readonly name: string
  /** The actor that makes it. */
  readonly actor: Actor
  /** The cloud's id; absent if it was not seen, or if it has none. */
  readonly objectId?: string | undefined
  readonly made?: Made | undefined
  /** The latest reading by a gate. Absent: none. */
  readonly read?: { readonly at: string; readonly ok: boolean } | undefined
}

export type Made = {
  readonly action: 'create' | 'adopt' | 'update'
  readonly at: string
  readonly actor: Actor
  readonly requestIds: readonly string[]
}

export type ReadCheck = Check & { readonly at: string; readonly stage: StageName }

export function standingOf(
  tenant: Tenant,
  records: readonly EvidenceRecord[],
  checks: readonly ReadCheck[],
): readonly StageStanding[] {
  return resourcesOf(tenant).map(({ id, stage, kind, name, identity }) => {
    const record = records.findLast((one) => one.kind === 'made' && one.step === id)
    const made = record?.kind === 'made' ? record : undefined
    const about = checks.filter((check) => check.about === id)
    const objectId = idOf(made?.object.id) ?? idOf(about.map(({ value }) => textsIn(value)['id']).find(idOf))
    const [first] = about
    return {
      id,
      stage,
      kind,
      name,
      actor: identity.actor,
      objectId,
      made: made && { action: made.action, at: made.at, actor: made.actor, requestIds: made.requestIds },
      read: first && { at: first.at, ok: about.every(({ ok }) => ok) },
    }
  })
}

function idOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
