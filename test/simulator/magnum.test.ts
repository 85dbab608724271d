/** A cluster after CREATE_IN_PROGRESS, which no lab of ours can show: this follows Magnum's and the driver's source. */
import { expect, test } from 'vitest'
import { asAdmin, asUser, at, list, names, PUBLIC_KEY, text } from './client.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Ask, Reply } from './client.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Pace } from '../../src/simulator/world.ts'
import type { Seed } from '../../src/simulator/seed.ts'

const grants = ['member', 'load-balancer_member'].map((role) => ({ role, project: 'prod' }))
const seed: Seed = {
  preset: 'zed-patched',
  domains: [
    {
      name: 'acme',
      projects: ['prod'],
      users: [
        { name: 'dev', password: 'pw', grants },
        { name: 'other', password: 'pw', grants },
      ],
    },
  ],
}

type KeystoneBed = {
  readonly cloud: Cloud
  readonly dev: Ask
  readonly wait: (ms: number) => void
  readonly template: string
}

/** A tenant with a network, a key and a template, on a clock that the test moves. */
async function bench(pace: Partial<Pace> = {}): Promise<KeystoneBed> {
  let now = Date.parse('2026-11-23T02:00:00Z')
  const cloud = createCloud(seed, { now: () => now, pace })
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  const net = text((await dev('POST', 'networking/v2.0/networks', { network: { name: 'net' } })).body, 'network.id')
  const subnet = { name: 'sub', network_id: net, ip_version: 4, cidr: '10.20.0.0/24' }
  await dev('POST', 'networking/v2.0/subnets', { subnet })
  await dev('POST', 'compute/v2.1/os-keypairs', { keypair: { name: 'key', public_key: PUBLIC_KEY } })
  const made = await dev('POST', 'container-infra/v1/clustertemplates', {
    name: 'k8s',
    coe: 'kubernetes',
    image_id: 'fedora-coreos-k8s',
    external_network_id: 'provider-ext',
    flavor_id: 'm1.medium',
    master_flavor_id: 'm1.medium',
    fixed_network: 'net',
    fixed_subnet: 'sub',
    master_lb_enabled: true,
    floating_ip_enabled: true,
    keypair_id: 'key',
  })
  return { cloud, dev, wait: (ms) => void (now += ms), template: text(made.body, 'uuid') }
}

function create({ dev, template }: Pick<KeystoneBed, 'dev' | 'template'>, more: object = {}): Promise<Reply> {
  return dev('POST', 'container-infra/v1/clusters', {
    name: 'c',
    cluster_template_id: template,
    keypair: 'key',
    ...more,
  })
}

test('a cluster is not there, then in progress without a stack, then complete', async () => {
  const { cloud, dev, wait, template } = await bench({ clusterAccepted: 50, clusterCreated: 3000 })
  const uuid = text((await create({ dev, template })).body, 'uuid')
  const get = (): Promise<Reply> => dev('GET', `container-infra/v1/clusters/${uuid}`)
  expect((await get()).status).toBe(404)
  wait(50)
  expect((await get()).body).toMatchObject({ status: 'CREATE_IN_PROGRESS', api_address: null })
  wait(3000)
  const { body } = await get()
  expect(body).toMatchObject({ status: 'CREATE_COMPLETE', health_status: null, coe_version: 'v1.23.3' })
  expect(text(body, 'api_address')).toMatch(/^https:\/\/203\.0\.113\.\d+:6443$/)
  expect(list(body, 'node_addresses')).toHaveLength(1)
  wait(60_000)
  expect((await get()).body).toMatchObject({ health_status: 'HEALTHY', health_status_reason: { api: 'ok' } })
  const trust = cloud.state.trusts.find(
    (row) => row.trustor_user_id === cloud.state.users.find((user) => user.name === 'dev')?.id,
  )
  const roles = trust?.roleIds.map((id) => cloud.state.roles.get(id)?.name).sort()
  expect(roles).toEqual(['load-balancer_member', 'member', 'reader'])
})

test('a resize boots and removes nodes', async () => {
  const { cloud, dev, wait, template } = await bench({ clusterAccepted: 0, clusterCreated: 0, clusterResized: 1000 })
  const uuid = text((await create({ dev, template })).body, 'uuid')
  const path = `container-infra/v1/clusters/${uuid}`
  await dev('GET', path)
  const patch = (count: number): Promise<Reply> =>
    dev('PATCH', path, [{ op: 'replace', path: '/node_count', value: count }])
  expect((await patch(3)).status).toBe(202)
  expect((await dev('GET', path)).body).toMatchObject({ status: 'UPDATE_IN_PROGRESS' })
  expect((await patch(2)).status).toBe(400) // one change at a time
  wait(1000)
  expect((await dev('GET', path)).body).toMatchObject({ status: 'UPDATE_COMPLETE', node_count: 3 })
  expect(cloud.state.servers.size).toBe(4)
  await patch(1)
  wait(1000)
  await dev('GET', path)
  expect(cloud.state.servers.size).toBe(2)
})

test('what a cluster made goes with it, and nothing else; two of its four certificates stay, as Magnum leaves them', async () => {
  const { cloud, dev, wait, template } = await bench({ clusterAccepted: 0, clusterCreated: 0, clusterDeleted: 1000 })
  const count = (): readonly number[] => {
    const { ports, servers, loadBalancers, floatingIps, containers, secrets, trusts, users } = cloud.state
    return [ports, servers, loadBalancers, floatingIps, containers, secrets, trusts, users].map((table) => table.size)
  }
  const before = count()
  const uuid = text((await create({ dev, template })).body, 'uuid')
  const path = `container-infra/v1/clusters/${uuid}`
  await dev('GET', path)
  expect(count()).not.toEqual(before)
  expect((await dev('DELETE', path)).status).toBe(204)
  expect((await dev('GET', path)).body).toMatchObject({ status: 'DELETE_IN_PROGRESS' })
  wait(1000)
  expect((await dev('GET', path)).status).toBe(404)
  const left = [0, 0, 0, 0, 2, 6, 0, 0]
  expect(count()).toEqual(before.map((size, index) => size + (left[index] ?? 0)))
})

test('two clusters may have one name, which then names neither', async () => {
  const { dev, template } = await bench({ clusterAccepted: 0 })
  await create({ dev, template })
  await create({ dev, template })
  expect((await dev('GET', 'container-infra/v1/clusters/c')).status).toBe(409)
  expect(names(await dev('GET', 'container-infra/v1/clusters'), 'clusters')).toEqual(['c', 'c'])
})

test("the key has to be its creator's own", async () => {
  const { cloud, dev, template } = await bench()
  const other = await asUser(cloud, 'acme', 'other', 'prod')
  const refused = await create({ dev: other, template })
  expect(refused.status).toBe(404)
  expect(text(refused.body, 'errors.0.detail')).toBe('Unable to find keypair key.')
  expect((await create({ dev, template })).status).toBe(202)
})

test('a cluster of another project is not there, and an admin sees it without its certificate', async () => {
  const { cloud, dev, template } = await bench({ clusterAccepted: 0 })
  const uuid = text((await create({ dev, template })).body, 'uuid')
  const admin = await asAdmin(cloud)
  expect((await admin('GET', `container-infra/v1/clusters/${uuid}`)).status).toBe(200)
  expect((await admin('GET', `container-infra/v1/certificates/${uuid}`)).status).toBe(404)
  expect(at((await dev('GET', `container-infra/v1/certificates/${uuid}`)).body, 'pem')).toContain('BEGIN CERTIFICATE')
})
