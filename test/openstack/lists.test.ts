import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/errors.ts'
import { listImages } from '../../src/openstack/glance.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { findClusterTemplate } from '../../src/openstack/magnum/cluster-templates.ts'
import { listClusters } from '../../src/openstack/magnum/clusters.ts'
import { listPacketSubnets } from '../../src/openstack/neutron/packet-rows.ts'
import { findNetwork, listNetworks } from '../../src/openstack/neutron/networks.ts'
import { findKeypair, listFlavors } from '../../src/openstack/nova.ts'
import { failure, fakeCloud, json } from './fake.ts'

const flavor = (id: string): unknown => ({
  id,
  name: `m1.${id}`,
  vcpus: 1,
  ram: 512,
  disk: 1,
  'os-flavor-access:is_public': true,
})
const image = (id: string): unknown => ({
  id,
  name: 'i',
  status: 'active',
  visibility: 'public',
  owner: null,
  protected: false,
  min_ram: 0,
  min_disk: 0,
  created_at: '2026-01-01T00:00:00Z',
})
const network = (id: string, name: string): unknown => ({
  id,
  name,
  project_id: 'p1',
  status: 'ACTIVE',
  admin_state_up: true,
  shared: false,
  'router:external': false,
  subnets: [],
})
const project = (id: string, name: string): unknown => ({
  id,
  name,
  domain_id: 'd1',
  parent_id: 'd1',
  enabled: true,
  is_domain: false,
})

test('pages of nova are followed to the last, by their query alone: the token goes to no other host', async () => {
  const { session, asked } = fakeCloud((one) =>
    one.url.includes('marker')
      ? json(200, { flavors: [flavor('2')] })
      : json(200, {
          flavors: [flavor('1')],
          flavors_links: [{ rel: 'next', href: 'https://evil.example/steal?limit=1&marker=1' }],
        }),
  )
  expect((await listFlavors(session)).map((one) => one.id)).toEqual(['1', '2'])
  expect(asked.map((one) => one.url)).toEqual([
    'https://compute.example:8774/v2.1/flavors/detail',
    'https://compute.example:8774/v2.1/flavors/detail?limit=1&marker=1',
  ])
})

test('pages of glance (a relative `next`) and of magnum (an absolute one) are followed', async () => {
  const images = fakeCloud((one) =>
    json(
      200,
      one.url.includes('marker')
        ? { images: [image('b')] }
        : { images: [image('a')], next: '/v2/images?limit=1&marker=a' },
    ),
  )
  expect(await listImages(images.session)).toHaveLength(2)
  const cluster = { uuid: 'c', name: 'c', status: 'X', cluster_template_id: 't', stack_id: null, keypair: null }
  const clusters = fakeCloud((one) =>
    json(
      200,
      one.url.includes('marker')
        ? { clusters: [], next: null }
        : { clusters: [cluster], next: 'http://h/v1/clusters?limit=1&marker=c' },
    ),
  )
  expect(await listClusters(clusters.session)).toHaveLength(1)
  expect(clusters.asked).toHaveLength(2)
})

test('a filter of many values and the wanted fields are kept from page to page, and each page is named', async () => {
  const row = (id: string) => ({ id, network_id: 'n', cidr: '10.0.0.0/24' })
  const { session, asked } = fakeCloud((one) => {
    const isSecond = one.url.includes('marker')
    const next = [{ rel: 'next', href: `${one.url}&marker=1` }]
    const body = isSecond ? { subnets: [row('2')] } : { subnets: [row('1')], subnets_links: next }
    return json(200, body, { 'x-openstack-request-id': isSecond ? 'req-2' : 'req-1' })
  })
  const { items, shownBy } = await listPacketSubnets(session, { network_id: ['n', 'm'] })
  expect(items.map(({ id }) => id)).toEqual(['1', '2'])
  expect(shownBy).toBe('network: GET /v2.0/subnets (req-1, req-2)')
  const query = 'network_id=n&network_id=m&fields=id&fields=network_id&fields=cidr'
  expect(asked.map(({ url }) => new URL(url).search)).toEqual([`?${query}`, `?${query}&marker=1`])
})

test('pages that go round in a circle end in an error', async () => {
  const { session, asked } = fakeCloud(() =>
    json(200, { networks: [network('1', 'a')], networks_links: [{ rel: 'next', href: 'http://h?marker=1' }] }),
  )
  expect(String(await failure(listNetworks(session)))).toContain('form a circle')
  expect(asked).toHaveLength(2)
})

test('a list that Keystone cut short does not pass for the whole', async () => {
  const { session } = fakeCloud(() =>
    json(200, { projects: [project('1', 'a')], truncated: true, links: { next: null } }),
  )
  const error = await failure(findProject(session, 'acme-prod', 'd1'))
  expect(String(error)).toContain('list was cut short')
  expect(exitCodeOf(error)).toBe(3)
})

test('find takes the exact name alone, whatever a lax database returns', async () => {
  const { session } = fakeCloud(() =>
    json(200, { projects: [project('1', 'ACME-prod'), project('2', '\u0430cme-prod'), project('3', 'acme-prod')] }),
  )
  expect((await findProject(session, 'acme-prod', 'd1'))?.id).toBe('3')
  expect(await findProject(session, 'acme', 'd1')).toBeUndefined()
})

test('two of a name: both are listed, and nothing is chosen', async () => {
  const { session } = fakeCloud(() => json(200, { networks: [network('n1', 'acme-net'), network('n2', 'acme-net')] }))
  const error = await failure(findNetwork(session, 'acme-net', {}))
  expect(error).toMatchObject({
    kind: 'answer',
    status: 200,
    path: '/v2.0/networks?name=acme-net',
    reason: '2 networks are named `acme-net`: `n1`, `n2`',
  })
  expect(exitCodeOf(error)).toBe(3)
})

test('a public template of another project is not ours, though it has the name', async () => {
  const template = (uuid: string, project_id: string): unknown => ({
    uuid,
    name: 'acme-k8s',
    coe: 'kubernetes',
    image_id: 'i',
    server_type: 'vm',
    cluster_distro: null,
    flavor_id: null,
    master_flavor_id: null,
    keypair_id: null,
    external_network_id: null,
    fixed_network: null,
    fixed_subnet: null,
    network_driver: null,
    docker_storage_driver: null,
    dns_nameserver: null,
    master_lb_enabled: true,
    floating_ip_enabled: true,
    public: true,
    labels: null,
    project_id,
    user_id: 'u',
  })
  const { session } = fakeCloud(() => json(200, { clustertemplates: [template('t1', 'other'), template('t2', 'p1')] }))
  expect((await findClusterTemplate(session, 'acme-k8s', { projectId: 'p1' }))?.uuid).toBe('t2')
})

test('a keypair that is not there is undefined, one that may not be read is an error', async () => {
  const gone = fakeCloud(() => json(404, { itemNotFound: { code: 404, message: 'Keypair not found' } }))
  expect(await findKeypair(gone.session, 'a key')).toBeUndefined()
  const refused = fakeCloud(() => json(403, { forbidden: { code: 403, message: 'no' } }))
  expect(await failure(findKeypair(refused.session, 'k'))).toMatchObject({ status: 403 })
})

test('each service is asked for the version that was chosen for it', async () => {
  const { session, asked } = fakeCloud((one) =>
    json(200, one.url.includes('flavors') ? { flavors: [] } : { images: [] }),
  )
  await listFlavors(session)
  await listImages(session)
  await session.request({ service: 'compute', method: 'GET', path: '/flavors', microversion: '2.1' })
  expect(asked.map((one) => one.headers['OpenStack-API-Version'])).toEqual(['compute 2.65', undefined, 'compute 2.1'])
  expect(asked.every((one) => one.headers['Accept'] === 'application/json')).toBe(true)
})
