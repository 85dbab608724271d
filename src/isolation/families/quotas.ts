/** A limit that a tenant can raise is no limit. These probes use a throwaway project of the tenant. */
import type { ServiceType } from '../../openstack/catalog.ts'
import { deleteBlockStorageQuota, getBlockStorageQuota, updateBlockStorageQuota } from '../../openstack/cinder.ts'
import { deleteClusterQuota, getClusterQuota, updateClusterQuota } from '../../openstack/magnum/quotas.ts'
import { deleteNetworkQuota, getNetworkQuota, updateNetworkQuota } from '../../openstack/neutron/quotas.ts'
import { deleteComputeQuota, getComputeQuota, updateComputeQuota } from '../../openstack/nova.ts'
import { deleteLoadBalancerQuota, getLoadBalancerQuota, updateLoadBalancerQuota } from '../../openstack/octavia.ts'
import type { Session } from '../../openstack/session.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { hasService } from '../../probes/services.ts'

type Limit = {
  readonly service: ServiceType
  readonly rule: string
  readonly update: (session: Session, projectId: string) => Promise<unknown>
  readonly get: (session: Session, projectId: string) => Promise<number | undefined>
  readonly reset: (session: Session, projectId: string) => Promise<void>
}

/** A number that is no default. */
const RAISED = 4711

const limits: readonly Limit[] = [
  {
    service: 'compute',
    rule: 'os_compute_api:os-quota-sets:update',
    update: (session, project) => updateComputeQuota(session, project, { cores: RAISED }),
    get: async (session, project) => (await getComputeQuota(session, project))['cores'],
    reset: deleteComputeQuota,
  },
  {
    service: 'network',
    rule: 'network:update_quota',
    update: (session, project) => updateNetworkQuota(session, project, { network: RAISED }),
    get: async (session, project) => (await getNetworkQuota(session, project))['network'],
    reset: deleteNetworkQuota,
  },
  {
    service: 'block-storage',
    rule: 'volume_extension:quotas:update',
    update: (session, project) => updateBlockStorageQuota(session, project, { volumes: RAISED }),
    get: async (session, project) => (await getBlockStorageQuota(session, project))['volumes'],
    reset: deleteBlockStorageQuota,
  },
  {
    service: 'load-balancer',
    rule: 'os_load-balancer_api:quota:put',
    update: (session, project) => updateLoadBalancerQuota(session, project, { load_balancer: RAISED }),
    get: async (session, project) => (await getLoadBalancerQuota(session, project))['load_balancer'],
    reset: deleteLoadBalancerQuota,
  },
  {
    service: 'container-infra',
    rule: 'quota:create',
    update: (session, project) => updateClusterQuota(session, project, RAISED),
    get: getClusterQuota,
    reset: deleteClusterQuota,
  },
]

export async function probeQuotas(family: Family, { own, operator, throwaways }: VerificationFixture): Promise<void> {
  const as = own.account
  const { id: projectId, name } = as.project
  await Promise.all(
    limits.map(async ({ service, rule, update, get, reset }) => {
      if (!(await hasService(as.session, service))) return
      await family.check({
        id: service,
        claim: `an account cannot raise its own limits (${service})`,
        as,
        whom: 'a throwaway project of its own',
        rule,
        expected: 'refused',
        code: 'isolation/quota',
        ask: (session) =>
          throwaways.make({
            kind: `${service} quota of`,
            name,
            create: () => update(session, projectId),
            find: () => Promise.resolve(projectId),
            remove: () => reset(operator, projectId),
          }),
        effect: async () => (await get(operator, projectId)) === RAISED,
      })
    }),
  )
}
