import { isBlocking } from '../finding.ts'
import { custodyOf } from './custody.ts'
import type { Custody } from './custody.ts'
import type { Digests, EvidenceRecord } from './evidence.ts'
import { sinceOffboarding } from './presence.ts'
import { operatorStageNames, stageNames } from './stage.ts'
import type { Check, StageName } from './stage.ts'

/** The state of a stage, from its evidence alone. */
export type StageStatus = {
  readonly stage: StageName
  readonly state: 'validated' | 'stale' | 'failed' | 'never run' | 'not asked' | 'held by the tenant'
  /** When the gate was last read, ISO. */
  readonly at?: string
  /** Which gate of the cluster stage holds. */
  readonly gate?: 'accepted' | 'complete'
  /** Why it is stale, or what failed. */
  readonly because?: string
  readonly checks: readonly Check[]
}

/**
 * Pure, and offline: the latest gate of each stage, compared with today's digests. `asked`: the stages that the tenant file
 * asks for. Where the file is not known, a gate without a claim stands for a stage that was not asked for.
 */
export function statusOf(
  all: readonly EvidenceRecord[],
  today: Digests,
  asked: ReadonlySet<StageName> | undefined,
): readonly StageStatus[] {
  const records = sinceOffboarding(all)
  const custody = custodyOf(records)
  return stageNames.map((stage) => {
    if (asked?.has(stage) === false) return { stage, state: 'not asked', checks: [] }
    if (custody.kind === 'handed over' && !operatorStageNames.has(stage)) return held(stage, custody)
    const gate = records.findLast((record) => record.kind === 'gate' && record.stage === stage)
    if (gate?.kind !== 'gate') return { stage, state: 'never run', checks: [] }
    const found = { stage, at: gate.at, checks: gate.checks, ...(stage === 'cluster' ? { gate: gate.gate } : {}) }
    if (!gate.ok) {
      const failed = gate.checks.filter((check) => !check.ok).map((check) => check.claim)
      const because = [...failed, ...gate.findings.filter(isBlocking).map((one) => one.message)]
      return { ...found, state: 'failed', because: because.join('; ') }
    }
    // it read nothing, so it shows nothing
    if (gate.checks.length === 0) return { stage, state: asked === undefined ? 'not asked' : 'never run', checks: [] }
    const stale = staleBecause(gate.digests, today)
    return stale === undefined ? { ...found, state: 'validated' } : { ...found, state: 'stale', because: stale }
  })
}

/** Nothing is to be done about it here. Only the tenant can validate what the tenant holds. */
export function isSettled({ state }: Pick<StageStatus, 'state'>): boolean {
  return state === 'validated' || state === 'not asked' || state === 'held by the tenant'
}

/** Only the first of its two gates holds. */
export function isAccepted({ gate, state }: Pick<StageStatus, 'gate' | 'state'>): boolean {
  return gate === 'accepted' && state === 'validated'
}

function held(stage: StageName, { at, recipient, isReset }: Custody & { readonly kind: 'handed over' }): StageStatus {
  const because = isReset
    ? `handed over to ${recipient}; its password was reset later, and \`handover --again\` delivers the new one`
    : `handed over to ${recipient}`
  return { stage, state: 'held by the tenant', at, because, checks: [] }
}

export function staleBecause(then: Digests, today: Digests): string | undefined {
  if (then.spec !== today.spec) return 'the tenant file has changed since'
  if (then.cloud !== today.cloud) return 'the cloud or its cloud.yaml has changed since'
  if (then.policy !== today.policy) return "the cloud's policy was changed from here since"
  return undefined
}
