/** Unified limits: those of a Nova that uses them; no project has its own. keystone 22.0.2, keystone/api/limits.py and registered_limits.py. */
import { enforce } from './enforcer.ts'
import { link, list } from './serializers.ts'
import { ok, route } from '../../service.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'

/** nova 26.2.2, nova/limit/placement.py, LEGACY_LIMITS. */
const ofNova = { servers: 10, 'class:VCPU': 20, 'class:MEMORY_MB': 51200 } as const

function registered({ world }: Call): readonly Json[] {
  const nova = world.state.services.find(({ type }) => type === 'compute')
  if (world.profile.hasUnifiedLimits !== true || nova === undefined) return []
  return Object.entries(ofNova).map(([resource_name, default_limit], index) => {
    const id = `${nova.id.slice(0, 31)}${index}`
    const links = { self: link(world, `/registered_limits/${id}`) }
    return { id, service_id: nova.id, region_id: null, resource_name, default_limit, description: null, links }
  })
}

export const limitRoutes: readonly Route[] = [
  route('GET', '/v3/limits/model', (call) => {
    enforce(call, 'identity:get_limit_model')
    const description = 'Limit enforcement and validation does not take project hierarchy into consideration.'
    return ok({ model: { name: 'flat', description } })
  }),
  route('GET', '/v3/limits', (call) => {
    enforce(call, 'identity:list_limits', {
      filters: ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id'],
    })
    return list(call, 'limits', [])
  }),
  route('GET', '/v3/registered_limits', (call) => {
    enforce(call, 'identity:list_registered_limits', { filters: ['service_id', 'region_id', 'resource_name'] })
    return list(call, 'registered_limits', registered(call))
  }),
]
