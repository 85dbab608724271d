import type { Finding } from '../finding.ts'
import { madeIds, readEvidence } from '../tenant/evidence.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
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
  const { tenant, operator, custody, options, digests, sessions } = context
  const remembering = sessions.look(operator)
  const chosen = custody.kind === 'handed over' ? operatorStages : stages
  const resources = chosen.flatMap((stage) => stage.resources(tenant))
  const recorded = madeIds(await readEvidence(context.home.evidence))
  const checking = preflight(context, remembering)
  // what the tenant has does not depend on what the operator provides
  const provided = checking.then(({ shared }) => shared)
  const looking = takeInventory(resources, context, { shared: provided, recorded })
  const using = findDomain(remembering, tenant.names.domain).then((domain) =>
    domain === undefined ? [] : quotasBelowUse(tenant, remembering, domain.id),
  )
  // what preflight says comes first, and may say why nobody can look
  for (const one of [provided, looking, using]) one.catch(() => undefined)
  const [checked, refusal] = await Promise.all([checking, protectionOf(remembering, tenant, { trustsMarker: true })])
  if (refusal !== undefined) return { preflight: checked, findings: [...checked.findings, refusal] }
  if (!checked.isBuildable) return { preflight: checked, findings: checked.findings }
  const inventory = await looking
  const made = planOf(resources, inventory, { digests, adopt: options.adopt, enable: options.enable ?? [] })
  const above = await using
  const held = custody.kind === 'handed over' ? [heldFinding(tenant, custody)] : []
  const plan = { ...made, findings: [...made.findings, ...above, ...quotasBelowCluster(tenant), ...held] }
  const all = [preflightStage(checked, (gate) => context.prove(gate, context.open)), ...chosen]
  return {
    preflight: checked,
    planned: { plan, known: inventory.known, stages: stagesThrough(all, tenant, plan.appliesThrough, options.until) },
    findings: [...checked.findings, ...plan.findings],
  }
}
