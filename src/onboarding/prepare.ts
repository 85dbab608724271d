import type { Session } from '../openstack/session.ts'
import { InputError } from '../errors.ts'
import { custodyOf } from '../tenant/custody.ts'
import type { Custody } from '../tenant/custody.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { Digests } from '../tenant/evidence.ts'
import type { Home } from '../tenant/home.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { takeInventory } from './inventory.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { preflight } from './preflight.ts'
import type { Preflight, PreflightOptions } from './preflight.ts'
import type { ResolvedResources } from './resource.ts'
import type { Stage } from './stage.ts'
import { stages } from './stages.ts'
import { heldFinding, operatorStages } from './stages/envelope.ts'

export type Prepared = {
  readonly preflight: Preflight
  /** Absent if preflight found something missing. */
  readonly planned?: Planned
}

export type Planned = {
  readonly plan: Plan
  readonly known: ResolvedResources
  /**
   * The stages that the plan covers: everything after preflight, or the operator's part of a tenant that is handed
   * over.
   */
  readonly stages: readonly Stage[]
}

/**
 * Throws `InputError` for a data directory in which no operator works. Commands call it before they look for a cloud.
 */
export async function operatorCustody({ path, evidence }: Home): Promise<Exclude<Custody, { readonly kind: 'own' }>> {
  const custody = custodyOf(await readEvidence(evidence))
  if (custody.kind !== 'own') return custody
  throw new InputError(
    `\`${path}\` is the tenant's own data directory, made by \`accept\`; give the operator's command another one with \`--home FOLDER\``,
  )
}

/** Reads the cloud and decides: everything before the first change. */
export async function prepare(
  tenant: Tenant,
  operator: Session<'operator'>,
  sessions: Sessions,
  secrets: SecretStore,
  digests: Digests,
  options: PreflightOptions & { readonly adopt: boolean; readonly home: Home },
): Promise<Prepared> {
  const custody = await operatorCustody(options.home)
  const isHandedOver = custody.kind === 'handed over'
  const remembering = operator.snapshot()
  const checked = await preflight(tenant, remembering, options)
  if (!checked.isBuildable) return { preflight: checked }
  const chosen = isHandedOver ? operatorStages : stages
  const resources = chosen.flatMap((stage) => stage.resources(tenant))
  const { inventory, known } = await takeInventory(
    resources,
    sessions,
    secrets,
    checked.shared,
    new Map([[operator, remembering]]),
  )
  const plan = planOf(resources, inventory, known, digests, { adopt: options.adopt })
  const findings = isHandedOver ? [...plan.findings, heldFinding(tenant, custody)] : plan.findings
  return { preflight: checked, planned: { plan: { ...plan, findings }, known, stages: chosen } }
}
