/** Nova: the routes of its resources, and the envelope of its refusals. */
import { flavorRoutes } from './nova/flavors.ts'
import { forbiddenBy } from './nova/error.ts'
import { isAdmin } from '../access.ts'
import { keypairRoutes } from './nova/keypairs.ts'
import { minorOf, requireVersion } from './nova/version.ts'
import { novaMaximum } from '../profile.ts'
import { ok, openRoute, route } from '../service.ts'
import { quotaRoutes } from './nova/quotas.ts'
import { serverRoutes } from './nova/servers.ts'
import { usageRoutes } from './nova/usage.ts'
import type { Json } from '../json.ts'
import type { Route, Service } from '../service.ts'
import type { World } from '../world.ts'

/** nova 26.2.2, nova/api/openstack/wsgi.py, Fault._fault_names. */
const FAULTS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

function version(world: World): Json {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${novaMaximum(world.profile)}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${world.bases.compute}/v2.1/` }],
  }
}

/** Lists for readers, always empty here. */
function emptyList(path: string, key: string, rule?: string): Route {
  return route('GET', `/v2.1/${path}`, (call) => {
    if (rule !== undefined && !isAdmin(call)) throw forbiddenBy(rule)
    return ok({ [key]: [] })
  })
}

export const nova: Service<'compute'> = {
  type: 'compute',
  name: 'nova',
  path: '/compute',
  catalog: [{ type: 'compute', name: 'nova', path: '/v2.1' }],
  versions: (call) => ok({ versions: [version(call.world)] }),
  hasMiddleware: true,
  before: requireVersion,
  headers: (call) => ({
    'OpenStack-API-Version': `compute 2.${minorOf(call)}`,
    'X-OpenStack-Nova-API-Version': `2.${minorOf(call)}`,
    Vary: 'OpenStack-API-Version',
    'x-openstack-request-id': call.requestId,
    'x-compute-request-id': call.requestId,
  }),
  refuse: (refusal) => ({
    body: {
      [FAULTS[refusal.status] ?? 'computeFault']: {
        code: refusal.status,
        message: refusal.message,
        ...(refusal.headers['Retry-After'] === undefined ? {} : { retryAfter: refusal.headers['Retry-After'] }),
      },
    },
  }),
  routes: [
    openRoute('GET', '/v2.1', (call) => {
      const shown = version(call.world)
      const base = { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }
      return ok({ version: { ...shown, 'media-types': [base] } })
    }),
    ...flavorRoutes,
    ...keypairRoutes,
    ...quotaRoutes,
    ...serverRoutes,
    ...usageRoutes,
    emptyList('extensions', 'extensions'),
    emptyList('os-availability-zone', 'availabilityZoneInfo'),
    emptyList('os-server-groups', 'server_groups'),
    emptyList('os-services', 'services', 'os_compute_api:os-services:list'),
    emptyList('os-hypervisors', 'hypervisors', 'os_compute_api:os-hypervisors:list'),
    emptyList('os-aggregates', 'aggregates', 'os_compute_api:os-aggregates:index'),
  ],
}
