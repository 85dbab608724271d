/** Unified limits, of which this cloud has none. keystone 22.0.2, keystone/api/limits.py and registered_limits.py. */
import { enforce } from './enforcer.ts'
import { list } from './serializers.ts'
import { ok, route } from '../../service.ts'
import type { Route } from '../../service.ts'

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
    return list(call, 'registered_limits', [])
  }),
]
