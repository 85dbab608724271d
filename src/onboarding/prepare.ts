import type { Finding } from '../finding.ts'
import { madeIds, readEvidence } from '../tenant/evidence.ts'
import { protectionOf } from '../tenant/protected-domains.ts'
import { takeInventory } from './inventory.ts'
import { planOf } from './plan.ts'
import type { Planned } from './plan.ts'
import { quotasBelowCluster } from './cluster-quota.ts'
import { quotasBelowUse } from './quota-use.ts'
import { preflight } from './preflight.ts'
import type { Preflight } from './preflight.ts'
import type { OperatorContext } from './run.ts'
import { stagesThrough } from './stage.ts'
import { stages } from './stages.ts'
import { domainOf } from './stages/domain.ts'
import { heldFinding, operatorStages } from './stages/envelope.ts'
import { preflightStage } from './stages/preflight.ts'

export type Prepared = {
  readonly preflight: Preflight
  /** Absent if preflight found something missing. */
  readonly planned?: Planned
  /** Of preflight and of the plan. */
  readonly findings: readonly Finding[]
}

/**
 * Reads the cloud and decides: everything before the first change. The plan is of all that comes after preflight, or of
 * what is left to an operator once a tenant is handed over.
 */
export async function prepare(context: OperatorContext): Promise<Prepared> {
  const { tenant, operator, custody, options, digests } = context
  const remembering = operator.snapshot()
  const [checked, refusal] = await Promise.all([
    preflight(context, remembering),
    protectionOf(remembering, tenant, { trustsMarker: true }),
  ])
  if (refusal !== undefined) return { preflight: checked, findings: [...checked.findings, refusal] }
  if (!checked.isBuildable) return { preflight: checked, findings: checked.findings }
  const chosen = custody.kind === 'handed over' ? operatorStages : stages
  const resources = chosen.flatMap((stage) => stage.resources(tenant))
  const remembered = new Map([[operator, remembering]])
  const recorded = madeIds(await readEvidence(context.home.evidence))
  const inventory = await takeInventory(resources, context, { shared: checked.shared, recorded, remembered })
  const made = planOf(resources, inventory, { digests, adopt: options.adopt, enable: options.enable ?? [] })
  const domain = inventory.known.get(domainOf(tenant))
  const above = domain === undefined ? [] : await quotasBelowUse(tenant, remembering, domain.id)
  const held = custody.kind === 'handed over' ? [heldFinding(tenant, custody)] : []
  const plan = { ...made, findings: [...made.findings, ...above, ...quotasBelowCluster(tenant), ...held] }
  const all = [preflightStage(checked, (gate) => context.prove(gate, context.open)), ...chosen]
  return {
    preflight: checked,
    planned: { plan, known: inventory.known, stages: stagesThrough(all, tenant, plan.appliesThrough, options.until) },
    findings: [...checked.findings, ...plan.findings],
  }
}
