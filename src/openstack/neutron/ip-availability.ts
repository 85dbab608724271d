import { get } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, listOf, number, object, optional, text } from '../shape.ts'

export type IpAvailability = {
  readonly network_id: string
  readonly total_ips: number
  readonly used_ips: number
  readonly subnet_ip_availability: readonly {
    readonly subnet_id: string
    readonly cidr: string
    readonly ip_version: number
    readonly total_ips: number
    readonly used_ips: number
    /** Absent before Neutron had the extension `network-ip-availability-details`. */
    readonly ip_availability_details?: PoolUse | undefined
  }[]
}

type PoolUse = {
  readonly total_ips_in_allocation_pool: number
  readonly used_ips_in_allocation_pool: number
}

const availability = object<IpAvailability>({
  network_id: text,
  total_ips: number,
  used_ips: number,
  subnet_ip_availability: listOf(
    object<IpAvailability['subnet_ip_availability'][number]>({
      subnet_id: text,
      cidr: text,
      ip_version: number,
      total_ips: number,
      used_ips: number,
      ip_availability_details: optional(
        object<PoolUse>({ total_ips_in_allocation_pool: number, used_ips_in_allocation_pool: number }),
      ),
    }),
  ),
})

/** How many addresses a network has and how many are in use. For operators only. */
export function getIpAvailability(session: Session, networkId: string): Promise<IpAvailability> {
  const path = `/network-ip-availabilities/${networkId}`
  return get(session, { service: 'network', path }, inside('network_ip_availability', availability))
}

/**
 * IPv4 addresses that Neutron can still give to a router or as a floating IP; `undefined` where it does not tell. `used_ips` also
 * counts addresses outside of the pools, and `total_ips` does not, so where more are in use than there are, the difference says
 * nothing. neutron, services/network_ip_availability and db/network_ip_availability_db.py.
 */
export function freeAddresses({ subnet_ip_availability: subnets }: IpAvailability): number | undefined {
  const free = subnets
    .filter(({ ip_version }) => ip_version === 4)
    .map(({ total_ips, used_ips, ip_availability_details: pool }) =>
      pool === undefined ? total_ips - used_ips : pool.total_ips_in_allocation_pool - pool.used_ips_in_allocation_pool,
    )
  return free.some((count) => count < 0) ? undefined : free.reduce((sum, count) => sum + count, 0)
}
