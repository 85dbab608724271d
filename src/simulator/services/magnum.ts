/** Magnum: the routes of its resources, its microversions, and the envelope of its refusals. */
import { askedVersion } from '../microversion.ts'
import { certificateRoutes } from './magnum/certificates.ts'
import { clusterRoutes } from './magnum/clusters.ts'
import { clusterTemplateRoutes } from './magnum/cluster-templates.ts'
import { credentialRoutes } from './magnum/credentials.ts'
import { denied } from './magnum/error.ts'
import { isAdmin } from '../access.ts'
import { isoZone, minorOf } from './magnum/serializers.ts'
import { magnumMaximum } from '../profile.ts'
import { ok, openRoute, route } from '../service.ts'
import { quotaRoutes } from './magnum/quotas.ts'
import { Refusal } from '../refusal.ts'
import type { Call, Service } from '../service.ts'
import type { Json } from '../json.ts'

function requireVersion(call: Call): void {
  const asked = askedVersion(call, 'container-infra')
  const maximum = magnumMaximum(call.world.profile)
  if (asked.kind !== 'version' || (asked.major === 1 && asked.minor >= 1 && asked.minor <= maximum)) return
  throw new Refusal(406, 'Requested microversion is unsupported', {
    body: {
      errors: [
        {
          code: 'magnum.microversion-unsupported',
          title: 'Requested microversion is unsupported',
          description: `Version ${asked.major}.${asked.minor} was requested but the minor version is not supported by this service. The supported version range is: [container-infra 1.1, container-infra 1.${maximum}].`,
          max_version: `1.${maximum}`,
          min_version: '1.1',
          links: [{ rel: 'help', href: 'http://docs.openstack.org/api-guide/compute/microversions.html' }],
        },
      ],
    },
  })
}

const COLLECTIONS = ['clustertemplates', 'clusters', 'quotas', 'certificates', 'mservices', 'stats']

function root(call: Call): Json {
  const base = call.world.bases['container-infra']
  const collections: Record<string, readonly Json[]> = {}
  for (const name of COLLECTIONS) {
    collections[name] = [
      { href: `${base}/v1/${name}/`, rel: 'self' },
      { href: `${base}/${name}/`, rel: 'bookmark' },
    ]
  }
  return {
    id: 'v1',
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.magnum.v1+json' }],
    links: [{ href: `${base}/v1/`, rel: 'self' }],
    ...collections,
  }
}

export const magnum: Service<'container-infra'> = {
  type: 'container-infra',
  name: 'magnum',
  path: '/container-infra',
  catalog: [{ type: 'container-infra', name: 'magnum', path: '/v1' }],
  versions: (call) =>
    ok({
      name: 'OpenStack Magnum API',
      description: 'Magnum is an OpenStack project which aims to provide container cluster management.',
      versions: [
        {
          id: 'v1',
          links: [{ href: `${call.world.bases['container-infra']}/v1/`, rel: 'self' }],
          status: 'CURRENT',
          max_version: `1.${magnumMaximum(call.world.profile)}`,
          min_version: '1.1',
        },
      ],
    }),
  hasMiddleware: true,
  before: requireVersion,
  headers: (call) => ({
    'Openstack-Api-Minimum-Version': 'container-infra 1.1',
    'Openstack-Api-Maximum-Version': `container-infra 1.${magnumMaximum(call.world.profile)}`,
    'Openstack-Api-Version': `container-infra 1.${minorOf(call)}`,
    'X-Openstack-Request-Id': call.requestId,
  }),
  refuse: (refusal) => ({
    body: {
      errors: [
        {
          request_id: '',
          code: refusal.status < 500 ? 'client' : 'server',
          status: refusal.status,
          // magnum/api/middleware/parsable_error.py: up to the first full stop that ends a sentence.
          title: refusal.message.split('. ')[0]?.replace(/\.$/, '') ?? '',
          detail: refusal.message,
          links: [],
        },
      ],
    },
  }),
  routes: [
    openRoute('GET', '/v1', (call) => ok(root(call))),
    ...clusterTemplateRoutes,
    ...clusterRoutes,
    ...certificateRoutes,
    ...credentialRoutes,
    ...quotaRoutes,
    route('GET', '/v1/mservices', (call) => {
      if (!isAdmin(call)) throw denied('magnum-service:get_all')
      const at = isoZone(call.world.now())
      const conductor = { host: 'simulator', binary: 'magnum-conductor', state: 'up', id: 1, report_count: 1 }
      const row = { ...conductor, disabled: false, disabled_reason: null, created_at: at, updated_at: at }
      return ok({ mservices: [row] })
    }),
  ],
}
