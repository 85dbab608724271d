/** /v2.0/ports. neutron 21.0.0, neutron/db/db_base_plugin_v2.py and neutron/plugins/ml2/plugin.py. */
import { allocate, makeMac } from './addresses.ts'
import { badRequest, conflict, disallowed, notFound } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { booleanAt, listAt, textAt, textsAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { ensureDefaultGroup } from './security-groups.ts'
import { findNetwork, ownerOf } from './networks.ts'
import { mayRead, mayWrite, requireCreate } from './access.ts'
import { isAdmin } from '../../access.ts'
import { isUuid } from './subnets.ts'
import { requireQuota } from './quotas.ts'
import type { Call, Route } from '../../service.ts'
import type { FixedIp, Port } from '../../state.ts'
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
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
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
    port_security_enabled: false,
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
  const groups = Array.isArray(body['security_groups'])
    ? textsAt(body, 'security_groups')
    : [ensureDefaultGroup(call.world, owner).id]
  return addPort(call.world, {
    ...fresh(call),
    name: textAt(body, 'name') ?? '',
    description: textAt(body, 'description') ?? '',
    network_id: network.id,
    project_id: owner,
    mac_address: textAt(body, 'mac_address') ?? makeMac(call.world),
    admin_state_up: booleanAt(body, 'admin_state_up') ?? true,
    device_id: textAt(body, 'device_id') ?? '',
    device_owner: textAt(body, 'device_owner') ?? '',
    fixed_ips: fixedIpsOf(call, body, network.id),
    security_groups: groups,
    port_security_enabled: network.port_security_enabled,
  })
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
    const body = bodyOf(call, 'port', FIELDS)
    const next: Port = touched(call, {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      admin_state_up: booleanAt(body, 'admin_state_up') ?? row.admin_state_up,
      device_id: textAt(body, 'device_id') ?? row.device_id,
      device_owner: textAt(body, 'device_owner') ?? row.device_owner,
      security_groups: Array.isArray(body['security_groups']) ? textsAt(body, 'security_groups') : row.security_groups,
    })
    call.world.state.ports.set(row.id, next)
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
