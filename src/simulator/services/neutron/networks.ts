/** /v2.0/networks, and the number of free addresses of each. neutron 21.0.0, neutron/db/db_base_plugin_v2.py. */
import { badRequest, conflict, disallowed, invalidInput, notFound } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { booleanAt, textAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { ensureDefaultGroup } from './security-groups.ts'
import { isExternal, isShared, mayRead, maySeeNetwork, mayWrite, requireCreate } from './access.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { poolSize, usedAddresses } from './addresses.ts'
import { requireQuota } from './quotas.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Network } from '../../state.ts'

const FIELDS = [
  'name',
  'description',
  'admin_state_up',
  'shared',
  'router:external',
  'mtu',
  'port_security_enabled',
  'provider:network_type',
  'provider:physical_network',
  'provider:segmentation_id',
  'project_id',
  'tenant_id',
  'availability_zone_hints',
  'is_default',
  'dns_domain',
]

/** Only an admin may set these. */
const ADMIN_FIELDS = [
  'shared',
  'router:external',
  'provider:network_type',
  'provider:physical_network',
  'provider:segmentation_id',
]

export function findNetwork(call: Call, id: string): Network {
  const row = call.world.state.networks.get(id)
  if (row === undefined || !maySeeNetwork(call, row)) throw notFound('Network', 'Network', id)
  return row
}

/** The project of a new resource; naming another one needs admin. */
export function ownerOf(call: Call, body: Json): string {
  const asked = textAt(body, 'project_id') ?? textAt(body, 'tenant_id')
  if (asked === undefined || asked === projectOf(call)) return projectOf(call)
  if (isAdmin(call)) return asked
  throw badRequest(
    "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or advsvc privileges",
  )
}

function show(call: Call, row: Network): Json {
  const subnets = call.world.state.subnets.filter((subnet) => subnet.network_id === row.id).map((subnet) => subnet.id)
  return {
    id: row.id,
    name: row.name,
    tenant_id: row.project_id,
    admin_state_up: row.admin_state_up,
    mtu: row.mtu,
    status: 'ACTIVE',
    subnets,
    shared: isShared(call, row),
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'router:external': isExternal(call, row),
    description: row.description,
    port_security_enabled: row.port_security_enabled,
    ...(isExternal(call, row) ? { is_default: false } : {}),
    ...stamp(row),
    ...(isAdmin(call) ? row.provider : {}),
  }
}

function setGlobal(call: Call, row: Network, action: string, isOn: boolean): void {
  const { rbacPolicies } = call.world.state
  rbacPolicies.deleteWhere(
    (policy) => policy.object_id === row.id && policy.action === action && policy.target_tenant === '*',
  )
  if (!isOn) return
  const id = call.world.ids.uuid()
  const shown = { object_type: 'network', object_id: row.id, target_tenant: '*' }
  rbacPolicies.set(id, { id, project_id: row.project_id, action, ...shown })
}

function setVisibility(call: Call, row: Network, body: Json): void {
  const isOutside = booleanAt(body, 'router:external')
  const isForAll = booleanAt(body, 'shared')
  if (isOutside !== undefined) setGlobal(call, row, 'access_as_external', isOutside)
  if (isForAll !== undefined) setGlobal(call, row, 'access_as_shared', isForAll)
}

function requireAdminFields(call: Call, body: Json, verb: 'create' | 'update'): void {
  if (isAdmin(call)) return
  const asked = ADMIN_FIELDS.filter((field) => body[field] !== undefined && body[field] !== false)
  if (asked.length === 0) return
  const rules = asked.map((field) => `rule:${verb}_network:${field}`)
  throw disallowed(`(rule:${verb}_network and ${rules.join(' and ')})`)
}

function providerOf(call: Call, body: Json): Json {
  const type = textAt(body, 'provider:network_type') ?? 'vxlan'
  // neutron 21.0.0, plugins/ml2/drivers/type_vlan.py, validate_provider_segment
  if (
    type === 'vlan' &&
    body['provider:segmentation_id'] !== undefined &&
    textAt(body, 'provider:physical_network') === undefined
  )
    throw invalidInput('segmentation_id requires physical_network for VLAN provider network')
  const segment = type === 'flat' ? null : (body['provider:segmentation_id'] ?? call.world.state.networks.size + 1)
  return {
    'provider:network_type': type,
    'provider:physical_network': textAt(body, 'provider:physical_network') ?? null,
    'provider:segmentation_id': segment,
  }
}

function createNetwork(call: Call): Network {
  const body = bodyOf(call, 'network', FIELDS)
  const owner = ownerOf(call, body)
  requireCreate(call, 'create_network')
  requireAdminFields(call, body, 'create')
  requireQuota(call, 'network', owner)
  const provider = providerOf(call, body)
  const row: Network = {
    id: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? '',
    project_id: owner,
    description: textAt(body, 'description') ?? '',
    admin_state_up: booleanAt(body, 'admin_state_up') ?? true,
    mtu: provider['provider:network_type'] === 'flat' ? 1500 : 1450,
    provider,
    port_security_enabled: booleanAt(body, 'port_security_enabled') ?? true,
    ...fresh(call),
  }
  call.world.state.networks.set(row.id, row)
  setVisibility(call, row, body)
  ensureDefaultGroup(call.world, owner)
  return row
}

function availability(call: Call, row: Network): Json {
  const subnets = call.world.state.subnets.filter((subnet) => subnet.network_id === row.id)
  const each = subnets.map((subnet) => ({
    subnet_id: subnet.id,
    ip_version: subnet.ip_version,
    cidr: subnet.cidr,
    subnet_name: subnet.name,
    used_ips: usedAddresses(call.world, subnet.id).size,
    total_ips: poolSize(subnet),
  }))
  return {
    network_id: row.id,
    network_name: row.name,
    tenant_id: row.project_id,
    project_id: row.project_id,
    subnet_ip_availability: each,
    used_ips: each.reduce((sum, subnet) => sum + subnet.used_ips, 0),
    total_ips: each.reduce((sum, subnet) => sum + subnet.total_ips, 0),
  }
}

export const networkRoutes: readonly Route[] = [
  route('GET', '/v2.0/networks', (call) => {
    const rows = call.world.state.networks.filter((row) => maySeeNetwork(call, row))
    return list(
      call,
      'networks',
      rows.map((row) => show(call, row)),
    )
  }),
  route('POST', '/v2.0/networks', (call) => {
    const row = createNetwork(call)
    return created({ network: { is_default: false, ...show(call, row) } })
  }),
  route('GET', '/v2.0/networks/:id', (call) =>
    ok({ network: narrowed(call, show(call, findNetwork(call, param(call, 'id')))) }),
  ),
  route('PUT', '/v2.0/networks/:id', (call) => {
    const row = findNetwork(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_network')
    const body = bodyOf(call, 'network', FIELDS)
    requireAdminFields(call, body, 'update')
    const next: Network = touched(call, {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      admin_state_up: booleanAt(body, 'admin_state_up') ?? row.admin_state_up,
      // ports keep theirs: plugins/ml2/extensions/port_security.py, process_update_network
      port_security_enabled: booleanAt(body, 'port_security_enabled') ?? row.port_security_enabled,
    })
    call.world.state.networks.set(row.id, next)
    setVisibility(call, next, body)
    return ok({ network: show(call, next) })
  }),
  route('DELETE', '/v2.0/networks/:id', (call) => {
    const row = findNetwork(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_network')
    const { ports, subnets, rbacPolicies, networks } = call.world.state
    const inUse = ports.filter((port) => port.network_id === row.id)
    if (inUse.length > 0) {
      const ids = inUse.map((port) => port.id).join(',')
      throw conflict(
        'NetworkInUse',
        `Unable to complete operation on network ${row.id}. There are one or more ports still in use on the network, id for these ports is: ${ids}.`,
      )
    }
    subnets.deleteWhere((subnet) => subnet.network_id === row.id)
    rbacPolicies.deleteWhere((policy) => policy.object_id === row.id)
    networks.delete(row.id)
    return noContent
  }),
  route('GET', '/v2.0/network-ip-availabilities', (call) => {
    const rows = call.world.state.networks.filter((row) => mayRead(call, row.project_id))
    return list(
      call,
      'network_ip_availabilities',
      rows.map((row) => availability(call, row)),
    )
  }),
  route('GET', '/v2.0/network-ip-availabilities/:id', (call) => {
    const row = findNetwork(call, param(call, 'id'))
    if (!mayRead(call, row.project_id)) throw notFound('Network', 'Network', row.id)
    return ok({ network_ip_availability: availability(call, row) })
  }),
]
