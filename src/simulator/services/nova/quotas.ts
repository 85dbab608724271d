/** /v2.1/os-quota-sets and /v2.1/limits. nova 26.2.2, nova/api/openstack/compute/quota_sets.py. */
import { forbiddenBy, invalidField } from './error.ts'
import { ofNova } from '../keystone/limits.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { isJson, pythonRepr } from '../../json.ts'
import { minorOf } from './version.ts'
import { ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

const DEFAULTS = {
  cores: 20,
  instances: 10,
  key_pairs: 100,
  metadata_items: 128,
  ram: 51200,
  server_group_members: 10,
  server_groups: 10,
} as const

/** Shown below 2.36, without effect since Nova has no network of its own. */
const NETWORK = { fixed_ips: -1, floating_ips: -1, security_group_rules: -1, security_groups: -1 } as const

/** Shown below 2.57. */
const INJECTED = { injected_file_content_bytes: 10240, injected_file_path_bytes: 255, injected_files: 5 } as const

type Quota = Readonly<Record<keyof typeof DEFAULTS, number>>

export function quotaOf(world: World, projectId: string): Quota {
  const { quotas } = world.state
  if (world.profile.hasUnifiedLimits === true) return { ...DEFAULTS, ...unified(world, projectId) }
  return { ...DEFAULTS, ...quotas.get(`compute/${projectId}`), ...quotas.get('compute/*') }
}

/** nova/limit/placement.py, get_legacy_project_limits. */
function unified({ state }: World, projectId: string): Pick<Quota, 'instances' | 'cores' | 'ram'> {
  const nova = state.services.find(({ type }) => type === 'compute')
  const own = state.limits.filter((row) => row.project_id === projectId && row.service_id === nova?.id)
  const of = (name: keyof typeof ofNova): number =>
    own.find(({ resource_name }) => resource_name === name)?.resource_limit ?? ofNova[name]
  return { instances: of('servers'), cores: of('class:VCPU'), ram: of('class:MEMORY_MB') }
}

/** What the servers of a project use. */
export function usage(
  world: World,
  projectId: string,
): { readonly cores: number; readonly ram: number; readonly instances: number } {
  const servers = world.state.servers.filter((server) => server.project_id === projectId)
  const flavors = servers.map((server) => world.state.flavors.get(server.flavorId))
  return {
    instances: servers.length,
    cores: flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, flavor) => sum + (flavor?.ram ?? 0), 0),
  }
}

function sorted(set: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(set).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function shown(call: Call, quota: Quota): Json {
  const minor = minorOf(call)
  return sorted({ ...quota, ...(minor < 36 ? NETWORK : {}), ...(minor < 57 ? INJECTED : {}) })
}

function requireRead(call: Call, projectId: string): void {
  if (isAdmin(call) || projectOf(call) === projectId) return
  throw forbiddenBy('os_compute_api:os-quota-sets:show')
}

/** Nova asks Keystone whether the project exists. nova/api/openstack/identity.py, verify_project_id. */
function requireProject(call: Call, projectId: string): void {
  if (!call.world.state.projects.has(projectId)) {
    throw new Refusal(400, `Project ID ${projectId} is not a valid project.`)
  }
}

function used(call: Call, projectId: string, name: string): number {
  const all: Readonly<Record<string, number>> = usage(call.world, projectId)
  return all[name] ?? 0
}

function details(call: Call, projectId: string): Json {
  return Object.fromEntries(
    Object.entries(shown(call, quotaOf(call.world, projectId))).map(([name, limit]) => [
      name,
      { limit, in_use: used(call, projectId, name), reserved: 0 },
    ]),
  )
}

function wanted(call: Call, projectId: string): Readonly<Record<string, number>> {
  const body = isJson(call.body) ? call.body['quota_set'] : undefined
  if (!isJson(body)) throw invalidField('quota_set', pythonRepr(body), "'quota_set' is a required property")
  const { force: isForced, ...rest } = body
  const known = Object.keys(shown(call, quotaOf(call.world, projectId)))
  const all: Record<string, number> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (!known.includes(name)) {
      const reason = `Additional properties are not allowed ('${name}' was unexpected)`
      throw invalidField('quota_set', pythonRepr(body), reason)
    }
    const limit = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof limit !== 'number') {
      throw invalidField(name, pythonRepr(value), `${pythonRepr(value)} is not of type 'integer'`)
    }
    if (limit < -1) throw invalidField(name, pythonRepr(value), `${limit} is less than the minimum of -1`)
    const inUse = used(call, projectId, name)
    if (isForced !== true && limit >= 0 && limit < inUse) {
      throw new Refusal(
        400,
        `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved ${inUse}.`,
      )
    }
    all[name] = limit
  }
  return all
}

function limits(call: Call): Json {
  const quota = quotaOf(call.world, projectOf(call))
  const inUse = usage(call.world, projectOf(call))
  const minor = minorOf(call)
  return {
    maxTotalInstances: quota.instances,
    maxTotalCores: quota.cores,
    maxTotalRAMSize: quota.ram,
    maxServerMeta: quota.metadata_items,
    ...(minor < 39 ? { maxImageMeta: quota.metadata_items } : {}),
    ...(minor < 57 ? { maxPersonality: 5, maxPersonalitySize: 10240 } : {}),
    maxTotalKeypairs: quota.key_pairs,
    maxServerGroups: quota.server_groups,
    maxServerGroupMembers: quota.server_group_members,
    ...(minor < 36 ? { maxTotalFloatingIps: -1, maxSecurityGroups: -1, maxSecurityGroupRules: -1 } : {}),
    totalRAMUsed: inUse.ram,
    totalCoresUsed: inUse.cores,
    totalInstancesUsed: inUse.instances,
    ...(minor < 36 ? { totalFloatingIpsUsed: 0, totalSecurityGroupsUsed: 0 } : {}),
    totalServerGroupsUsed: 0,
  }
}

export const quotaRoutes: readonly Route[] = [
  route('GET', '/v2.1/os-quota-sets/:project_id', (call) => {
    const id = param(call, 'project_id')
    requireRead(call, id)
    return ok({ quota_set: { id, ...shown(call, quotaOf(call.world, id)) } })
  }),
  route('GET', '/v2.1/os-quota-sets/:project_id/detail', (call) => {
    const id = param(call, 'project_id')
    requireRead(call, id)
    return ok({ quota_set: { id, ...details(call, id) } })
  }),
  route('GET', '/v2.1/os-quota-sets/:project_id/defaults', (call) => {
    const id = param(call, 'project_id')
    return ok({ quota_set: { id, ...shown(call, DEFAULTS) } })
  }),
  route('PUT', '/v2.1/os-quota-sets/:project_id', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-quota-sets:update')
    const id = param(call, 'project_id')
    // `if limit_utils.use_unified_limits(): requested_quotas = []`
    if (call.world.profile.hasUnifiedLimits === true) return ok({ quota_set: shown(call, quotaOf(call.world, id)) })
    const asked = wanted(call, id)
    requireProject(call, id)
    const key = `compute/${id}`
    call.world.state.quotas.set(key, { ...call.world.state.quotas.get(key), ...asked })
    return ok({ quota_set: shown(call, quotaOf(call.world, id)) })
  }),
  route('DELETE', '/v2.1/os-quota-sets/:project_id', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-quota-sets:delete')
    if (call.world.profile.hasUnifiedLimits === true) return { status: 202 }
    call.world.state.quotas.delete(`compute/${param(call, 'project_id')}`)
    return { status: 202 }
  }),
  route('GET', '/v2.1/limits', (call) => ok({ limits: { rate: [], absolute: limits(call) } })),
]
