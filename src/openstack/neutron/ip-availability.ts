import { get } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, listOf, number, object, text } from '../shape.ts'

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
  }[]
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
    }),
  ),
})

/** How many addresses a network has and how many are in use. For operators only. */
export function getIpAvailability(session: Session, networkId: string): Promise<IpAvailability> {
  const path = `/network-ip-availabilities/${networkId}`
  return get(session, { service: 'network', path }, inside('network_ip_availability', availability))
}
