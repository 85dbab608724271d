/** Quotas of a tenant that is being offboarded: limited to what is in use, restored, or reset. */
import { hasService } from '../probes/services.ts'
import { quotaServices, readQuota, writeQuota } from '../onboarding/quota.ts'
import type { QuotaService } from '../onboarding/quota.ts'
import type { ServiceType } from '../openstack/catalog.ts'
import { deleteBlockStorageQuota, getBlockStorageUsage } from '../openstack/cinder.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import { deleteClusterQuota } from '../openstack/magnum/quotas.ts'
import { deleteNetworkQuota, getNetworkUsage } from '../openstack/neutron/quotas.ts'
import { deleteComputeQuota, getComputeUsage } from '../openstack/nova.ts'
import { deleteLoadBalancerQuota, listLoadBalancers } from '../openstack/octavia.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'

type Operator = Session<'operator'>
type Limits = Readonly<Record<string, number>>

const types: Readonly<Record<QuotaService, ServiceType>> = {
  compute: 'compute',
  network: 'network',
  block_storage: 'block-storage',
  load_balancer: 'load-balancer',
  container_infra: 'container-infra',
}

/** Its name in the evidence. */
export function quotaOf(
  { id, name }: { readonly id: string; readonly name: string },
  service: QuotaService,
): { readonly kind: string; readonly name: string; readonly id: string } {
  return { kind: 'quota', name: `${service.replace('_', ' ')} of ${name}`, id }
}

/** The services of this cloud that have quotas. */
export async function quotaServicesOf(operator: Operator): Promise<readonly QuotaService[]> {
  const there = await Promise.all(quotaServices.map((service) => hasService(operator, types[service])))
  return quotaServices.filter((_, index) => there[index])
}

/** The quotas that bound growth, limited to what is in use now. Quotas per user (keypairs) are left alone. */
const inUse: Readonly<Record<QuotaService, (operator: Operator, projectId: string) => Promise<Limits>>> = {
  compute: async (operator, id) =>
    used(await getComputeUsage(operator, id), 'in_use', ['instances', 'cores', 'ram', 'server_groups']),
  network: async (operator, id) =>
    used(await getNetworkUsage(operator, id), 'used', [
      'network',
      'subnet',
      'port',
      'router',
      'floatingip',
      'security_group',
      'security_group_rule',
      'rbac_policy',
    ]),
  block_storage: async (operator, id) =>
    used(await getBlockStorageUsage(operator, id), 'in_use', [
      'volumes',
      'gigabytes',
      'snapshots',
      'backups',
      'backup_gigabytes',
      'groups',
    ]),
  load_balancer: async (operator, id) => ({
    load_balancer: (await listLoadBalancers(operator, { project_id: id })).length,
  }),
  container_infra: async (operator, id) => ({
    cluster: (await listClustersInDetail(operator)).filter(({ project_id }) => project_id === id).length,
  }),
}

function used<K extends string>(
  usage: Readonly<Record<string, Readonly<Record<K, number>>>>,
  key: K,
  resources: readonly string[],
): Limits {
  return Object.fromEntries(
    resources.flatMap((resource) => {
      const count = usage[resource]?.[key]
      return count === undefined ? [] : [[resource, count]]
    }),
  )
}

/** A stack that is being made continues to make things between the reading and the setting. */
const attempts = 5

/**
 * True if something had to be set. Nova accepts no limit below what is in use (400; nova 26.2.2,
 * nova/api/openstack/compute/quota_sets.py, `_validate_quota_limit`), so the use is read again after such an answer.
 */
export async function limitToUse(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await limitOnce(operator, service, projectId)
    } catch (error) {
      if (refusalOf(error) !== 400 || attempt === attempts) throw error
    }
  }
}

async function limitOnce(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  const [limits, now] = await Promise.all([
    inUse[service](operator, projectId),
    readQuota(operator, service, projectId),
  ])
  const wanted = Object.fromEntries(Object.entries(limits).filter(([key, limit]) => now[key] !== limit))
  if (Object.keys(wanted).length === 0) return false
  await writeQuota(operator, service, projectId, wanted)
  return true
}

const resets: Readonly<Record<QuotaService, (operator: Operator, projectId: string) => Promise<void>>> = {
  compute: deleteComputeQuota,
  network: deleteNetworkQuota,
  block_storage: deleteBlockStorageQuota,
  load_balancer: deleteLoadBalancerQuota,
  container_infra: deleteClusterQuota,
}

/** True if one had been set. */
export async function resetQuota(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  try {
    await resets[service](operator, projectId)
    return true
  } catch (error) {
    if (refusalOf(error) === 404) return false
    throw error
  }
}
