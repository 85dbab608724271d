/** /v2.0/subnets. neutron 21.0.0, neutron/db/ipam_backend_mixin.py and db_base_plugin_v2.py. */
import { badRequest, conflict, disallowed, invalidInput, notFound } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { booleanAt, isJson, listAt, pythonRepr, textAt, textsAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { findNetwork } from './networks.ts'
import { isShared, mayRead, mayWrite, requireCreate } from './access.ts'
import { projectOf } from '../../access.ts'
import { overlaps, parseAddress, parsePrefix, renderAddress, renderPrefix } from '../../ipv4.ts'
import { Refusal } from '../../refusal.ts'
import { requireQuota } from './quotas.ts'
import type { AllocationPool, Subnet } from '../../state.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Prefix } from '../../ipv4.ts'

const FIELDS = [
  'name',
  'description',
  'network_id',
  'ip_version',
  'cidr',
  'gateway_ip',
  'enable_dhcp',
  'allocation_pools',
  'dns_nameservers',
  'host_routes',
  'project_id',
  'tenant_id',
  'ipv6_ra_mode',
  'ipv6_address_mode',
  'subnetpool_id',
  'prefixlen',
  'service_types',
  'segment_id',
]

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return UUID.test(text)
}

export function findSubnet(call: Call, id: string): Subnet {
  const row = call.world.state.subnets.get(id)
  if (row === undefined || !maySee(call, row)) throw notFound('Subnet', 'Subnet', id)
  return row
}

/** A subnet is visible with its network, but not one of a network that is only external. */
function maySee(call: Call, row: Subnet): boolean {
  const network = call.world.state.networks.get(row.network_id)
  return (
    mayRead(call, row.project_id) ||
    (network !== undefined && (mayRead(call, network.project_id) || isShared(call, network)))
  )
}

function show(row: Subnet): Json {
  return {
    id: row.id,
    name: row.name,
    tenant_id: row.project_id,
    network_id: row.network_id,
    ip_version: row.ip_version,
    subnetpool_id: null,
    enable_dhcp: row.enable_dhcp,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    gateway_ip: row.gateway_ip,
    cidr: row.cidr,
    allocation_pools: row.allocation_pools,
    host_routes: row.host_routes,
    dns_nameservers: row.dns_nameservers,
    description: row.description,
    service_types: [],
    ...stamp(row),
  }
}

function poolsOf(body: Json, prefix: Prefix, gateway: string | null): readonly AllocationPool[] {
  const given = listAt(body, 'allocation_pools').flatMap((pool) => {
    const [start, end] = [textAt(pool, 'start'), textAt(pool, 'end')]
    return start === undefined || end === undefined ? [] : [{ start, end }]
  })
  if (given.length > 0) return given
  const [first, last] = [prefix.first + 1, prefix.last - 1]
  const hole = gateway === null ? undefined : parseAddress(gateway)
  const spans =
    hole === undefined || hole < first || hole > last
      ? [[first, last]]
      : [
          [first, hole - 1],
          [hole + 1, last],
        ]
  return spans.flatMap(([from = 0, to = 0]) =>
    from <= to ? [{ start: renderAddress(from), end: renderAddress(to) }] : [],
  )
}

function cidrOf(body: Json): Prefix {
  const version = body['ip_version']
  if (version === undefined) throw badRequest("Failed to parse request. Required attribute 'ip_version' not specified")
  if (version === 6) throw new Refusal(501, 'the simulator has no IPv6 subnets', { type: 'HTTPNotImplemented' })
  const cidr = body['cidr']
  const prefix = typeof cidr === 'string' ? parsePrefix(cidr) : undefined
  if (cidr === undefined)
    throw badRequest('Bad subnets request: a subnetpool must be specified in the absence of a cidr.')
  if (prefix === undefined)
    throw invalidInput(`${typeof cidr === 'string' ? cidr : pythonRepr(cidr)} is not in a CIDR format`)
  return prefix
}

function createSubnet(call: Call): Subnet {
  const body = bodyOf(call, 'subnet', FIELDS)
  const networkId = textAt(body, 'network_id') ?? ''
  if (!isUuid(networkId)) {
    throw badRequest(`Invalid input for network_id. Reason: '${networkId}' is not a valid UUID.`)
  }
  const prefix = cidrOf(body)
  const network = findNetwork(call, networkId)
  if (!mayWrite(call, network.project_id)) {
    throw new Refusal(403, `Tenant ${projectOf(call)} not allowed to create subnet on this network`, {
      type: 'HTTPForbidden',
    })
  }
  requireCreate(call, 'create_subnet')
  const owner = textAt(body, 'project_id') ?? textAt(body, 'tenant_id') ?? projectOf(call)
  requireQuota(call, 'subnet', owner)
  const cidr = renderPrefix(prefix)
  const siblings = call.world.state.subnets.filter((subnet) => subnet.network_id === networkId)
  for (const sibling of siblings) {
    const other = parsePrefix(sibling.cidr)
    if (other !== undefined && overlaps(prefix, other)) {
      throw invalidInput(`Requested subnet with cidr: ${cidr} for network: ${networkId} overlaps with another subnet`)
    }
  }
  const gateway = body['gateway_ip'] === null ? null : (textAt(body, 'gateway_ip') ?? renderAddress(prefix.first + 1))
  const row: Subnet = {
    id: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? '',
    project_id: owner,
    description: textAt(body, 'description') ?? '',
    network_id: networkId,
    ip_version: 4,
    cidr,
    gateway_ip: gateway,
    enable_dhcp: booleanAt(body, 'enable_dhcp') ?? true,
    allocation_pools: poolsOf(body, prefix, gateway),
    dns_nameservers: textsAt(body, 'dns_nameservers'),
    host_routes: listAt(body, 'host_routes'),
    ...fresh(call),
    revision: 0,
  }
  call.world.state.subnets.set(row.id, row)
  return row
}

export const subnetRoutes: readonly Route[] = [
  route('GET', '/v2.0/subnets', (call) => {
    const rows = call.world.state.subnets.filter((row) => maySee(call, row))
    return list(call, 'subnets', rows.map(show))
  }),
  route('POST', '/v2.0/subnets', (call) => created({ subnet: show(createSubnet(call)) })),
  route('GET', '/v2.0/subnets/:id', (call) =>
    ok({ subnet: narrowed(call, show(findSubnet(call, param(call, 'id')))) }),
  ),
  route('PUT', '/v2.0/subnets/:id', (call) => {
    const row = findSubnet(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_subnet')
    const body = bodyOf(call, 'subnet', FIELDS)
    const next: Subnet = touched(call, {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      enable_dhcp: booleanAt(body, 'enable_dhcp') ?? row.enable_dhcp,
      gateway_ip: body['gateway_ip'] === null ? null : (textAt(body, 'gateway_ip') ?? row.gateway_ip),
      dns_nameservers: Array.isArray(body['dns_nameservers']) ? textsAt(body, 'dns_nameservers') : row.dns_nameservers,
      host_routes: Array.isArray(body['host_routes']) ? listAt(body, 'host_routes').filter(isJson) : row.host_routes,
    })
    call.world.state.subnets.set(row.id, next)
    return ok({ subnet: show(next) })
  }),
  route('DELETE', '/v2.0/subnets/:id', (call) => {
    const row = findSubnet(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_subnet')
    if (call.world.state.ports.some((port) => port.fixed_ips.some((fixed) => fixed.subnet_id === row.id))) {
      throw conflict(
        'SubnetInUse',
        `Unable to complete operation on subnet ${row.id}: One or more ports have an IP allocation from this subnet.`,
      )
    }
    call.world.state.subnets.delete(row.id)
    return noContent
  }),
]
