import type { Session } from '../openstack/session.ts'
import type { Evidence } from '../tenant/evidence.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Entrance } from './project-access.ts'
import type { UsableActors } from './actors.ts'
import type { Choice } from './actors.ts'
import type { KnownClusters, Unseen } from './reach.ts'
import type { Finding } from '../finding.ts'
import type { OffboardStage } from './stages.ts'
import type { TenantState } from './tenant-state.ts'

/** What an offboarding works with. Time comes in as an argument, so that tests need not wait. */
export type OffboardRun = {
  readonly tenant: Tenant
  readonly tenantState: TenantState
  readonly magnumDomain: string
  readonly clusters: KnownClusters
  readonly operator: Session<'operator'>
  /** The same, with what was read since the freeze. */
  readonly looked: Session<'operator'>
  readonly sessions: Sessions
  readonly actors: UsableActors
  readonly entrance: Entrance
  readonly evidence: Evidence
  readonly keepData: boolean
  readonly until?: OffboardStage | undefined
  /** Set by the first Ctrl-C: current work is finished, nothing else starts. */
  readonly stop: AbortSignal
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly progress: (event: OffboardProgress) => void
  /** What a look could not see; filled while the stages run. */
  readonly unseen: Unseen[]
  /** What a look found and could not attribute; filled while the stages run. */
  readonly remarks: Finding[]
}

/** For people, never for logic. */
export type OffboardProgress =
  | { readonly kind: 'stage'; readonly stage: OffboardStage; readonly state: 'started' | 'done' | 'failed' | 'stopped' }
  | {
      readonly kind: 'removed'
      readonly action: string
      readonly what: { readonly kind: string; readonly name: string }
      readonly by: Choice
    }
  | { readonly kind: 'waiting'; readonly stage: OffboardStage; readonly because: string }
