/** /v2.0/ports. neutron 21.0.0, neutron/db/db_base_plugin_v2.py and neutron/plugins/ml2/plugin.py. */
import { allocate, makeMac } from './addresses.ts'
import { badRequest, conflict, disallowed, notFound } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { booleanAt, isJson, listAt, textAt, textsAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { ensureDefaultGroup } from './security-groups.ts'
import { findNetwork, ownerOf } from './networks.ts'
import { mayRead, mayWrite, requireCreate } from './access.ts'
import { isAdmin } from '../../access.ts'
import { isUuid } from './subnets.ts'
import { requireQuota } from './quotas.ts'
import type { Call, Route } from '../../service.ts'
import type { AddressPair, FixedIp, Network, Port } from '../../state.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

const FIELDS = [
  'name',
  'description',
  'network_id',
  'admin_state_up',
  'mac_address',
  'fixed_ips',
  'device_id',
  'device_owner',
  'security_groups',
  'allowed_address_pairs',
  'port_security_enabled',
  'binding:vnic_type',
  'binding:host_id',
  'binding:profile',
  'project_id',
  'tenant_id',
  'extra_dhcp_opts',
]

export function findPort(call: Call, id: string): Port {
  const row = call.world.state.ports.get(id)
  if (row === undefined || !maySee(call, row)) throw notFound('Port', 'Port', id)
  return row
}

function maySee(call: Call, row: Port): boolean {
  const network = call.world.state.networks.get(row.network_id)
  return mayRead(call, row.project_id) || (network !== undefined && mayRead(call, network.project_id))
}

function show(call: Call, row: Port): Json {
  return {
    id: row.id,
    name: row.name,
    network_id: row.network_id,
    tenant_id: row.project_id,
    mac_address: row.mac_address,
    admin_state_up: row.admin_state_up,
    status: row.status,
    device_id: row.device_id,
    device_owner: row.device_owner,
    fixed_ips: row.fixed_ips,
    allowed_address_pairs: row.allowed_address_pairs,
    extra_dhcp_opts: row.extra_dhcp_opts,
    security_groups: row.security_groups,
    description: row.description,
    'binding:vnic_type': 'normal',
    ...(isAdmin(call)
      ? { 'binding:profile': {}, 'binding:host_id': '', 'binding:vif_type': 'unbound', 'binding:vif_details': {} }
      : {}),
    port_security_enabled: row.port_security_enabled,
    ...stamp(row),
  }
}

/** DHCP, routers, floating IPs: no group and no anti-spoofing. neutron_lib 3.1, utils/net.py, is_port_trusted. */
function isTrusted(deviceOwner: string): boolean {
  return deviceOwner.startsWith('network:')
}

/**
 * neutron 21.0.0, neutron/conf/policies/port.py: `port_security_enabled`, `allowed_address_pairs`, a chosen address and
 * a `device_owner` of `network:` are for admin and the owner of the network, not for whoever has a port on a shared one.
 * So is a chosen MAC address when the port is created. `update_port:mac_address` is for admin alone, and
 * `update_port:fixed_ips` has no exception for shared networks.
 */
function requireFieldRules(call: Call, network: Network, body: Json, verb: 'create' | 'update'): void {
  if (isAdmin(call)) return
  const isCreate = verb === 'create'
  const isAddressed = listAt(body, 'fixed_ips').some((fixed) => textAt(fixed, 'ip_address') !== undefined)
  const ofOwner = [
    ...['port_security_enabled', 'allowed_address_pairs'].filter((field) => body[field] !== undefined),
    ...(isCreate && body['mac_address'] !== undefined ? ['mac_address'] : []),
    ...(isTrusted(textAt(body, 'device_owner') ?? '') ? ['device_owner'] : []),
    ...(!isCreate && body['fixed_ips'] !== undefined ? ['fixed_ips'] : []),
    ...(isAddressed ? ['fixed_ips:ip_address'] : []),
  ]
  const refused = [
    ...(mayRead(call, network.project_id) ? [] : ofOwner),
    ...(!isCreate && body['mac_address'] !== undefined ? ['mac_address'] : []),
  ]
  if (refused.length === 0) return
  throw disallowed(`(rule:${verb}_port and ${refused.map((field) => `rule:${verb}_port:${field}`).join(' and ')})`)
}

/** neutron_lib 3.1, api/validators/allowedaddresspairs.py and exceptions; without a MAC address it is the port's own. */
function pairsAt(body: Json, mac: string): readonly AddressPair[] {
  const pairs = listAt(body, 'allowed_address_pairs').map((pair): AddressPair => {
    const ip_address = textAt(pair, 'ip_address')
    if (!isJson(pair) || ip_address === undefined)
      throw badRequest('AllowedAddressPair must contain ip_address', 'AllowedAddressPairsMissingIP')
    return { mac_address: textAt(pair, 'mac_address') ?? mac, ip_address }
  })
  if (pairs.length > 10)
    throw badRequest('The number of allowed address pair exceeds the maximum 10.', 'AllowedAddressPairExhausted')
  return pairs
}

/** neutron 21.0.0, plugins/ml2/plugin.py, _portsec_ext_port_create_processing and .._update_processing. */
function requirePortSecurity(port: Pick<Port, 'port_security_enabled' | 'allowed_address_pairs'>): void {
  if (port.port_security_enabled || port.allowed_address_pairs.length === 0) return
  throw conflict(
    'AddressPairAndPortSecurityRequired',
    'Port Security must be enabled in order to have allowed address pairs on a port.',
  )
}

/** A port that a service makes for itself: routers, floating IPs, load balancers, servers. */
export function addPort(
  world: World,
  port: Pick<Port, 'network_id' | 'project_id' | 'device_id' | 'device_owner' | 'fixed_ips'> & Partial<Port>,
): Port {
  const now = world.now()
  const row: Port = {
    id: world.ids.uuid(),
    name: '',
    description: '',
    mac_address: makeMac(world),
    admin_state_up: true,
    status: 'DOWN',
    security_groups: [],
    port_security_enabled: !isTrusted(port.device_owner),
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    tags: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...port,
  }
  world.state.ports.set(row.id, row)
  return row
}

function fixedIpsOf(call: Call, body: Json, networkId: string): readonly FixedIp[] {
  const asked = listAt(body, 'fixed_ips').flatMap((fixed) => {
    const subnetId = textAt(fixed, 'subnet_id')
    const address = textAt(fixed, 'ip_address')
    const subnet = call.world.state.subnets.find((each) => each.id === subnetId)
    return subnet === undefined || address === undefined ? [] : [{ subnet_id: subnet.id, ip_address: address }]
  })
  return asked.length > 0 ? asked : allocate(call.world, networkId)
}

function createPort(call: Call): Port {
  const body = bodyOf(call, 'port', FIELDS)
  const networkId = textAt(body, 'network_id') ?? ''
  if (!isUuid(networkId)) throw badRequest(`Invalid input for network_id. Reason: '${networkId}' is not a valid UUID.`)
  const owner = ownerOf(call, body)
  requireCreate(call, 'create_port')
  const network = findNetwork(call, networkId)
  requireQuota(call, 'port', owner)
  requireFieldRules(call, network, body, 'create')
  const device_owner = textAt(body, 'device_owner') ?? ''
  // plugins/ml2/extensions/port_security.py, _determine_port_security
  const port_security_enabled =
    !isTrusted(device_owner) && (booleanAt(body, 'port_security_enabled') ?? network.port_security_enabled)
  const asked = Array.isArray(body['security_groups']) ? textsAt(body, 'security_groups') : undefined
  if (!port_security_enabled && asked !== undefined && asked.length > 0) throw groupsNeedSecurity()
  const groups = asked ?? (port_security_enabled ? [ensureDefaultGroup(call.world, owner).id] : [])
  const mac_address = textAt(body, 'mac_address') ?? makeMac(call.world)
  const allowed_address_pairs = pairsAt(body, mac_address)
  requirePortSecurity({ port_security_enabled, allowed_address_pairs })
  return addPort(call.world, {
    ...fresh(call),
    name: textAt(body, 'name') ?? '',
    description: textAt(body, 'description') ?? '',
    network_id: network.id,
    project_id: owner,
    mac_address,
    admin_state_up: booleanAt(body, 'admin_state_up') ?? true,
    device_id: textAt(body, 'device_id') ?? '',
    device_owner,
    fixed_ips: fixedIpsOf(call, body, network.id),
    security_groups: groups,
    port_security_enabled,
    allowed_address_pairs,
    extra_dhcp_opts: listAt(body, 'extra_dhcp_opts').filter(isJson),
  })
}

function groupsNeedSecurity(): ReturnType<typeof badRequest> {
  return badRequest(
    'Port security must be enabled and port must have an IP address in order to use security groups.',
    'PortSecurityAndIPRequiredForSecurityGroups',
  )
}

function updatePort(call: Call, row: Port): Port {
  const body = bodyOf(call, 'port', FIELDS)
  const network = call.world.state.networks.get(row.network_id)
  if (network !== undefined) requireFieldRules(call, network, body, 'update')
  const mac_address = textAt(body, 'mac_address') ?? row.mac_address
  const has = (field: string): boolean => Array.isArray(body[field])
  const groups = has('security_groups') ? textsAt(body, 'security_groups') : undefined
  const next: Port = touched(call, {
    ...row,
    name: textAt(body, 'name') ?? row.name,
    description: textAt(body, 'description') ?? row.description,
    admin_state_up: booleanAt(body, 'admin_state_up') ?? row.admin_state_up,
    device_id: textAt(body, 'device_id') ?? row.device_id,
    device_owner: textAt(body, 'device_owner') ?? row.device_owner,
    mac_address,
    fixed_ips: has('fixed_ips') ? fixedIpsOf(call, body, row.network_id) : row.fixed_ips,
    security_groups: groups ?? row.security_groups,
    port_security_enabled: booleanAt(body, 'port_security_enabled') ?? row.port_security_enabled,
    allowed_address_pairs: has('allowed_address_pairs') ? pairsAt(body, mac_address) : row.allowed_address_pairs,
    extra_dhcp_opts: has('extra_dhcp_opts') ? listAt(body, 'extra_dhcp_opts').filter(isJson) : row.extra_dhcp_opts,
  })
  requirePortSecurity(next)
  if (!next.port_security_enabled && next.security_groups.length > 0) {
    if (groups !== undefined) throw groupsNeedSecurity()
    throw conflict(
      'PortSecurityPortHasSecurityGroup',
      'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
    )
  }
  call.world.state.ports.set(row.id, next)
  return next
}

export const portRoutes: readonly Route[] = [
  route('GET', '/v2.0/ports', (call) => {
    const rows = call.world.state.ports.filter((row) => maySee(call, row))
    return list(
      call,
      'ports',
      rows.map((row) => show(call, row)),
    )
  }),
  route('POST', '/v2.0/ports', (call) => created({ port: show(call, createPort(call)) })),
  route('GET', '/v2.0/ports/:id', (call) =>
    ok({ port: narrowed(call, show(call, findPort(call, param(call, 'id')))) }),
  ),
  route('PUT', '/v2.0/ports/:id', (call) => {
    const row = findPort(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_port')
    const next = updatePort(call, row)
    return ok({ port: show(call, next) })
  }),
  route('DELETE', '/v2.0/ports/:id', (call) => {
    const row = findPort(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_port')
    if (['network:router_interface', 'network:router_gateway', 'network:floatingip'].includes(row.device_owner)) {
      throw conflict(
        'ServicePortInUse',
        `Port ${row.id} cannot be deleted directly via the port API: has device owner ${row.device_owner}.`,
      )
    }
    for (const floating of call.world.state.floatingIps.filter((each) => each.port_id === row.id)) {
      const freed = { ...floating, port_id: null, fixed_ip_address: null, router_id: null }
      call.world.state.floatingIps.set(floating.id, touched(call, freed))
    }
    call.world.state.ports.delete(row.id)
    return noContent
  }),
]
