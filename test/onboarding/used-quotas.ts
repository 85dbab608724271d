/** What a project has in use of each quota that a cluster takes, as the services tell it. */
import { countLoadBalancerParts } from '../../src/openstack/octavia.ts'
import { quotaTable } from '../../src/openstack/quotas.ts'
import type { Limits } from '../../src/openstack/quotas.ts'
import type { Session } from '../../src/openstack/session.ts'

const services = ['network', 'load_balancer', 'compute', 'container_infra'] as const

export async function usedQuotas(session: Session, projectId: string): Promise<Limits> {
  const each = await Promise.all(services.map((service) => quotaTable[service].usage(session, projectId)))
  const used = each.flatMap((one) => Object.entries(one).map(([key, row]) => [key, row.used] as const))
  return { ...Object.fromEntries(used), ...(await countLoadBalancerParts(session, projectId)) }
}

/** By how much each has grown; those that have not are left out. */
export function grown(before: Limits, after: Limits): Limits {
  return Object.fromEntries(
    Object.entries(after).flatMap(([key, used]) => {
      const more = used - (before[key] ?? 0)
      return more === 0 ? [] : [[key, more]]
    }),
  )
}
