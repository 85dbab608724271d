/** Keystone: the routes of its resources, and the envelope of its refusals. */
import { applicationCredentialRoutes } from './keystone/application-credentials.ts'
import { authRoutes } from './keystone/auth-tokens.ts'
import { catalogRoutes } from './keystone/catalog.ts'
import { credentialRoutes } from './keystone/credentials.ts'
import { domainRoutes } from './keystone/domains.ts'
import { federationRoutes } from './keystone/federation.ts'
import { grantRoutes } from './keystone/grants.ts'
import { groupRoutes } from './keystone/groups.ts'
import { limitRoutes } from './keystone/limits.ts'
import { openRoute } from '../service.ts'
import { projectRoutes } from './keystone/projects.ts'
import { roleAssignmentRoutes } from './keystone/role-assignments.ts'
import { roleRoutes } from './keystone/roles.ts'
import { titleOf } from '../refusal.ts'
import { trustRoutes } from './keystone/trusts.ts'
import { userRoutes } from './keystone/users.ts'
import type { Json } from '../json.ts'
import type { Service } from '../service.ts'
import type { World } from '../world.ts'

function version(world: World): Json {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${world.bases.identity}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  }
}

export const keystone: Service<'identity'> = {
  type: 'identity',
  name: 'keystone',
  path: '/identity',
  catalog: [{ type: 'identity', name: 'keystone', path: '/v3' }],
  versions: (call) => ({
    status: 300,
    body: { versions: { values: [version(call.world)] } },
    headers: { Location: `${call.world.bases.identity}/v3/` },
  }),
  hasMiddleware: false,
  headers: (call) => ({ Vary: 'X-Auth-Token', 'x-openstack-request-id': call.requestId }),
  refuse: (refusal) => ({
    body: { error: { code: refusal.status, message: refusal.message, title: titleOf(refusal.status) } },
  }),
  routes: [
    openRoute('GET', '/v3', (call) => ({ status: 200, body: { version: version(call.world) } })),
    ...authRoutes,
    ...catalogRoutes,
    ...domainRoutes,
    ...projectRoutes,
    ...userRoutes,
    ...groupRoutes,
    ...roleRoutes,
    ...grantRoutes,
    ...roleAssignmentRoutes,
    ...trustRoutes,
    ...applicationCredentialRoutes,
    ...credentialRoutes,
    ...limitRoutes,
    ...federationRoutes,
  ],
}
