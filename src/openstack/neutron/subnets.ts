import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, number, object, optional, orNull, text } from '../shape.ts'

export type Subnet = {
  readonly id: string
  readonly name: string
  readonly network_id: string
  readonly project_id: string
  readonly ip_version: number
  readonly cidr: string
  readonly gateway_ip: string | null
  readonly enable_dhcp: boolean
  readonly dns_nameservers: readonly string[]
  readonly allocation_pools: readonly { readonly start: string; readonly end: string }[]
  readonly description?: string | undefined
}

const subnet = object<Subnet>({
  id: text,
  name: text,
  network_id: text,
  project_id: text,
  ip_version: number,
  cidr: text,
  gateway_ip: orNull(text),
  enable_dhcp: flag,
  dns_nameservers: listOf(text),
  allocation_pools: listOf(object<{ readonly start: string; readonly end: string }>({ start: text, end: text })),
  description: optional(text),
})

export type SubnetFilter = { readonly project_id?: string; readonly network_id?: string; readonly name?: string }

export function listSubnets(session: Session, filter: SubnetFilter = {}): Promise<readonly Subnet[]> {
  return list(session, { service: 'network', path: '/subnets', query: filter }, 'subnets', subnet)
}

export function findSubnet(session: Session, name: string, filter: SubnetFilter): Promise<Subnet | undefined> {
  return findByName(
    session,
    { service: 'network', path: '/subnets', query: { ...filter, name } },
    { key: 'subnets', read: subnet, name },
  )
}

export function getSubnet(session: Session, id: string): Promise<Subnet> {
  return get(session, { service: 'network', path: `/subnets/${id}` }, inside('subnet', subnet))
}

export type SubnetFields = {
  readonly name: string
  readonly network_id: string
  readonly cidr: string
  readonly ip_version: 4 | 6
  readonly dns_nameservers?: readonly string[]
  readonly gateway_ip?: string
  readonly enable_dhcp?: boolean
  readonly description?: string
}

export function createSubnet(session: Session, fields: SubnetFields): Promise<Subnet> {
  return send(
    session,
    { service: 'network', method: 'POST', path: '/subnets', body: { subnet: fields } },
    inside('subnet', subnet),
  )
}

export function updateSubnet(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string; readonly dns_nameservers?: readonly string[] },
): Promise<Subnet> {
  const body = { subnet: fields }
  return send(session, { service: 'network', method: 'PUT', path: `/subnets/${id}`, body }, inside('subnet', subnet))
}

export function deleteSubnet(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/subnets/${id}` })
}
