/** Octavia: quotas, and load balancers without amphorae. octavia 11.0.0, octavia/api/v2/controllers. */
import { addPort } from './neutron/ports.ts'
import { allocate } from './neutron/addresses.ts'
import { hasRole, isAdmin, projectOf } from '../access.ts'
import { isJson, objectAt, textAt } from '../json.ts'
import { isoNaive } from '../world.ts'
import { isReleaseAtLeast } from '../profile.ts'
import { ok, param, route } from '../service.ts'
import { Refusal } from '../refusal.ts'
import type { Call, Handler, Route, Service } from '../service.ts'
import type { Json } from '../json.ts'
import type { LoadBalancer, Pool, Subnet } from '../state.ts'
import type { World } from '../world.ts'

const DEFAULTS = { load_balancer: -1, listener: -1, member: -1, pool: -1, health_monitor: -1, l7policy: -1, l7rule: -1 }

/** The API's earlier names. */
const ALIASES: Readonly<Record<string, string>> = { loadbalancer: 'load_balancer', healthmonitor: 'health_monitor' }

function quotaOf(world: World, projectId: string): Readonly<Record<string, number>> {
  // `*` is the fault that gives every project a limit which setting quotas does not raise.
  const { quotas } = world.state
  return { ...DEFAULTS, ...quotas.get(`load-balancer/${projectId}`), ...quotas.get('load-balancer/*') }
}

const denied = (): Refusal => new Refusal(403, 'Policy does not allow this request to be performed.')

function isQuotaAdmin(call: Call): boolean {
  return isAdmin(call) || hasRole(call, 'load-balancer_admin') || hasRole(call, 'load-balancer_quota_admin')
}

/**
 * Reading and writing need `load-balancer_member`, and also `member` once the new defaults are enforced.
 * octavia/policies/base.py.
 */
function requireMember(call: Call, projectId: string): void {
  if (isAdmin(call) || hasRole(call, 'load-balancer_admin')) return
  const isMember = hasRole(call, 'load-balancer_member') || hasRole(call, 'load-balancer_observer')
  const isComplete =
    !isReleaseAtLeast(call.world.profile, '2024.1') || hasRole(call, 'member') || hasRole(call, 'reader')
  if (projectOf(call) !== projectId || !isMember || !isComplete) throw denied()
}

/** Also called by the drivers of other services: the load balancer, with its own VIP in the subnet. */
export function addLoadBalancer(
  world: World,
  wanted: { readonly name: string; readonly description: string; readonly projectId: string; readonly subnet: Subnet },
): LoadBalancer {
  const { subnet, projectId } = wanted
  const limit = quotaOf(world, projectId)['load_balancer'] ?? -1
  const count = world.state.loadBalancers.filter((row) => row.project_id === projectId).length
  if (limit >= 0 && count >= limit) throw quotaMet('Load Balancer')
  const id = world.ids.uuid()
  const fixed_ips = allocate(world, subnet.network_id)
  const port = addPort(world, {
    name: `octavia-lb-${id}`,
    network_id: subnet.network_id,
    project_id: projectId,
    device_id: `lb-${id}`,
    device_owner: 'Octavia',
    fixed_ips,
  })
  const row: LoadBalancer = {
    id,
    name: wanted.name,
    description: wanted.description,
    project_id: projectId,
    provisioning_status: 'ACTIVE',
    operating_status: 'ONLINE',
    vip_address: fixed_ips[0]?.ip_address ?? '',
    vip_port_id: port.id,
    vip_subnet_id: subnet.id,
    vip_network_id: subnet.network_id,
    createdAt: world.now(),
  }
  world.state.loadBalancers.set(id, row)
  return row
}

/** What the balancer of a Kubernetes API has below it: a listener, a pool, a monitor. What is there already stays. */
export function ensureListener(world: World, balancer: LoadBalancer, name: string): Pool {
  const { listeners, pools, healthMonitors } = world.state
  const { project_id } = balancer
  const common = { name, project_id, loadBalancerId: balancer.id }
  const isOwn = (one: { readonly loadBalancerId: string }): boolean => one.loadBalancerId === balancer.id
  if (!listeners.some(isOwn)) {
    requireRoom(world, 'listener', project_id, listeners)
    const listener = { ...common, id: world.ids.uuid(), protocol_port: 6443 }
    listeners.set(listener.id, listener)
  }
  let pool = pools.find(isOwn)
  if (pool === undefined) {
    requireRoom(world, 'pool', project_id, pools)
    pool = { ...common, id: world.ids.uuid(), members: [] }
    pools.set(pool.id, pool)
  }
  if (!healthMonitors.some(isOwn)) {
    requireRoom(world, 'health_monitor', project_id, healthMonitors)
    const monitor = { ...common, id: world.ids.uuid(), pool_id: pool.id }
    healthMonitors.set(monitor.id, monitor)
  }
  return pool
}

export function ensureMember(world: World, pool: Pool, name: string, address: string): void {
  if (pool.members.some((member) => member.name === name)) return
  const limit = quotaOf(world, pool.project_id)['member'] ?? -1
  const own = world.state.pools.filter((row) => row.project_id === pool.project_id)
  const count = own.reduce((sum, row) => sum + row.members.length, 0)
  if (limit >= 0 && count >= limit) throw quotaMet('Member')
  const member = { id: world.ids.uuid(), name, address, subnet_id: null }
  world.state.pools.set(pool.id, { ...pool, members: [...pool.members, member] })
}

export function removeMember(world: World, poolId: string, name: string): void {
  const pool = world.state.pools.get(poolId)
  if (pool === undefined) return
  world.state.pools.set(poolId, { ...pool, members: pool.members.filter((member) => member.name !== name) })
}

/** octavia 11.0.0, octavia/common/exceptions.py, QuotaException; data_models' names. */
const quotaNames = { listener: 'Listener', pool: 'Pool', health_monitor: 'Health Monitor' } as const

function requireRoom(
  world: World,
  key: keyof typeof quotaNames,
  projectId: string,
  rows: { filter: (is: (row: { readonly project_id: string }) => boolean) => readonly unknown[] },
): void {
  const limit = quotaOf(world, projectId)[key] ?? -1
  const count = rows.filter(({ project_id }) => project_id === projectId).length
  if (limit >= 0 && count >= limit) throw quotaMet(quotaNames[key])
}

function quotaMet(what: string): Refusal {
  return new Refusal(403, `Quota has been met for resources: ${what}`)
}

export function removeLoadBalancer(world: World, id: string): void {
  const row = world.state.loadBalancers.get(id)
  if (row === undefined) return
  world.state.ports.delete(row.vip_port_id)
  for (const table of [world.state.listeners, world.state.pools, world.state.healthMonitors])
    table.deleteWhere((one) => one.loadBalancerId === id)
  world.state.loadBalancers.delete(id)
}

function show(row: LoadBalancer): Json {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    provisioning_status: row.provisioning_status,
    operating_status: row.operating_status,
    admin_state_up: true,
    project_id: row.project_id,
    created_at: isoNaive(row.createdAt),
    updated_at: null,
    vip_address: row.vip_address,
    vip_port_id: row.vip_port_id,
    vip_subnet_id: row.vip_subnet_id,
    vip_network_id: row.vip_network_id,
    additional_vips: [],
    listeners: [],
    pools: [],
    provider: 'amphora',
    flavor_id: null,
    vip_qos_policy_id: null,
    tags: [],
    availability_zone: null,
    tenant_id: row.project_id,
  }
}

function find(call: Call): LoadBalancer {
  const id = param(call, 'id')
  const row = call.world.state.loadBalancers.get(id)
  if (row === undefined) throw new Refusal(404, `Load Balancer ${id} not found.`)
  requireMember(call, row.project_id)
  return row
}

function visible(call: Call): readonly LoadBalancer[] {
  const only = isAdmin(call) ? call.query.get('project_id') : projectOf(call)
  const name = call.query.get('name')
  return call.world.state.loadBalancers
    .filter((row) => only === null || row.project_id === only)
    .filter((row) => name === null || row.name === name)
}

/** Those of the project that is asked for, or of the caller's. */
function ownRows<T extends { readonly project_id: string }>(
  call: Call,
  rows: { filter: (is: (row: T) => boolean) => readonly T[] },
): readonly T[] {
  requireMember(call, projectOf(call))
  const only = isAdmin(call) ? call.query.get('project_id') : projectOf(call)
  return rows.filter(({ project_id }) => only === null || project_id === only)
}

function createLoadBalancer(call: Call): LoadBalancer {
  const body = objectAt(call.body, 'loadbalancer')
  const projectId = textAt(body, 'project_id') ?? projectOf(call)
  requireMember(call, projectId)
  const subnetId = textAt(body, 'vip_subnet_id') ?? ''
  const subnet = call.world.state.subnets.get(subnetId)
  const isTheirs = subnet !== undefined && (subnet.project_id === projectOf(call) || isAdmin(call))
  if (!isTheirs) throw new Refusal(400, `Subnet ${subnetId} not found.`)
  const description = textAt(body, 'description') ?? ''
  return addLoadBalancer(call.world, { name: textAt(body, 'name') ?? '', description, projectId, subnet })
}

function wantedQuota(call: Call): Readonly<Record<string, number>> {
  const body = isJson(call.body) && isJson(call.body['quota']) ? call.body['quota'] : {}
  const all: Record<string, number> = {}
  for (const [key, value] of Object.entries(body)) {
    const name = ALIASES[key] ?? key
    if (!(name in DEFAULTS)) throw new Refusal(400, `Unknown attribute for argument quotas.quota: ${key}`)
    all[name] = typeof value === 'number' ? value : -1
  }
  return all
}

/** A quota in a list shows both of its names, and null for values that were not set. */
function listedQuota(call: Call, projectId: string): Json {
  const set = call.world.state.quotas.get(`load-balancer/${projectId}`) ?? {}
  const at = (name: string): number | null => set[name] ?? null
  return {
    project_id: projectId,
    loadbalancer: at('load_balancer'),
    load_balancer: at('load_balancer'),
    listener: at('listener'),
    member: at('member'),
    pool: at('pool'),
    healthmonitor: at('health_monitor'),
    health_monitor: at('health_monitor'),
    l7policy: at('l7policy'),
    l7rule: at('l7rule'),
    tenant_id: projectId,
  }
}

function list(path: string, key: string, rows: (call: Call) => readonly Json[]): Route {
  return route('GET', `/v2/lbaas/${path}`, (call) => ok({ [key]: rows(call), [`${key}_links`]: [] }))
}

const routes: readonly Route[] = [
  list('loadbalancers', 'loadbalancers', (call) => {
    requireMember(call, projectOf(call))
    return visible(call).map(show)
  }),
  route('POST', '/v2/lbaas/loadbalancers', (call) => ({
    status: 201,
    body: { loadbalancer: show(createLoadBalancer(call)) },
  })),
  route('GET', '/v2/lbaas/loadbalancers/:id', (call) => ok({ loadbalancer: show(find(call)) })),
  route('GET', '/v2/lbaas/loadbalancers/:id/status', (call) => {
    const { id, name, provisioning_status, operating_status } = find(call)
    return ok({ statuses: { loadbalancer: { id, name, provisioning_status, operating_status, listeners: [] } } })
  }),
  route('DELETE', '/v2/lbaas/loadbalancers/:id', (call) => {
    removeLoadBalancer(call.world, find(call).id)
    return { status: 204 }
  }),
  list('listeners', 'listeners', (call) =>
    ownRows(call, call.world.state.listeners).map(({ id, name, project_id, loadBalancerId, protocol_port }) => ({
      id,
      name,
      project_id,
      tenant_id: project_id,
      protocol_port,
      loadbalancers: [{ id: loadBalancerId }],
    })),
  ),
  list('pools', 'pools', (call) =>
    ownRows(call, call.world.state.pools).map(({ id, name, project_id, loadBalancerId, members }) => ({
      id,
      name,
      project_id,
      tenant_id: project_id,
      loadbalancers: [{ id: loadBalancerId }],
      members: members.map((member) => ({ id: member.id })),
    })),
  ),
  list('pools/:pool_id/members', 'members', (call) => {
    const id = param(call, 'pool_id')
    const row = call.world.state.pools.get(id)
    if (row === undefined) throw new Refusal(404, `Pool ${id} not found.`)
    requireMember(call, row.project_id)
    return row.members.map((member) => ({ ...member, project_id: row.project_id, tenant_id: row.project_id }))
  }),
  list('healthmonitors', 'healthmonitors', (call) =>
    ownRows(call, call.world.state.healthMonitors).map(({ id, name, project_id, pool_id }) => ({
      id,
      name,
      project_id,
      tenant_id: project_id,
      pools: [{ id: pool_id }],
    })),
  ),
  list('flavors', 'flavors', () => []),
  route('GET', '/v2/lbaas/providers', () => ok({ providers: [{ name: 'amphora', description: 'amphora' }] })),
  route('GET', '/v2/octavia/amphorae', (call) => {
    if (!isAdmin(call)) throw denied()
    return ok({ amphorae: [], amphorae_links: [] })
  }),
  list('quotas', 'quotas', (call) => {
    const set = [...call.world.state.quotas.keys()].filter(
      (key) => key.startsWith('load-balancer/') && key !== 'load-balancer/*',
    )
    const ids = set.map((key) => key.slice('load-balancer/'.length))
    return ids.filter((id) => isQuotaAdmin(call) || id === projectOf(call)).map((id) => listedQuota(call, id))
  }),
  route('GET', '/v2/lbaas/quotas/defaults', (call) => {
    if (!isQuotaAdmin(call)) throw denied()
    return ok({ quota: DEFAULTS })
  }),
  route('GET', '/v2/lbaas/quotas/:project_id', (call) => {
    const id = param(call, 'project_id')
    if (!isQuotaAdmin(call)) requireMember(call, id)
    return ok({ quota: quotaOf(call.world, id) })
  }),
  route('GET', '/v2/lbaas/quotas/:project_id/default', (call) => {
    if (!isQuotaAdmin(call)) requireMember(call, param(call, 'project_id'))
    return ok({ quota: DEFAULTS })
  }),
  route('PUT', '/v2/lbaas/quotas/:project_id', (call) => {
    if (!isQuotaAdmin(call)) throw denied()
    const id = param(call, 'project_id')
    const key = `load-balancer/${id}`
    call.world.state.quotas.set(key, { ...call.world.state.quotas.get(key), ...wantedQuota(call) })
    return { status: 202, body: { quota: quotaOf(call.world, id) } }
  }),
  route('DELETE', '/v2/lbaas/quotas/:project_id', (call) => {
    if (!isQuotaAdmin(call)) throw denied()
    call.world.state.quotas.delete(`load-balancer/${param(call, 'project_id')}`)
    return { status: 202 }
  }),
]

const versions: Handler = (call) => {
  const links = [{ href: `${call.world.bases['load-balancer']}/v2`, rel: 'self' }]
  const minors = Array.from({ length: 27 }, (_, minor) => ({
    id: `v2.${minor}`,
    status: minor === 26 ? 'CURRENT' : 'SUPPORTED',
    updated: '2022-08-31T00:00:00Z',
    links,
  }))
  return ok({ versions: minors })
}

export const octavia: Service<'load-balancer'> = {
  type: 'load-balancer',
  name: 'octavia',
  path: '/load-balancer',
  catalog: [{ type: 'load-balancer', name: 'octavia', path: '' }],
  versions,
  hasMiddleware: true,
  headers: (call) => ({ 'x-openstack-request-id': call.requestId }),
  refuse: (refusal) => ({
    body: { faultcode: refusal.status < 500 ? 'Client' : 'Server', faultstring: refusal.message, debuginfo: null },
  }),
  routes: [
    ...routes,
    // python-octaviaclient and Heat write v2.0.
    ...routes.map((each) => ({ ...each, path: each.path.replace('/v2/', '/v2.0/') })),
    // gophercloud, and so Terraform, leave `lbaas` out: octavia 11.0.0, api/v2/controllers/__init__.py, V2Controller has all of them
    ...routes.map((each) => ({ ...each, path: each.path.replace('/v2/lbaas/', '/v2.0/') })),
  ],
}
