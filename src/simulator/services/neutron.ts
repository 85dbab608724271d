/** Neutron: the routes of its resources, other readable ones, and the envelope of its refusals. */
import { floatingIpRoutes } from './neutron/floating-ips.ts'
import { list, requireRevision } from './neutron/serializers.ts'
import { networkRoutes } from './neutron/networks.ts'
import { ok, param, route } from '../service.ts'
import { portRoutes } from './neutron/ports.ts'
import { quotaRoutes } from './neutron/quotas.ts'
import { rbacRoutes } from './neutron/rbac-policies.ts'
import { Refusal } from '../refusal.ts'
import { routerRoutes } from './neutron/routers.ts'
import { securityGroupRoutes } from './neutron/security-groups.ts'
import { subnetRoutes } from './neutron/subnets.ts'
import { tagRoutes } from './neutron/tags.ts'
import type { Route, Service } from '../service.ts'

/** Those that clients look for. */
const EXTENSIONS: readonly (readonly [alias: string, name: string])[] = [
  ['address-group', 'Address group'],
  ['address-scope', 'Address scope'],
  ['allowed-address-pairs', 'Allowed Address Pairs'],
  ['external-net', 'Neutron external network'],
  ['extra_dhcp_opt', 'Neutron Extra DHCP options'],
  ['extraroute', 'Neutron Extra Route'],
  ['ext-gw-mode', 'Neutron L3 Configurable external gateway mode'],
  ['network-ip-availability', 'Network IP Availability'],
  ['pagination', 'Pagination support'],
  ['port-security', 'Port Security'],
  ['project-id', 'project_id field enabled'],
  ['quota_details', 'Quota details management support'],
  ['quotas', 'Quota management support'],
  ['quota-check-limit', 'Quota engine limit check'],
  ['rbac-policies', 'RBAC Policies'],
  ['router', 'Neutron L3 Router'],
  ['security-group', 'security-group'],
  ['sorting', 'Sorting support'],
  ['subnet_allocation', 'Subnet Allocation'],
  ['standard-attr-description', 'standard-attr-description'],
  ['standard-attr-tag', 'Tag support for resources with standard attribute'],
]

function extension([alias, name]: readonly [string, string]): Readonly<Record<string, unknown>> {
  return { name, alias, description: name, updated: '2012-01-01T10:00:00-00:00', links: [] }
}

/** These cannot be made here, so a deletion answers that there is none. */
function emptyCollection(path: string, key: string, what: string): readonly Route[] {
  return [
    route('GET', `/v2.0/${path}`, (call) => list(call, key, [])),
    route('DELETE', `/v2.0/${path}/:id`, (call) => {
      throw new Refusal(404, `${what} ${param(call, 'id')} could not be found.`, { type: 'NotFound' })
    }),
  ]
}

export const neutron: Service<'network'> = {
  type: 'network',
  name: 'neutron',
  path: '/networking',
  catalog: [{ type: 'network', name: 'neutron', path: '' }],
  versions: (call) =>
    ok({
      versions: [
        { id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${call.world.bases.network}/v2.0/` }] },
      ],
    }),
  hasMiddleware: true,
  before: requireRevision,
  headers: (call) => ({ 'X-Openstack-Request-Id': call.requestId }),
  refuse: (refusal) => ({
    body: { NeutronError: { type: refusal.type ?? 'HTTPError', message: refusal.message, detail: '' } },
  }),
  routes: [
    route('GET', '/v2.0', () => ok({ resources: [] })),
    route('GET', '/v2.0/extensions', () => ok({ extensions: EXTENSIONS.map(extension) })),
    route('GET', '/v2.0/extensions/:alias', (call) => {
      const alias = param(call, 'alias')
      const found = EXTENSIONS.find(([known]) => known === alias)
      if (found !== undefined) return ok({ extension: extension(found) })
      throw new Refusal(404, '', {
        body: {
          message: `The resource could not be found.<br /><br />\nExtension with alias ${alias} does not exist\n\n`,
          code: '404 Not Found',
          title: 'Not Found',
        },
      })
    }),
    route('GET', '/v2.0/agents', (call) => list(call, 'agents', [])),
    route('GET', '/v2.0/availability_zones', (call) => list(call, 'availability_zones', [])),
    ...emptyCollection('subnetpools', 'subnetpools', 'Subnet pool'),
    ...emptyCollection('address-scopes', 'address_scopes', 'Address scope'),
    ...emptyCollection('address-groups', 'address_groups', 'Address group'),
    ...emptyCollection('trunks', 'trunks', 'Trunk'),
    ...emptyCollection('qos/policies', 'policies', 'QoS policy'),
    route('GET', '/v2.0/service-providers', (call) =>
      list(call, 'service_providers', [{ service_type: 'L3_ROUTER_NAT', name: 'single_node', default: false }]),
    ),
    ...networkRoutes,
    ...subnetRoutes,
    ...routerRoutes,
    ...portRoutes,
    ...floatingIpRoutes,
    ...securityGroupRoutes,
    ...rbacRoutes,
    ...quotaRoutes,
    ...tagRoutes,
  ],
}
