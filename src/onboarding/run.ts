import type { Exchange } from '../openstack/exchange.ts'
import type { Digests, Evidence } from '../tenant/evidence.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { OpenProbe } from './gate.ts'
import type { ExternalAccess } from './external-access.ts'
import type { Progress } from './progress.ts'
import type { ResolvedResources } from './resource.ts'
import type { Stage } from './stage.ts'

/** What a run of `applyPlan` works with. Time comes in as an argument, so that tests need not wait. */
export type Run = {
  readonly tenant: Tenant
  readonly stages: readonly Stage[]
  readonly known: ResolvedResources
  readonly sessions: Sessions
  readonly secrets: SecretStore
  readonly evidence: Evidence
  readonly digests: Digests
  readonly until?: StageName | undefined
  /** `false` stops after the first gate of a stage that has two. */
  readonly wait: boolean
  /** Set by the first Ctrl-C: the current steps are finished, and no other one starts. */
  readonly stop: AbortSignal
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly progress: (event: Progress) => void
  readonly open: OpenProbe
  readonly external: ExternalAccess
  /** Every request of the command so far. Each gate records those of its stage. */
  readonly exchanges?: readonly Exchange[]
}
