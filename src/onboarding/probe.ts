import type { Finding } from '../finding.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { openProbeRuns } from '../tenant/probe-runs.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { withLock } from '../tenant/lock.ts'
import type { Check } from '../tenant/stage.ts'
import { applyPlan } from './apply.ts'
import type { Prepared } from './prepare.ts'
import { ResolvedResources } from './resource.ts'
import type { Caller, OperatorContext } from './run.ts'
import { forgetProof } from './shared-proof.ts'
import { preflightStage } from './stages/preflight.ts'

export type Probed = {
  /** Whether the policy of the cloud was seen to work. */
  readonly ok: boolean
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
}

/** Further probes of the cloud, under the same lock. */
type FurtherProbes = (runs: ProbeRuns) => Promise<readonly Finding[]>

/**
 * The stage `preflight` alone, and its probes whatever was proved before. Leaves the gate in the evidence. The findings of `further` are
 * no part of it.
 */
export function probe(
  { preflight, findings }: Prepared,
  context: OperatorContext,
  { command, pid }: Pick<Caller, 'command' | 'pid'>,
  further?: FurtherProbes,
): Promise<Probed> {
  const { home, clock } = context
  return withLock(home.path, { command, pid, clock }, async () => {
    await makeHome(home)
    const evidence = await openRunEvidence(context, command)
    await forgetProof(home.proof)
    // the plan answers whether the tenant is absent or ours
    const read = { ...preflight, findings }
    const stage = { ...preflightStage(read, (gate) => context.prove(gate, context.open)), isProbing: false }
    const nothing = { steps: [], deferred: [], findings: [], digest: '' }
    const planned = { plan: nothing, stages: [stage], known: new ResolvedResources(preflight.shared) }
    const [result] = await applyPlan(planned, { ...context, evidence, progress: () => undefined })
    const more = (await further?.(await openProbeRuns(home, 'cloud'))) ?? []
    return { ok: result?.ok === true, checks: result?.checks ?? [], findings: [...(result?.findings ?? []), ...more] }
  })
}
