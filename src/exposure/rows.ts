/** The rows of Neutron that say where packets may go, and how they were read. */
import type {
  PacketFloatingIp,
  PacketGroup,
  PacketNetwork,
  PacketPolicy,
  PacketPort,
  PacketRouter,
  PacketSubnet,
} from '../openstack/neutron/packet-rows.ts'
import type { Finding } from '../finding.ts'
import { parsePrefix, renderPrefix } from '../openstack/prefix.ts'

export type ExposureRows = {
  readonly networks: readonly PacketNetwork[]
  readonly subnets: readonly PacketSubnet[]
  readonly ports: readonly PacketPort[]
  readonly routers: readonly PacketRouter[]
  readonly floatingIps: readonly PacketFloatingIp[]
  readonly policies: readonly PacketPolicy[]
  readonly groups: readonly PacketGroup[]
}

export type RowKind = keyof ExposureRows

export type ReadRows = {
  readonly rows: ExposureRows
  /** The request that showed a kind: `network: GET /v2.0/ports (req-..)`. */
  readonly shownBy: Readonly<Record<RowKind, string>>
  /** Kinds that could not be read, or that this Neutron does not have. */
  readonly missing: ReadonlySet<RowKind>
  /** Aliases of the extensions of this Neutron; `undefined` if nobody asked, or it did not answer. */
  readonly extensions: ReadonlySet<string> | undefined
  /** Ids of the ports and servers of Octavia, which has ports on the networks that it serves. */
  readonly amphorae: ReadonlySet<string>
}

/** The tenant of a project; `undefined` for a project of no tenant that is compared. */
export type TenantOf = (projectId: string) => string | undefined

/** What was found in a row. `undefined`: it touches no tenant. Nothing: it is as it should be. */
export type Judged = readonly Finding[] | undefined

/** Rows by their ids, so that a comparison of a whole cloud takes one pass. */
export type RowIndex = ReadRows & {
  readonly tenantOf: TenantOf
  readonly network: ReadonlyMap<string, PacketNetwork>
  readonly router: ReadonlyMap<string, PacketRouter>
  readonly subnet: ReadonlyMap<string, PacketSubnet>
  readonly group: ReadonlyMap<string, PacketGroup>
  readonly subnetsOn: ReadonlyMap<string, readonly PacketSubnet[]>
  /** Interfaces by the id of their router. */
  readonly interfacesOf: ReadonlyMap<string, readonly PacketPort[]>
  /** Who has an address on a network that is not its own (gateways, floating IPs, ports), by `addressKey`. */
  readonly outside: ReadonlyMap<string, OutsideAddress>
}

export type OutsideAddress = { readonly projectId: string; readonly what: string }

/** Two networks may have the same addresses, and IPv6 has several spellings of one. */
export function addressKey(networkId: string, address: string): string {
  const prefix = parsePrefix(address)
  return `${networkId} ${prefix === undefined ? address : renderPrefix(prefix)}`
}

export function indexRows(read: ReadRows, tenantOf: TenantOf): RowIndex {
  const { networks, subnets, ports, routers, floatingIps, groups } = read.rows
  const byId = <T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
    new Map(list.map((row) => [row.id, row]))
  const network = byId(networks)
  const isForeign = ({ network_id, project_id }: PacketPort): boolean =>
    project_id !== '' && network.get(network_id)?.project_id !== project_id
  const outside = new Map<string, OutsideAddress>()
  const add = (networkId: string, address: string, projectId: string, what: string): void => {
    outside.set(addressKey(networkId, address), { projectId, what })
  }
  for (const { id, network_id, project_id, fixed_ips } of ports.filter(isForeign))
    for (const { ip_address } of fixed_ips) add(network_id, ip_address, project_id, `port \`${id}\``)
  for (const { project_id, floating_ip_address, floating_network_id } of floatingIps)
    add(floating_network_id, floating_ip_address, project_id, 'a floating IP')
  for (const { name, project_id, external_gateway_info: gateway } of routers)
    for (const { ip_address } of gateway?.external_fixed_ips ?? [])
      add(gateway?.network_id ?? '', ip_address, project_id, `router \`${name}\``)
  return {
    ...read,
    tenantOf,
    network,
    router: byId(routers),
    subnet: byId(subnets),
    group: byId(groups),
    subnetsOn: grouped(subnets, ({ network_id }) => network_id),
    interfacesOf: grouped(
      ports.filter(({ device_owner }) => isRouterPort(device_owner) && !isGatewayPort(device_owner)),
      ({ device_id }) => device_id,
    ),
    outside,
  }
}

export function grouped<T>(list: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of list) {
    const known = groups.get(keyOf(row))
    if (known === undefined) groups.set(keyOf(row), [row])
    else known.push(row)
  }
  return groups
}

/** neutron_lib 3.1, constants.py, ROUTER_PORT_OWNERS and ROUTER_INTERFACE_OWNERS_SNAT. */
export function isRouterPort(deviceOwner: string): boolean {
  return deviceOwner.startsWith('network:router_') || deviceOwner.startsWith('network:ha_router_')
}

function isGatewayPort(deviceOwner: string): boolean {
  return deviceOwner === 'network:router_gateway'
}

type Said = {
  readonly code: `exposure/${string}`
  readonly severity: Finding['severity']
  readonly message: string
  readonly owner: Finding['owner']
  readonly remedy?: string
}

/** Findings about one row, each with the request that shows it. */
export function teller(where: string, shownBy: string): (said: Said) => Finding {
  return ({ message, ...rest }) => ({ ...rest, where, message: `${message}; ${shownBy}` })
}

/** Neutron leaves a field out if an extension is missing, which is harmless, or if a policy hides it. */
export function isHidden({ extensions }: ReadRows, field: unknown, extension: string): boolean {
  return field === undefined && extensions?.has(extension) !== false
}

export function hiddenField(what: string): Said {
  return {
    code: 'exposure/unread',
    severity: 'unknown',
    message: `Neutron does not show ${what}`,
    owner: 'operator',
    remedy: "let the account of the operator read this field (Neutron's policy), and look again",
  }
}
