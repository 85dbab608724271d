import { expect, test } from 'vitest'
import { catalogFindings } from '../../src/openstack/catalog-findings.ts'
import { findEndpoint } from '../../src/openstack/catalog.ts'
import type { CatalogService, EndpointQuery } from '../../src/openstack/catalog.ts'

function service(type: string, ...urls: readonly (readonly [string, string, string])[]): CatalogService {
  return {
    type,
    endpoints: urls.map(([region_id, face, url]) => ({ region_id, region: region_id, interface: face, url })),
  }
}

const project = '0438088b58b44210bac866212a41b747'
const ask = (
  query: Partial<EndpointQuery> & Pick<EndpointQuery, 'service'>,
  ...services: readonly CatalogService[]
): unknown => findEndpoint(services, { interface: 'public', projectId: project, ...query })

// The ways in which installers register them: charms, kolla-ansible, devstack, the lab.
test.each([
  ['network', 'network', 'http://h:9696', 'http://h:9696/v2.0'],
  ['network', 'network', 'http://h:9696/', 'http://h:9696/v2.0'],
  ['network', 'network', 'https://h/networking', 'https://h/networking/v2.0'],
  ['network', 'network', 'https://h/networking/v2.0/', 'https://h/networking/v2.0'],
  ['compute', 'compute', 'http://h:8774/v2.1', 'http://h:8774/v2.1'],
  ['compute', 'compute', `http://h:8774/v2/${project}`, 'http://h:8774/v2.1'],
  ['compute', 'compute', 'https://h/compute/v2.1', 'https://h/compute/v2.1'],
  ['image', 'image', 'http://h:9292', 'http://h:9292/v2'],
  ['image', 'image', 'http://h:9292/v2', 'http://h:9292/v2'],
  ['block-storage', 'block-storage', `http://h:8776/v3/${project}`, `http://h:8776/v3/${project}`],
  ['block-storage', 'volumev3', `http://h:8776/v3/${project}`, `http://h:8776/v3/${project}`],
  ['block-storage', 'block-store', 'http://h:8776/v3', `http://h:8776/v3/${project}`],
  ['load-balancer', 'load-balancer', 'http://h:9876', 'http://h:9876/v2'],
  ['load-balancer', 'load-balancer', 'https://h/load-balancer/v2.0', 'https://h/load-balancer/v2'],
  ['key-manager', 'key-manager', 'http://h:9311', 'http://h:9311/v1'],
  ['container-infra', 'container-infra', 'http://h:9511/v1', 'http://h:9511/v1'],
  ['orchestration', 'orchestration', `http://h:8004/v1/${project}`, `http://h:8004/v1/${project}`],
] as const)('%s registered as %s at %s is at %s', (wanted, type, url, found) => {
  expect(ask({ service: wanted }, service(type, ['RegionOne', 'public', url]))).toEqual({ url: found })
})

const both = service(
  'network',
  ['R1', 'public', 'http://public.r1'],
  ['R1', 'internalURL', 'http://internal.r1'],
  ['R2', 'public', 'http://public.r2'],
)

test('region and interface choose', () => {
  expect(ask({ service: 'network', region: 'R2' }, both)).toEqual({ url: 'http://public.r2/v2.0' })
  expect(ask({ service: 'network', region: 'R1', interface: 'internal' }, both)).toEqual({
    url: 'http://internal.r1/v2.0',
  })
  expect(ask({ service: 'network' }, both)).toEqual({ url: 'http://public.r1/v2.0' })
})

test('the official type wins over an old one', () => {
  const old = service('volumev3', ['R1', 'public', 'http://old/v3'])
  const official = service('block-storage', ['R1', 'public', 'http://official/v3'])
  expect(ask({ service: 'block-storage' }, old, official)).toEqual({ url: `http://official/v3/${project}` })
})

test.each([
  [{ service: 'image' }, 'the catalog has no `image` service'],
  [
    { service: 'network', region: 'R3' },
    'the catalog has no `network` in region `R3`, only in `R1`, `R2`: correct it where it is named: `region_name` of the entry in clouds.yaml, OS_REGION_NAME or --region',
  ],
  [
    { service: 'network', region: 'R2', interface: 'admin' },
    '`network` has no admin endpoint in the catalog, only `public`',
  ],
] as const)('what is missing is said: %j', (query, message) => {
  expect(ask(query, both)).toEqual({ missing: message })
})

test.each(['', 'network', 'file:///etc/passwd', 'javascript:alert(1)', 'http://'])(
  'a URL that is none is refused: %j',
  (url) => {
    expect(ask({ service: 'network' }, service('network', ['R1', 'public', url]))).toHaveProperty('missing')
  },
)

test('a service that wants the project in its path needs a token of a project', () => {
  const volumes = service('volumev3', ['R1', 'public', 'http://h/v3'])
  expect(ask({ service: 'block-storage', projectId: undefined }, volumes)).toEqual({
    missing: '`block-storage` needs a token of a project',
  })
  expect(ask({ service: 'block-storage' }, volumes)).toHaveProperty('url')
})

test.each([
  ['https://keystone.acme.example:5000', 'https://network.acme.example:9696', []],
  ['https://keystone.acme.example:5000', 'https://10.0.0.5:9696', []],
  ['https://keystone.acme.example:5000', 'https://network.evil.test:9696', ['info cloud/foreign-endpoint']],
  ['https://keystone.acme.example:5000', 'http://network.acme.example:9696', ['error cloud/plain-http-endpoint']],
  ['https://keystone.acme.example:5000', 'http://127.0.0.1:9696', ['error cloud/loopback-endpoint']],
  ['http://localhost:5000', 'http://127.0.0.1:9696', []],
  ['http://localhost:5000', 'https://network.acme.example', ['info cloud/loopback-endpoint']],
  ['https://keystone.acme.example:5000', 'nonsense', ['error cloud/no-endpoint']],
] as const)('with Keystone at %s, a network at %s is: %j', (authUrl, url, expected) => {
  const found = catalogFindings([service('network', ['R1', 'public', url])], {
    endpoint: { authUrl },
    wanted: ['network'],
    projectId: project,
  })
  expect(found.map((one) => `${one.severity} ${one.code}`)).toEqual(expected)
})

test('plain http that was allowed is no finding', () => {
  const endpoint = { authUrl: 'http://keystone.acme.example:5000', allowHttp: true }
  const network = service('network', ['R1', 'public', 'http://network.acme.example:9696'])
  expect(catalogFindings([network], { endpoint, wanted: ['network'], projectId: project })).toEqual([])
})
