import type { Exchange } from '../openstack/exchange.ts'
import { openEvidence } from '../tenant/evidence.ts'
import type { Digests } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import type { Home } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { applyPlan } from './apply.ts'
import type { StageResult } from './apply.ts'
import type { ExternalAccess } from './external-access.ts'
import type { OpenProbe } from './gate.ts'
import type { Preflight } from './preflight.ts'
import { ResolvedResources } from './resource.ts'
import { forgetProof, sharedProof } from './shared-proof.ts'
import { preflightStage } from './stages/preflight.ts'

export type ProbeOptions = LockHolder & {
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
  readonly sessions: Sessions
  readonly digests: Digests
  readonly open: OpenProbe
  readonly external: ExternalAccess
  readonly exchanges: readonly Exchange[]
  readonly stop: AbortSignal
  readonly sleep: (milliseconds: number) => Promise<void>
}

/**
 * The stage `preflight` alone, proved again whatever was proved before: with throwaways, under the lock of the tenant, and
 * recorded. `read`: what was read just before.
 */
export function probePreflight(read: Preflight, options: ProbeOptions): Promise<StageResult | undefined> {
  const { home, now } = options
  return withLock(home.path, options, async () => {
    await makeHome(home)
    const evidence = await openEvidence(home.evidence, now)
    await forgetProof(home.proof)
    const stage = { ...preflightStage(read, sharedProof(now, home.proof)), isProbing: false }
    const plan = { steps: [], deferred: [], findings: [], digest: '' }
    const [result] = await applyPlan(plan, {
      ...options,
      stages: [stage],
      known: new ResolvedResources(read.shared),
      evidence,
      wait: true,
      progress: () => undefined,
    })
    return result
  })
}
