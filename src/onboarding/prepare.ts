import type { Session } from '../openstack/session.ts'
import type { Digests } from '../tenant/evidence.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { takeInventory } from './inventory.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { preflight } from './preflight.ts'
import type { Preflight, PreflightOptions } from './preflight.ts'
import type { Known } from './resource.ts'
import { resourcesOf } from './stages.ts'

export type Prepared = {
  readonly preflight: Preflight
  /** Absent when preflight found that something is missing. */
  readonly planned?: Planned
}

export type Planned = { readonly plan: Plan; readonly known: Known }

/** Reads the cloud and decides: everything before the first change. */
export async function prepare(
  tenant: Tenant,
  operator: Session<'operator'>,
  sessions: Sessions,
  secrets: SecretStore,
  digests: Digests,
  options: PreflightOptions & { readonly adopt: boolean },
): Promise<Prepared> {
  const checked = await preflight(tenant, operator, options)
  if (!checked.isBuildable) return { preflight: checked }
  const resources = resourcesOf(tenant)
  const { inventory, known } = await takeInventory(resources, sessions, secrets, checked.perimeter)
  const plan = planOf(resources, inventory, known, digests, { adopt: options.adopt })
  return { preflight: checked, planned: { plan, known } }
}
