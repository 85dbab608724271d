/** /v2.0/routers, their gateway and their interfaces. neutron 21.0.0, neutron/db/l3_db.py. */
import { addPort, findPort } from './ports.ts'
import { allocate } from './addresses.ts'
import { badRequest, conflict, disallowed, notFound } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { booleanAt, isJson, listAt, pythonRepr, textAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { findNetwork, ownerOf } from './networks.ts'
import { findSubnet, isUuid } from './subnets.ts'
import { isExternal, mayRead, mayWrite, requireCreate } from './access.ts'
import { isAdmin } from '../../access.ts'
import { overlaps, parsePrefix } from '../../ipv4.ts'
import { requireQuota } from './quotas.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Port, Router, Subnet } from '../../state.ts'

const FIELDS = [
  'name',
  'description',
  'admin_state_up',
  'external_gateway_info',
  'project_id',
  'tenant_id',
  'routes',
  'distributed',
  'ha',
  'availability_zone_hints',
  'flavor_id',
]

function findRouter(call: Call, id: string): Router {
  const row = call.world.state.routers.get(id)
  if (row === undefined || !mayRead(call, row.project_id)) throw notFound('Router', 'Router', id)
  return row
}

export function gatewayPort(call: Call, router: Router): Port | undefined {
  return call.world.state.ports.find(
    (port) => port.device_id === router.id && port.device_owner === 'network:router_gateway',
  )
}

export function interfacesOf(call: Call, router: Router): readonly Port[] {
  return call.world.state.ports.filter(
    (port) => port.device_id === router.id && port.device_owner === 'network:router_interface',
  )
}

function show(call: Call, row: Router): Json {
  const port = gatewayPort(call, row)
  return {
    id: row.id,
    name: row.name,
    tenant_id: row.project_id,
    admin_state_up: row.admin_state_up,
    status: 'ACTIVE',
    external_gateway_info:
      row.gateway === undefined
        ? null
        : {
            network_id: row.gateway.network_id,
            external_fixed_ips: port?.fixed_ips ?? [],
            enable_snat: row.gateway.enable_snat,
          },
    description: row.description,
    availability_zones: [],
    ...(isAdmin(call) ? { distributed: false, ha: false } : {}),
    availability_zone_hints: [],
    routes: row.routes ?? [],
    flavor_id: null,
    ...stamp(row),
  }
}

/** A tenant chooses the network of the gateway and nothing more. */
function requireGatewayFields(call: Call, info: Json, verb: 'create' | 'update'): void {
  if (isAdmin(call)) return
  const base = `${verb}_router:external_gateway_info`
  const asked = ['network_id', 'enable_snat', 'external_fixed_ips'].filter((field) => info[field] !== undefined)
  if (!asked.some((field) => field !== 'network_id')) return
  const inner = asked.map((field) => `rule:${base}:${field}`).reduceRight((rest, rule) => `(${rule} and ${rest})`)
  throw disallowed(`(rule:${verb}_router and (rule:${base} and ${inner}))`)
}

function dropGateway(call: Call, row: Router): Router {
  const port = gatewayPort(call, row)
  if (port !== undefined) call.world.state.ports.delete(port.id)
  return { ...row, gateway: undefined }
}

function setGateway(call: Call, row: Router, info: Json): Router {
  const networkId = textAt(info, 'network_id')
  if (networkId === undefined) return dropGateway(call, row)
  const network = findNetwork(call, networkId)
  if (!isExternal(call, network)) {
    throw badRequest(`Bad router request: Network ${networkId} is not an external network.`, 'BadRequest')
  }
  const enable_snat = booleanAt(info, 'enable_snat') ?? row.gateway?.enable_snat ?? true
  const gateway = { network_id: networkId, enable_snat }
  if (row.gateway?.network_id === networkId) return { ...row, gateway }
  const fixed_ips = allocate(call.world, networkId)
  const bare = dropGateway(call, row)
  addPort(call.world, {
    network_id: networkId,
    project_id: '',
    device_id: row.id,
    device_owner: 'network:router_gateway',
    fixed_ips,
  })
  return { ...bare, gateway }
}

function createRouter(call: Call): Router {
  const body = bodyOf(call, 'router', FIELDS)
  const owner = ownerOf(call, body)
  requireCreate(call, 'create_router')
  const info = body['external_gateway_info']
  if (isJson(info)) requireGatewayFields(call, info, 'create')
  requireQuota(call, 'router', owner)
  const bare: Router = {
    id: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? '',
    project_id: owner,
    description: textAt(body, 'description') ?? '',
    admin_state_up: booleanAt(body, 'admin_state_up') ?? true,
    gateway: undefined,
    ...fresh(call),
  }
  const row = isJson(info) ? setGateway(call, bare, info) : bare
  call.world.state.routers.set(row.id, row)
  return row
}

function routesAt(body: Json): NonNullable<Router['routes']> {
  return listAt(body, 'routes')
    .filter(isJson)
    .map((one) => ({ destination: textAt(one, 'destination') ?? '', nexthop: textAt(one, 'nexthop') ?? '' }))
}

/** neutron 21.0.0, neutron/db/extraroute_db.py, _validate_routes: a next hop is on a subnet of the router's ports. */
function requireConnected(call: Call, row: Router, routes: NonNullable<Router['routes']>): void {
  if (routes.length > 30)
    throw badRequest(
      `Unable to complete operation for ${row.id}. The number of routes exceeds the maximum 30.`,
      'RoutesExhausted',
    )
  const own = call.world.state.ports
    .filter(({ device_id }) => device_id === row.id)
    .flatMap(({ fixed_ips }) => fixed_ips)
  const cidrs = own.flatMap(({ subnet_id }) => parsePrefix(call.world.state.subnets.get(subnet_id)?.cidr ?? '') ?? [])
  for (const { destination, nexthop } of routes) {
    const [to, hop] = [parsePrefix(destination), parsePrefix(`${nexthop}/32`)]
    if (to === undefined || hop === undefined)
      throw badRequest(
        `Invalid input for routes. Reason: Invalid data format for hostroute: '${pythonRepr({ destination, nexthop })}'.`,
      )
    const reason = !cidrs.some((cidr) => overlaps(cidr, hop))
      ? 'the nexthop is not connected with router'
      : own.some(({ ip_address }) => ip_address === nexthop)
        ? 'the nexthop is used by router'
        : undefined
    if (reason !== undefined)
      throw badRequest(`Invalid format for routes: ${pythonRepr(routes)}, ${reason}`, 'InvalidRoutes')
  }
}

function updateRouter(call: Call, row: Router): Router {
  const body = bodyOf(call, 'router', FIELDS)
  const info = body['external_gateway_info']
  if (isJson(info)) requireGatewayFields(call, info, 'update')
  const named: Router = {
    ...row,
    name: textAt(body, 'name') ?? row.name,
    description: textAt(body, 'description') ?? row.description,
    admin_state_up: booleanAt(body, 'admin_state_up') ?? row.admin_state_up,
    ...(Array.isArray(body['routes']) ? { routes: routesAt(body) } : {}),
  }
  const isCleared = info === null
  const next = isJson(info) ? setGateway(call, named, info) : isCleared ? dropGateway(call, named) : named
  if (Array.isArray(body['routes'])) requireConnected(call, row, next.routes ?? [])
  const kept = touched(call, next)
  call.world.state.routers.set(row.id, kept)
  return kept
}

function interfaceTarget(call: Call): { readonly subnet: Subnet | undefined; readonly port: Port | undefined } {
  const subnetId = textAt(call.body, 'subnet_id')
  const portId = textAt(call.body, 'port_id')
  if (subnetId === undefined && portId === undefined) {
    throw badRequest('Bad router request: Either subnet_id or port_id must be specified.', 'BadRequest')
  }
  for (const id of [subnetId, portId]) {
    if (id !== undefined && !isUuid(id)) {
      throw badRequest(`Bad router request: '${id}' is not a valid UUID.`, 'BadRequest')
    }
  }
  return {
    subnet: subnetId === undefined ? undefined : findSubnet(call, subnetId),
    port: portId === undefined ? undefined : findPort(call, portId),
  }
}

function interfaceAnswer(row: Router, port: Port): Json {
  const subnets = port.fixed_ips.map((fixed) => fixed.subnet_id)
  return {
    id: row.id,
    tenant_id: row.project_id,
    port_id: port.id,
    network_id: port.network_id,
    subnet_id: subnets[0],
    subnet_ids: subnets,
  }
}

function requireNoOverlap(call: Call, row: Router, subnet: Subnet): void {
  const prefix = parsePrefix(subnet.cidr)
  for (const port of [...interfacesOf(call, row), gatewayPort(call, row)]) {
    for (const fixed of port?.fixed_ips ?? []) {
      if (fixed.subnet_id === subnet.id) {
        throw badRequest(`Bad router request: Router already has a port on subnet ${subnet.id}.`, 'BadRequest')
      }
      const other = call.world.state.subnets.get(fixed.subnet_id)
      const otherPrefix = other === undefined ? undefined : parsePrefix(other.cidr)
      if (other !== undefined && prefix !== undefined && otherPrefix !== undefined && overlaps(prefix, otherPrefix)) {
        throw badRequest(
          `Bad router request: Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.id}.`,
          'BadRequest',
        )
      }
    }
  }
}

function addInterface(call: Call, row: Router): Json {
  if (!mayWrite(call, row.project_id)) throw disallowed('rule:add_router_interface')
  const { subnet, port } = interfaceTarget(call)
  if (port !== undefined) {
    for (const fixed of port.fixed_ips) requireNoOverlap(call, row, findSubnet(call, fixed.subnet_id))
    const taken = touched(call, { ...port, device_id: row.id, device_owner: 'network:router_interface' })
    call.world.state.ports.set(port.id, taken)
    return interfaceAnswer(row, taken)
  }
  if (subnet === undefined) throw badRequest('Bad router request: no subnet', 'BadRequest')
  requireNoOverlap(call, row, subnet)
  if (subnet.gateway_ip === null) {
    throw badRequest('Bad router request: Subnet for router interface must have a gateway IP.', 'BadRequest')
  }
  requireQuota(call, 'port', row.project_id)
  const inUse = call.world.state.ports.some((each) =>
    each.fixed_ips.some((fixed) => fixed.subnet_id === subnet.id && fixed.ip_address === subnet.gateway_ip),
  )
  if (inUse) {
    throw conflict(
      'IpAddressAlreadyAllocated',
      `IP address ${subnet.gateway_ip} already allocated in subnet ${subnet.id}`,
    )
  }
  const made = addPort(call.world, {
    network_id: subnet.network_id,
    project_id: row.project_id,
    device_id: row.id,
    device_owner: 'network:router_interface',
    fixed_ips: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }],
  })
  call.world.state.routers.set(row.id, touched(call, row))
  return interfaceAnswer(row, made)
}

function isNextHopIn({ routes = [] }: Router, subnet: Subnet | undefined): boolean {
  const prefix = parsePrefix(subnet?.cidr ?? '')
  return routes.some(({ nexthop }) => {
    const address = parsePrefix(`${nexthop}/32`)
    return prefix !== undefined && address !== undefined && overlaps(prefix, address)
  })
}

function removeInterface(call: Call, row: Router): Json {
  if (!mayWrite(call, row.project_id)) throw disallowed('rule:remove_router_interface')
  const { subnet, port } = interfaceTarget(call)
  const found = interfacesOf(call, row).find(
    (each) => each.id === port?.id || each.fixed_ips.some((fixed) => fixed.subnet_id === subnet?.id),
  )
  if (found === undefined) {
    const said =
      subnet === undefined
        ? `Router ${row.id} does not have an interface with id ${port?.id ?? ''}`
        : `Router ${row.id} has no interface on subnet ${subnet.id}`
    throw new Refusal(404, said, {
      type: subnet === undefined ? 'RouterInterfaceNotFound' : 'RouterInterfaceNotFoundForSubnet',
    })
  }
  const subnetIds = found.fixed_ips.map((fixed) => fixed.subnet_id)
  const inUse = call.world.state.floatingIps.some((floating) => {
    const behind = floating.port_id === null ? undefined : call.world.state.ports.get(floating.port_id)
    return behind?.fixed_ips.some((fixed) => subnetIds.includes(fixed.subnet_id)) === true
  })
  if (inUse) {
    throw conflict(
      'RouterInterfaceInUseByFloatingIP',
      `Router interface for subnet ${subnetIds[0] ?? ''} on router ${row.id} cannot be deleted, as it is required by one or more floating IPs.`,
    )
  }
  // neutron/db/extraroute_db.py, _confirm_router_interface_not_in_use
  const needed = subnetIds.find((id) => isNextHopIn(row, call.world.state.subnets.get(id)))
  if (needed !== undefined) {
    throw conflict(
      'RouterInterfaceInUseByRoute',
      `Router interface for subnet ${needed} on router ${row.id} cannot be deleted, as it is required by one or more routes.`,
    )
  }
  call.world.state.ports.delete(found.id)
  call.world.state.routers.set(row.id, touched(call, row))
  return interfaceAnswer(row, found)
}

export const routerRoutes: readonly Route[] = [
  route('GET', '/v2.0/routers', (call) => {
    const rows = call.world.state.routers.filter((row) => mayRead(call, row.project_id))
    return list(
      call,
      'routers',
      rows.map((row) => show(call, row)),
    )
  }),
  route('POST', '/v2.0/routers', (call) => created({ router: show(call, createRouter(call)) })),
  route('GET', '/v2.0/routers/:id', (call) =>
    ok({ router: narrowed(call, show(call, findRouter(call, param(call, 'id')))) }),
  ),
  route('PUT', '/v2.0/routers/:id', (call) => {
    const row = findRouter(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_router')
    return ok({ router: show(call, updateRouter(call, row)) })
  }),
  route('DELETE', '/v2.0/routers/:id', (call) => {
    const row = findRouter(call, param(call, 'id'))
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_router')
    const attached = interfacesOf(call, row)
    if (attached.length > 0) {
      const ids = attached.map((port) => port.id).join(', ')
      throw conflict('RouterInUse', `Router ${row.id} has ports still attached: ${ids}`)
    }
    dropGateway(call, row)
    call.world.state.routers.delete(row.id)
    return noContent
  }),
  route('PUT', '/v2.0/routers/:id/add_router_interface', (call) =>
    ok(addInterface(call, findRouter(call, param(call, 'id')))),
  ),
  route('PUT', '/v2.0/routers/:id/remove_router_interface', (call) =>
    ok(removeInterface(call, findRouter(call, param(call, 'id')))),
  ),
]
