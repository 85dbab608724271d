/**
 * /v2.1/servers, to read and to delete: those that Magnum's driver booted. nova 26.2.2,
 * nova/api/openstack/compute/servers.py.
 */
import { forbiddenBy } from './error.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { isJson } from '../../json.ts'
import { isoSeconds } from '../../world.ts'
import { noContent, ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Server } from '../../state.ts'

function links(call: Call, id: string): readonly Json[] {
  const { compute } = call.world.bases
  return [
    { rel: 'self', href: `${compute}/v2.1/servers/${id}` },
    { rel: 'bookmark', href: `${compute}/servers/${id}` },
  ]
}

function visible(call: Call, rule: string): readonly Server[] {
  const isAll = ['1', 'true', 'True'].includes(call.query.get('all_tenants') ?? '')
  if (isAll && !isAdmin(call)) throw forbiddenBy(`os_compute_api:servers:${rule}:get_all_tenants`)
  const asked = call.query.get('project_id') ?? call.query.get('tenant_id')
  const only = isAll ? asked : projectOf(call)
  const name = call.query.get('name')
  return call.world.state.servers
    .filter((row) => only === null || row.project_id === only)
    .filter((row) => name === null || new RegExp(name).test(row.name))
}

function show(call: Call, row: Server): Json {
  const flavor = call.world.state.flavors.get(row.flavorId)
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    tenant_id: row.project_id,
    user_id: row.user_id,
    metadata: {},
    hostId: '',
    image: { id: row.imageId, links: [] },
    flavor: { id: row.flavorId, original_name: flavor?.name ?? '', links: [] },
    created: isoSeconds(row.createdAt),
    updated: isoSeconds(row.createdAt),
    addresses: row.addresses,
    accessIPv4: '',
    accessIPv6: '',
    links: links(call, row.id),
    'OS-DCF:diskConfig': 'MANUAL',
    'OS-EXT-AZ:availability_zone': 'nova',
    config_drive: '',
    key_name: row.keyName ?? null,
    locked: row.locked === true,
    'OS-SRV-USG:launched_at': isoSeconds(row.createdAt).slice(0, 19),
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-STS:task_state': null,
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:power_state': 1,
    'os-extended-volumes:volumes_attached': [],
    progress: 0,
    security_groups: [{ name: 'default' }],
  }
}

export const serverRoutes: readonly Route[] = [
  route('GET', '/v2.1/servers', (call) => {
    const rows = visible(call, 'index')
    return ok({ servers: rows.map((row) => ({ id: row.id, name: row.name, links: links(call, row.id) })) })
  }),
  route('GET', '/v2.1/servers/detail', (call) =>
    ok({ servers: visible(call, 'detail').map((row) => show(call, row)) }),
  ),
  route('GET', '/v2.1/servers/:id', (call) => {
    const id = param(call, 'id')
    const row = call.world.state.servers.get(id)
    if (row === undefined || (row.project_id !== projectOf(call) && !isAdmin(call))) {
      throw new Refusal(404, `Instance ${id} could not be found.`)
    }
    return ok({ server: show(call, row) })
  }),
  // Its ports are deleted with it; on a real cloud a moment later. nova/api/openstack/compute/servers.py, delete: 204.
  route('DELETE', '/v2.1/servers/:id', (call) => {
    const id = param(call, 'id')
    const row = call.world.state.servers.get(id)
    if (row === undefined || (row.project_id !== projectOf(call) && !isAdmin(call))) {
      throw new Refusal(404, `Instance ${id} could not be found.`)
    }
    // nova/compute/api.py, check_instance_lock
    if (row.locked === true && !isAdmin(call)) throw new Refusal(409, `Instance ${id} is locked`)
    remove(call, id)
    return noContent
  }),
  // Of the actions only the one that deletes at once. nova/api/openstack/compute/deferred_delete.py, _force_delete:
  // 202.
  route('POST', '/v2.1/servers/:id/action', (call) => {
    const id = param(call, 'id')
    const row = call.world.state.servers.get(id)
    if (row === undefined || (row.project_id !== projectOf(call) && !isAdmin(call))) {
      throw new Refusal(404, `Instance ${id} could not be found.`)
    }
    if (!isJson(call.body) || !('forceDelete' in call.body)) {
      throw new Refusal(501, 'the simulator has no action of a server but forceDelete')
    }
    remove(call, id)
    return { status: 202 }
  }),
]

function remove({ world }: Call, id: string): void {
  world.state.ports.deleteWhere((port) => port.device_id === id)
  world.state.servers.delete(id)
}
