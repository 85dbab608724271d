/**
 * The services that keep quotas of a project, a row each: what can be limited there, how it is read, set and reset, what is in
 * use, and how to try whether one can raise one's own limit.
 */
import {
  deleteBlockStorageQuota,
  getBlockStorageQuota,
  getBlockStorageUsage,
  updateBlockStorageQuota,
} from './cinder.ts'
import { listClustersInDetail } from './magnum/clusters.ts'
import { deleteClusterQuota, getClusterQuota, updateClusterQuota } from './magnum/quotas.ts'
import { deleteNetworkQuota, getNetworkQuota, getNetworkUsage, updateNetworkQuota } from './neutron/quotas.ts'
import { deleteComputeQuota, getComputeQuota, getComputeUsage, updateComputeQuota } from './nova.ts'
import { deleteLoadBalancerQuota, getLoadBalancerQuota, listLoadBalancers, updateLoadBalancerQuota } from './octavia.ts'
import type { ServiceType } from './services.ts'
import { refusalOf } from './session.ts'
import type { Session } from './session.ts'

/** By the key under `quotas` in a tenant file, in the order in which people are told. */
export const quotaServices = ['compute', 'network', 'block_storage', 'load_balancer', 'container_infra'] as const
export type QuotaService = (typeof quotaServices)[number]

/** By key, as the service calls it; -1 is unlimited. */
export type Limits = Readonly<Record<string, number>>

/** What the service counts in. */
export type QuotaUnit = 'count' | 'MiB' | 'GiB'

export type QuotaKey = {
  readonly unit: QuotaUnit
  /** Whether it limits what the project has in all, and `usage` tells how much that is: held there, nothing can be added. */
  readonly boundsGrowth: boolean
  /** Its name in Keystone, where the service can keep it there for a project (unified limits). */
  readonly registeredAs?: string
}

export type Usage = {
  readonly used: number
  /** Of requests under way. */
  readonly reserved: number
  /** Where the service tells it in the same answer. */
  readonly limit?: number
}

export type QuotaRow = {
  /** In the catalog. */
  readonly type: ServiceType
  readonly keys: Readonly<Record<string, QuotaKey>>
  readonly read: (session: Session, projectId: string) => Promise<Limits>
  /** Changes only the named values. */
  readonly set: (session: Session, projectId: string, limits: Limits) => Promise<unknown>
  /** Back to the defaults of the cloud. Some services answer 404 when none was set. */
  readonly reset: (session: Session, projectId: string) => Promise<void>
  /** Whether `usage` tells the limits as well, so that one request answers both. */
  readonly tellsLimits: boolean
  /** By key. An operator reads it of any project. */
  readonly usage: (session: Session, projectId: string) => Promise<Readonly<Record<string, Usage>>>
  /** Raising one's own limit: the rule that decides it, and the key to try it with. */
  readonly raise: { readonly rule: string; readonly key: string }
}

const bounding = { unit: 'count', boundsGrowth: true } as const
/** For each of something, for each user, or of what nobody counts for us. */
const other = { unit: 'count', boundsGrowth: false } as const

export const quotaTable: Readonly<Record<QuotaService, QuotaRow>> = {
  compute: {
    type: 'compute',
    keys: {
      // nova 26.2.2, nova/limit/placement.py, LEGACY_LIMITS. Those of limit/local.py are registered for the whole cloud only.
      instances: { ...bounding, registeredAs: 'servers' },
      cores: { ...bounding, registeredAs: 'class:VCPU' },
      ram: { unit: 'MiB', boundsGrowth: true, registeredAs: 'class:MEMORY_MB' },
      key_pairs: other,
      server_groups: bounding,
      server_group_members: other,
    },
    read: getComputeQuota,
    set: updateComputeQuota,
    reset: deleteComputeQuota,
    tellsLimits: true,
    usage: async (session, projectId) => inUse(await getComputeUsage(session, projectId)),
    raise: { rule: 'os_compute_api:os-quota-sets:update', key: 'cores' },
  },
  network: {
    type: 'network',
    keys: {
      network: bounding,
      subnet: bounding,
      port: bounding,
      router: bounding,
      floatingip: bounding,
      security_group: bounding,
      security_group_rule: bounding,
      rbac_policy: bounding,
    },
    read: getNetworkQuota,
    set: updateNetworkQuota,
    reset: deleteNetworkQuota,
    tellsLimits: true,
    usage: getNetworkUsage,
    raise: { rule: 'network:update_quota', key: 'network' },
  },
  block_storage: {
    type: 'block-storage',
    keys: {
      volumes: bounding,
      gigabytes: { unit: 'GiB', boundsGrowth: true },
      snapshots: bounding,
      backups: bounding,
      backup_gigabytes: { unit: 'GiB', boundsGrowth: true },
      per_volume_gigabytes: { unit: 'GiB', boundsGrowth: false },
      groups: bounding,
    },
    read: getBlockStorageQuota,
    set: updateBlockStorageQuota,
    reset: deleteBlockStorageQuota,
    tellsLimits: true,
    usage: async (session, projectId) => inUse(await getBlockStorageUsage(session, projectId)),
    raise: { rule: 'volume_extension:quotas:update', key: 'volumes' },
  },
  load_balancer: {
    type: 'load-balancer',
    keys: { load_balancer: bounding, listener: other, pool: other, member: other, health_monitor: other },
    read: getLoadBalancerQuota,
    set: updateLoadBalancerQuota,
    reset: deleteLoadBalancerQuota,
    tellsLimits: false,
    usage: async (session, projectId) => {
      const balancers = await listLoadBalancers(session, { project_id: projectId })
      const kept = balancers.filter(({ provisioning_status }) => provisioning_status !== 'DELETED')
      return { load_balancer: { used: kept.length, reserved: 0 } }
    },
    raise: { rule: 'os_load-balancer_api:quota:put', key: 'load_balancer' },
  },
  container_infra: {
    type: 'container-infra',
    keys: { cluster: bounding },
    read: async (session, projectId) => ({ cluster: await getClusterQuota(session, projectId) }),
    set: (session, projectId, { cluster = 0 }) => updateClusterQuota(session, projectId, cluster),
    reset: deleteClusterQuota,
    tellsLimits: false,
    usage: async (session, projectId) => {
      const clusters = await listClustersInDetail(session)
      return { cluster: { used: clusters.filter(({ project_id }) => project_id === projectId).length, reserved: 0 } }
    },
    raise: { rule: 'quota:create', key: 'cluster' },
  },
}

/**
 * The limits, by the request that also tells the use where a service has one: with a memory both cost one request. Where that one
 * is refused (Neutron without `quota_details`), the limits alone.
 */
export async function readLimits(session: Session, service: QuotaService, projectId: string): Promise<Limits> {
  const { tellsLimits, usage, read } = quotaTable[service]
  if (!tellsLimits) return read(session, projectId)
  try {
    const told = await usage(session, projectId)
    return Object.fromEntries(
      Object.entries(told).flatMap(([key, { limit }]) => (limit === undefined ? [] : [[key, limit]])),
    )
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return read(session, projectId)
  }
}

type InUse = { readonly limit: number; readonly in_use: number; readonly reserved: number }

/** As Nova and Cinder tell it. */
function inUse(usage: Readonly<Record<string, InUse>>): Readonly<Record<string, Usage>> {
  return Object.fromEntries(
    Object.entries(usage).map(([key, { limit, in_use, reserved }]) => [key, { limit, used: in_use, reserved }]),
  )
}
