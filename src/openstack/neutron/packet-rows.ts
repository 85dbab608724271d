/**
 * What Neutron keeps about where packets may go, with no other fields: a list of all ports of a cloud is long. A field that
 * an extension adds is `undefined` without that extension, and where a policy hides it. neutron_lib 3.1, api/definitions:
 * port_security.py, allowedaddresspairs.py, extraroute.py, address_scope.py.
 */
import { listShown } from '../resource-requests.ts'
import type { ShownList } from '../resource-requests.ts'
import type { Query } from '../request.ts'
import type { Session } from '../session.ts'
import { flag, listOf, number, object, offered, orNull, text } from '../shape.ts'
import type { Read } from '../shape.ts'

export type FixedAddress = { readonly subnet_id: string; readonly ip_address: string }

export type PacketNetwork = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly 'router:external'?: boolean | undefined
  readonly shared: boolean
  readonly port_security_enabled?: boolean | undefined
  readonly ipv4_address_scope?: string | null | undefined
  readonly ipv6_address_scope?: string | null | undefined
}

export type PacketSubnet = {
  readonly id: string
  readonly network_id: string
  readonly cidr: string
}

export type PacketPort = {
  readonly id: string
  readonly name: string
  readonly network_id: string
  readonly project_id: string
  readonly device_owner: string
  readonly device_id: string
  readonly fixed_ips: readonly FixedAddress[]
  readonly security_groups?: readonly string[] | undefined
  readonly port_security_enabled?: boolean | undefined
  readonly allowed_address_pairs?: readonly { readonly ip_address: string }[] | undefined
}

export type PacketRouter = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly external_gateway_info: {
    readonly network_id: string
    readonly external_fixed_ips: readonly FixedAddress[]
  } | null
  readonly routes?: readonly ExtraRoute[] | undefined
}

export type ExtraRoute = { readonly destination: string; readonly nexthop: string }

export type PacketFloatingIp = {
  readonly id: string
  readonly project_id: string
  readonly floating_ip_address: string
  readonly floating_network_id: string
}

export type PacketPolicy = {
  readonly id: string
  readonly project_id: string
  readonly object_type: string
  readonly object_id: string
  readonly action: string
  /** A project, or `*` for all. */
  readonly target_tenant: string
}

export type PacketGroup = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly security_group_rules: readonly PacketRule[]
}

export type PacketRule = {
  readonly id: string
  readonly direction: string
  /** Null is any. */
  readonly protocol: string | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
  readonly remote_address_group_id?: string | null | undefined
}

const address = object<FixedAddress>({ subnet_id: text, ip_address: text })

/** Reads a collection, or the part of it that a filter names, with these fields alone. */
function reader<T extends object>(path: string, key: string, fields: { readonly [K in keyof T]-?: Read<T[K]> }) {
  const read = object<T>(fields)
  return (session: Session, filter: Query = {}): Promise<ShownList<T>> =>
    listShown(session, { service: 'network', path, query: { ...filter, fields: Object.keys(fields) } }, key, read)
}

export const listPacketNetworks = reader<PacketNetwork>('/networks', 'networks', {
  id: text,
  name: text,
  project_id: text,
  'router:external': offered(flag),
  shared: flag,
  port_security_enabled: offered(flag),
  ipv4_address_scope: offered(orNull(text)),
  ipv6_address_scope: offered(orNull(text)),
})

export const listPacketSubnets = reader<PacketSubnet>('/subnets', 'subnets', { id: text, network_id: text, cidr: text })

export const listPacketPorts = reader<PacketPort>('/ports', 'ports', {
  id: text,
  name: text,
  network_id: text,
  project_id: text,
  device_owner: text,
  device_id: text,
  fixed_ips: listOf(address),
  security_groups: offered(listOf(text)),
  port_security_enabled: offered(flag),
  allowed_address_pairs: offered(listOf(object<{ readonly ip_address: string }>({ ip_address: text }))),
})

export const listPacketRouters = reader<PacketRouter>('/routers', 'routers', {
  id: text,
  name: text,
  project_id: text,
  external_gateway_info: orNull(
    object<NonNullable<PacketRouter['external_gateway_info']>>({
      network_id: text,
      external_fixed_ips: listOf(address),
    }),
  ),
  routes: offered(listOf(object<ExtraRoute>({ destination: text, nexthop: text }))),
})

export const listPacketFloatingIps = reader<PacketFloatingIp>('/floatingips', 'floatingips', {
  id: text,
  project_id: text,
  floating_ip_address: text,
  floating_network_id: text,
})

export const listPacketPolicies = reader<PacketPolicy>('/rbac-policies', 'rbac_policies', {
  id: text,
  project_id: text,
  object_type: text,
  object_id: text,
  action: text,
  target_tenant: text,
})

/**
 * Not filtered by a deleted project, for which Neutron would make the `default` group again: neutron 21.0.0,
 * db/securitygroups_db.py, get_security_groups.
 */
export const listPacketGroups = reader<PacketGroup>('/security-groups', 'security_groups', {
  id: text,
  name: text,
  project_id: text,
  security_group_rules: listOf(
    object<PacketRule>({
      id: text,
      direction: text,
      protocol: orNull(text),
      port_range_min: orNull(number),
      port_range_max: orNull(number),
      remote_ip_prefix: orNull(text),
      remote_group_id: orNull(text),
      remote_address_group_id: offered(orNull(text)),
    }),
  ),
})
