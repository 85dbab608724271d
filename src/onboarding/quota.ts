import { getBlockStorageQuota, updateBlockStorageQuota } from '../openstack/cinder.ts'
import { getClusterQuota, updateClusterQuota } from '../openstack/magnum/quotas.ts'
import { getNetworkQuota, updateNetworkQuota } from '../openstack/neutron/quotas.ts'
import { getComputeQuota, updateComputeQuota } from '../openstack/nova.ts'
import { getLoadBalancerQuota, updateLoadBalancerQuota } from '../openstack/octavia.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { Session } from '../openstack/session.ts'
import type { TenantProject } from '../tenant/tenant.ts'
import { differing } from './resource.ts'
import type { Resource } from './resource.ts'

/** The services that have project quotas, by their key under `quotas` in a tenant file. */
export const quotaServices = ['compute', 'network', 'block_storage', 'load_balancer', 'container_infra'] as const
export type QuotaService = (typeof quotaServices)[number]

type Limits = Readonly<Record<string, number>>

const readers: Readonly<Record<QuotaService, (session: Session, projectId: string) => Promise<Limits>>> = {
  compute: getComputeQuota,
  network: getNetworkQuota,
  block_storage: getBlockStorageQuota,
  load_balancer: getLoadBalancerQuota,
  container_infra: async (session, projectId) => ({ cluster: await getClusterQuota(session, projectId) }),
}

const writers: Readonly<
  Record<QuotaService, (session: Session, projectId: string, limits: Limits) => Promise<unknown>>
> = {
  compute: updateComputeQuota,
  network: updateNetworkQuota,
  block_storage: updateBlockStorageQuota,
  load_balancer: updateLoadBalancerQuota,
  container_infra: (session, projectId, { cluster = 0 }) => updateClusterQuota(session, projectId, cluster),
}

export function readQuota(session: Session, service: QuotaService, projectId: string): Promise<Limits> {
  return readers[service](session, projectId)
}

export async function writeQuota(
  session: Session<'operator'>,
  service: QuotaService,
  projectId: string,
  limits: Limits,
): Promise<void> {
  await writers[service](session, projectId, limits)
}

/** The values in a tenant file for one service, without those that it leaves to the cloud. */
export function wantedOf(project: TenantProject, service: QuotaService): Limits {
  const asked: Readonly<Record<string, number | undefined>> = project.spec.quotas[service] ?? {}
  return Object.fromEntries(Object.entries(asked).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

/** Made by the manager, or only seen by the operator. */
type ProjectResource = Resource<Project, 'manager'> | Resource<Project, 'operator'>

export type QuotaResource = Resource<Limits, 'operator'> & { readonly service: QuotaService; readonly wanted: Limits }

/** One for each service that the tenant file names. Every project has quotas, so these are never created, only set. */
export function quotasOf(project: TenantProject, of: ProjectResource): readonly QuotaResource[] {
  const services = quotaServices.filter((service) => Object.keys(wantedOf(project, service)).length > 0)
  return services.map((service) => quotaOf(project, of, service))
}

function quotaOf(project: TenantProject, of: ProjectResource, service: QuotaService): QuotaResource {
  const wanted = wantedOf(project, service)
  const set = async (session: Session<'operator'>, projectId: string): Promise<Limits> => {
    await writers[service](session, projectId, wanted)
    return wanted
  }
  return {
    service,
    wanted,
    id: `${project.prefix}self-service/quota-${service.replace('_', '-')}`,
    stage: 'self-service',
    kind: 'quota',
    name: `${service.replace('_', ' ')} quota of ${project.names.project}`,
    identity: { actor: 'operator' },
    inside: [of.id],
    needs: [],
    observe: async ({ session, known }) => [await readQuota(session, service, known.need(of).id)],
    compare: (found) => ({ isOurs: true, changes: differing(wanted, found) }),
    create: ({ session, known }) => set(session, known.need(of).id),
    update: ({ session, known }) => set(session, known.need(of).id),
  }
}
