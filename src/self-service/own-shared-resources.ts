import { isBlocked } from '../finding.ts'
import { judgeMachines } from '../onboarding/preflight/machines.ts'
import { judgeNetwork } from '../onboarding/preflight/network.ts'
import { PreflightRecord } from '../onboarding/preflight/record.ts'
import type { Preflight } from '../onboarding/preflight.ts'
import { wantsOf } from '../onboarding/cloud-readings.ts'
import { SharedResources } from '../onboarding/shared-resources.ts'
import type { PerimeterChoice } from '../onboarding/shared-resources.ts'
import type { Stage } from '../onboarding/stage.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { listImages } from '../openstack/glance.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import { listNetworks } from '../openstack/neutron/networks.ts'
import { listSubnets } from '../openstack/neutron/subnets.ts'
import { listFlavors } from '../openstack/nova.ts'
import type { Session } from '../openstack/session.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'

/*
 * What the operator provides, as the tenant finds it by itself: the same choices as in preflight, from what a project
 * of the tenant can see.
 */

/** What the domain manager can find: the roles that it grants. */
export async function managerPerimeter(manager: Session<'manager'>): Promise<SharedResources> {
  return new SharedResources({ roles: await listRoles(manager), cidrs: {} })
}

/** A project, with a session of the account that makes clusters in it. */
export type CreatorAccess = {
  readonly project: TenantProject
  readonly id: string
  readonly session: Session<'creator'>
}

export async function ownPreflight(
  tenant: Tenant,
  roles: PerimeterChoice['roles'],
  creators: readonly [CreatorAccess, ...CreatorAccess[]],
): Promise<Preflight> {
  const [{ session: first }] = creators
  const { session, exchanges } = first.recording()
  const wants = wantsOf(tenant)
  const [images, flavors, externals, subnets] = await Promise.all([
    wants.cluster ? listImages(session, { visibility: 'public' }) : [],
    wants.cluster ? listFlavors(session) : [],
    wants.network ? listNetworks(session, { 'router:external': true }) : [],
    wants.network ? Promise.all(creators.map((identity) => listSubnets(identity.session))) : [],
  ])
  const seen = new Map(subnets.flat().map((subnet) => [subnet.id, subnet]))
  const ownProjects = new Map(creators.map(({ id, project }) => [id, project.names.project]))
  const record = new PreflightRecord(tenant, 'creator')
  const machines = wants.cluster ? judgeMachines(tenant, { images, flavors }, record) : {}
  const readings = { externals, subnets: [...seen.values()], ownProjects }
  const network = wants.network ? await judgeNetwork({ tenant, readings, record }) : { cidrs: {} }
  const requestIds = requestIdsOf(exchanges)
  return {
    shared: new SharedResources({ roles, ...machines, ...network }),
    isBuildable: !isBlocked(record.findings),
    checks: record.checks.map((check) => ({ ...check, requestIds })),
    findings: record.findings,
  }
}

/** The results, as the stage of that name. */
export function ownPreflightStage({ checks, findings }: Preflight): Stage {
  return {
    name: 'preflight',
    resources: () => [],
    gates: [
      {
        name: 'complete',
        check: (context) => {
          context.record(checks, findings)
          return Promise.resolve()
        },
      },
    ],
  }
}
