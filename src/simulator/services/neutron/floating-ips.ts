/**
 * /v2.0/floatingips. neutron 21.0.0, neutron/db/l3_db.py. Each has its address by its own port, which no tenant sees.
 */
import { addPort, findPort } from './ports.ts'
import { allocate } from './addresses.ts'
import { badRequest, disallowed } from './error.ts'
import { bodyOf, fresh, list, narrowed, stamp, touched } from './serializers.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { findNetwork, ownerOf } from './networks.ts'
import { interfacesOf } from './routers.ts'
import { isExternal, mayRead, mayWrite, requireCreate } from './access.ts'
import { isUuid } from './subnets.ts'
import { Refusal } from '../../refusal.ts'
import { requireQuota } from './quotas.ts'
import { textAt } from '../../json.ts'
import type { Call, Route } from '../../service.ts'
import type { FloatingIp, Port } from '../../state.ts'
import type { Json } from '../../json.ts'

const FIELDS = [
  'floating_network_id',
  'floating_ip_address',
  'port_id',
  'fixed_ip_address',
  'description',
  'project_id',
  'tenant_id',
  'subnet_id',
  'qos_policy_id',
  'dns_name',
  'dns_domain',
]

function find(call: Call): FloatingIp {
  const id = param(call, 'id')
  const row = call.world.state.floatingIps.get(id)
  if (row === undefined || !mayRead(call, row.project_id)) {
    throw new Refusal(404, `Floating IP ${id} could not be found`, { type: 'FloatingIPNotFound' })
  }
  return row
}

function show(call: Call, row: FloatingIp): Json {
  const port = row.port_id === null ? undefined : call.world.state.ports.get(row.port_id)
  return {
    id: row.id,
    tenant_id: row.project_id,
    floating_ip_address: row.floating_ip_address,
    floating_network_id: row.floating_network_id,
    router_id: row.router_id,
    port_id: row.port_id,
    fixed_ip_address: row.fixed_ip_address,
    // Without an L3 agent it stays DOWN for ever, with one it follows its port.
    status: row.port_id === null ? 'DOWN' : 'ACTIVE',
    description: row.description,
    port_details:
      port === undefined
        ? null
        : {
            name: port.name,
            network_id: port.network_id,
            mac_address: port.mac_address,
            admin_state_up: port.admin_state_up,
            status: port.status,
            device_id: port.device_id,
            device_owner: port.device_owner,
          },
    ...stamp(row),
  }
}

/** The router between the port's subnet and the floating IP's network. */
function routerFor(call: Call, networkId: string, port: Port): string {
  const subnetIds = port.fixed_ips.map((fixed) => fixed.subnet_id)
  const router = call.world.state.routers
    .filter((each) => each.gateway?.network_id === networkId)
    .find((each) =>
      interfacesOf(call, each).some((face) => face.fixed_ips.some((fixed) => subnetIds.includes(fixed.subnet_id))),
    )
  if (router !== undefined) return router.id
  throw new Refusal(
    404,
    `External network ${networkId} is not reachable from subnet ${subnetIds[0] ?? ''}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`,
    { type: 'ExternalGatewayForFloatingIPNotFound' },
  )
}

type Association = Pick<FloatingIp, 'port_id' | 'fixed_ip_address' | 'router_id'>

function associationOf(call: Call, networkId: string, body: Json): Association {
  const portId = textAt(body, 'port_id')
  if (portId === undefined) return { port_id: null, fixed_ip_address: null, router_id: null }
  const port = findPort(call, portId)
  return {
    port_id: port.id,
    fixed_ip_address: textAt(body, 'fixed_ip_address') ?? port.fixed_ips[0]?.ip_address ?? null,
    router_id: routerFor(call, networkId, port),
  }
}

function createFloatingIp(call: Call): FloatingIp {
  const body = bodyOf(call, 'floatingip', FIELDS)
  const networkId = textAt(body, 'floating_network_id') ?? ''
  if (!isUuid(networkId)) {
    throw badRequest(`Invalid input for floating_network_id. Reason: '${networkId}' is not a valid UUID.`)
  }
  const owner = ownerOf(call, body)
  requireCreate(call, 'create_floatingip')
  requireQuota(call, 'floatingip', owner)
  const network = findNetwork(call, networkId)
  if (!isExternal(call, network)) {
    throw badRequest(`Bad floatingip request: Network ${networkId} is not a valid external network.`, 'BadRequest')
  }
  const id = call.world.ids.uuid()
  const [fixed] = allocate(call.world, networkId)
  if (fixed === undefined) {
    throw badRequest(`Unable to find any IP address on external network ${networkId}.`, 'ExternalIpAddressExhausted')
  }
  const association = associationOf(call, networkId, body)
  addPort(call.world, {
    network_id: networkId,
    project_id: '',
    device_id: id,
    device_owner: 'network:floatingip',
    fixed_ips: [fixed],
    status: 'N/A',
  })
  const row: FloatingIp = {
    id,
    name: '',
    project_id: owner,
    description: textAt(body, 'description') ?? '',
    floating_ip_address: fixed.ip_address,
    floating_network_id: networkId,
    ...association,
    ...fresh(call),
    revision: 0,
  }
  call.world.state.floatingIps.set(id, row)
  return row
}

export const floatingIpRoutes: readonly Route[] = [
  route('GET', '/v2.0/floatingips', (call) => {
    const rows = call.world.state.floatingIps.filter((row) => mayRead(call, row.project_id))
    return list(
      call,
      'floatingips',
      rows.map((row) => show(call, row)),
    )
  }),
  route('POST', '/v2.0/floatingips', (call) => created({ floatingip: show(call, createFloatingIp(call)) })),
  route('GET', '/v2.0/floatingips/:id', (call) => ok({ floatingip: narrowed(call, show(call, find(call))) })),
  route('PUT', '/v2.0/floatingips/:id', (call) => {
    const row = find(call)
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:update_floatingip')
    const body = bodyOf(call, 'floatingip', FIELDS)
    const isAssociating = 'port_id' in body
    const association = isAssociating ? associationOf(call, row.floating_network_id, body) : {}
    const description = textAt(body, 'description') ?? row.description
    const next: FloatingIp = touched(call, { ...row, ...association, description })
    call.world.state.floatingIps.set(row.id, next)
    return ok({ floatingip: show(call, next) })
  }),
  route('DELETE', '/v2.0/floatingips/:id', (call) => {
    const row = find(call)
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_floatingip')
    call.world.state.ports.deleteWhere(
      (port) => port.device_id === row.id && port.device_owner === 'network:floatingip',
    )
    call.world.state.floatingIps.delete(row.id)
    return noContent
  }),
]
