/** Unified limits: those of a Nova that uses them. keystone 22.0.2, keystone/api/limits.py and registered_limits.py. */
import { conflict, notFound } from './error.ts'
import { enforce } from './enforcer.ts'
import { filtered, link, list } from './serializers.ts'
import { isJson, objectAt, textAt } from '../../json.ts'
import { noContent, ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { ProjectLimit } from '../../state.ts'
import type { World } from '../../world.ts'

/** nova 26.2.2, nova/limit/placement.py, LEGACY_LIMITS. */
export const ofNova = { servers: 10, 'class:VCPU': 20, 'class:MEMORY_MB': 51200 } as const

function registered(world: World): readonly Json[] {
  const nova = world.state.services.find(({ type }) => type === 'compute')
  if (world.profile.hasUnifiedLimits !== true || nova === undefined) return []
  return Object.entries(ofNova).map(([resource_name, default_limit], index) => {
    const id = `${nova.id.slice(0, 31)}${index}`
    const links = { self: link(world, `/registered_limits/${id}`) }
    return { id, service_id: nova.id, region_id: null, resource_name, default_limit, description: null, links }
  })
}

function show(world: World, row: ProjectLimit): Json {
  return { ...row, domain_id: null, description: null, links: { self: link(world, `/limits/${row.id}`) } }
}

/** An account of a project sees those of its project. limits.py, _list_limits. */
function visible(call: Call): readonly ProjectLimit[] {
  const { isSystem, domain, project } = call.caller()
  const { limits, projects } = call.world.state
  if (isSystem) return limits.filter(() => true)
  if (domain !== undefined) return limits.filter((row) => projects.get(row.project_id)?.domain_id === domain.id)
  return limits.filter((row) => row.project_id === project?.id)
}

function created(call: Call, wanted: Json): ProjectLimit {
  const { world } = call
  const same = (row: {
    readonly service_id?: unknown
    readonly region_id?: unknown
    readonly resource_name?: unknown
  }) =>
    row.service_id === wanted['service_id'] &&
    row.resource_name === wanted['resource_name'] &&
    (row.region_id ?? null) === (wanted['region_id'] ?? null)
  const projectId = textAt(wanted, 'project_id') ?? ''
  const resource_limit = wanted['resource_limit']
  if (typeof resource_limit !== 'number') throw new Refusal(400, "'resource_limit' is a required property")
  if (!registered(world).some(same))
    throw new Refusal(403, `Unable to create a limit that has no corresponding registered limit.`)
  if (world.state.limits.some((row) => same(row) && row.project_id === projectId))
    throw conflict('limit', 'Duplicate entry')
  return {
    id: world.ids.hex(),
    project_id: projectId,
    service_id: textAt(wanted, 'service_id') ?? '',
    region_id: textAt(wanted, 'region_id') ?? null,
    resource_name: textAt(wanted, 'resource_name') ?? '',
    resource_limit,
  }
}

function findLimit(call: Call): ProjectLimit {
  const id = param(call, 'limit_id')
  const row = call.world.state.limits.get(id)
  if (row === undefined) throw notFound('limit', id)
  return row
}

export const limitRoutes: readonly Route[] = [
  route('GET', '/v3/limits/model', (call) => {
    enforce(call, 'identity:get_limit_model')
    const description = 'Limit enforcement and validation does not take project hierarchy into consideration.'
    return ok({ model: { name: 'flat', description } })
  }),
  route('GET', '/v3/limits', (call) => {
    const filters = ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id']
    enforce(call, 'identity:list_limits', { filters })
    const rows = visible(call).map((row) => show(call.world, row))
    return list(call, 'limits', filtered(call, rows, filters))
  }),
  route('POST', '/v3/limits', (call) => {
    enforce(call, 'identity:create_limits', {})
    const asked = isJson(call.body) && Array.isArray(call.body['limits']) ? call.body['limits'] : []
    const rows = asked.filter(isJson).map((one) => created(call, one))
    for (const row of rows) call.world.state.limits.set(row.id, row)
    return { status: 201, body: { limits: rows.map((row) => show(call.world, row)) } }
  }),
  route('PATCH', '/v3/limits/:limit_id', (call) => {
    enforce(call, 'identity:update_limit', {})
    const row = findLimit(call)
    const limit = objectAt(call.body, 'limit')['resource_limit']
    // `if limit.get('resource_limit')`: an update to 0 changes nothing. keystone/limit/backends/sql.py, update_limit; seen on the lab
    const next = { ...row, resource_limit: typeof limit === 'number' && limit !== 0 ? limit : row.resource_limit }
    call.world.state.limits.set(row.id, next)
    return ok({ limit: show(call.world, next) })
  }),
  route('DELETE', '/v3/limits/:limit_id', (call) => {
    enforce(call, 'identity:delete_limit', {})
    call.world.state.limits.delete(findLimit(call).id)
    return noContent
  }),
  route('GET', '/v3/registered_limits', (call) => {
    enforce(call, 'identity:list_registered_limits', { filters: ['service_id', 'region_id', 'resource_name'] })
    return list(call, 'registered_limits', registered(call.world))
  }),
]
