/**
 * The simulated magnum-capi-helm, row by row as prototypes saw the real one (docs/simulator.md, Clusters of
 * magnum-capi-helm). By driver version and Magnum release where they differ.
 */
import { expect, test } from 'vitest'
import { asAdmin, asUser, at, list, PUBLIC_KEY, text } from './client.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Ask, Reply } from './client.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Pace } from '../../src/simulator/world.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import type { State } from '../../src/simulator/state.ts'

const grants = ['member', 'load-balancer_member'].map((role) => ({ role, project: 'prod' }))
const domains = [
  {
    name: 'acme',
    projects: ['prod'],
    users: [
      { name: 'dev', password: 'pw', grants },
      { name: 'other', password: 'pw', grants },
    ],
  },
]

type Bed = {
  readonly cloud: Cloud
  readonly dev: Ask
  readonly wait: (ms: number) => void
  readonly project: string
  readonly create: (fields?: object, template?: object) => Promise<string>
  readonly get: (uuid: string) => Promise<unknown>
}

async function open(seed: Seed = {}, own: Partial<Pace> = {}): Promise<Bed> {
  let now = Date.parse('2026-11-23T02:00:00Z')
  const pace = { clusterAccepted: 0, clusterCreated: 1000, clusterDeleted: 1000, clusterResized: 1000, ...own }
  const cloud = createCloud({ preset: 'epoxy', domains, ...seed }, { now: () => now, pace })
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  const net = text((await dev('POST', 'networking/v2.0/networks', { network: { name: 'net' } })).body, 'network.id')
  const subnet = { name: 'sub', network_id: net, ip_version: 4, cidr: '10.20.0.0/24' }
  await dev('POST', 'networking/v2.0/subnets', { subnet })
  await dev('POST', 'compute/v2.1/os-keypairs', { keypair: { name: 'key', public_key: PUBLIC_KEY } })
  const get = async (uuid: string): Promise<unknown> => (await dev('GET', `container-infra/v1/clusters/${uuid}`)).body
  return {
    cloud,
    dev,
    wait: (ms) => void (now += ms),
    project: cloud.state.projects.find(({ name }) => name === 'prod')?.id ?? '',
    get,
    async create(fields = {}, template = {}) {
      const made = await dev('POST', 'container-infra/v1/clustertemplates', {
        name: 'k8s',
        coe: 'kubernetes',
        image_id: 'ubuntu-2204-kube-v1.28.8',
        external_network_id: 'provider-ext',
        flavor_id: 'm1.medium',
        master_flavor_id: 'm1.medium',
        fixed_network: 'net',
        fixed_subnet: 'sub',
        master_lb_enabled: true,
        floating_ip_enabled: true,
        keypair_id: 'key',
        ...template,
      })
      const body = { name: 'Acme_Prod', cluster_template_id: text(made.body, 'uuid'), keypair: 'key', ...fields }
      const uuid = text((await dev('POST', 'container-infra/v1/clusters', body)).body, 'uuid')
      await get(uuid)
      return uuid
    },
  }
}

const headers = { 'OpenStack-API-Version': 'container-infra latest' }
const groupsOf = async ({ dev }: Bed, uuid: string): Promise<readonly (readonly [unknown, unknown])[]> =>
  list((await dev('GET', `container-infra/v1/clusters/${uuid}/nodegroups`, undefined, headers)).body, 'nodegroups').map(
    (group) => [at(group, 'role'), at(group, 'status')] as const,
  )

test('a complete cluster has no addresses of its machines; its groups have their own states', async () => {
  const bed = await open()
  const uuid = await bed.create({ node_count: 2 })
  expect(await groupsOf(bed, uuid)).toEqual([
    ['master', 'CREATE_IN_PROGRESS'],
    ['worker', 'CREATE_IN_PROGRESS'],
  ])
  bed.wait(1000)
  const body = await bed.get(uuid)
  expect(body).toMatchObject({ status: 'CREATE_COMPLETE', node_addresses: [], master_addresses: [] })
  expect(text(body, 'api_address')).toMatch(/^https:\/\/203\.0\.113\.\d+:6443$/)
  expect(await groupsOf(bed, uuid)).toEqual([
    ['master', 'CREATE_COMPLETE'],
    ['worker', 'CREATE_COMPLETE'],
  ])
  await bed.dev('POST', `container-infra/v1/clusters/${uuid}/actions/resize`, { node_count: 1 })
  expect(await groupsOf(bed, uuid)).toEqual([
    ['master', 'CREATE_COMPLETE'],
    ['worker', 'UPDATE_IN_PROGRESS'],
  ])
  bed.wait(1000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'UPDATE_COMPLETE' })
  expect(bed.cloud.state.servers.size).toBe(2)
})

test('names: the release, the balancer, the groups, the floating IP', async () => {
  const bed = await open()
  const uuid = await bed.create()
  bed.wait(1000)
  const stack = text(await bed.get(uuid), 'stack_id')
  expect(stack).toMatch(/^acme-prod-[a-z2-7]{12}$/)
  const { state } = bed.cloud
  const full = `magnum-${bed.project}-${stack}`
  expect(state.loadBalancers.map(({ name }) => name)).toEqual([`k8s-clusterapi-cluster-${full}-kubeapi`])
  const groups = state.securityGroups.map(({ name }) => name).filter((name) => name !== 'default')
  expect(groups).toEqual([`k8s-cluster-${full}-secgroup-controlplane`, `k8s-cluster-${full}-secgroup-worker`])
  expect(state.floatingIps.map((one) => one.description)).toEqual([
    `Created by cluster-api-provider-openstack cluster ${full}`,
  ])
  expect(state.servers.map(({ name }) => name.replace(/[a-z2-7]{5}$/, '*'))).toEqual([
    `${stack}-control-plane-*`,
    `${stack}-default-worker-*`,
  ])
})

test.each([
  ['1.2', /^magnum-[0-9a-f-]{36}$/, (uuid: string) => `Magnum cluster (${uuid})`],
  ['1.4', /^magnum-[0-9a-f-]{36}-[0-9a-f]{8}$/, () => 'Magnum cluster (Acme_Prod)'],
] as const)('the credential of %s, by name and description', async (capiHelm, name, description) => {
  const bed = await open({ capiHelm })
  const uuid = await bed.create()
  const [row] = bed.cloud.state.applicationCredentials.values()
  expect(row?.name).toMatch(name)
  expect(row?.description).toBe(description(uuid))
})

test.each([
  ['management-cluster-down', 0],
  ['helm-failed', 1],
  ['image-without-kube-version', 1],
] as const)('%s: the release has its name, and %i credential stays', async (fault, credentials) => {
  const bed = await open({ faults: [fault] })
  const body = await bed.get(await bed.create())
  expect(body).toMatchObject({ status: 'CREATE_FAILED', api_address: null })
  expect(text(body, 'stack_id')).toMatch(/^acme-prod-/)
  expect(bed.cloud.state.applicationCredentials.size).toBe(credentials)
})

test('a flavor is checked first of all by the driver, before the release has a name', async () => {
  const bed = await open({ faults: ['image-without-kube-version'] })
  expect(await bed.get(await bed.create({ flavor_id: 'm1.tiny' }))).toMatchObject({
    status: 'CREATE_FAILED',
    status_reason: 'Flavor m1.tiny does not have enough RAM to run Kubernetes. Minimum 2048 MB required.',
    stack_id: null,
  })
})

const quota = (state: State, service: string, limits: Readonly<Record<string, number>>, project: string): void => {
  state.quotas.set(`${service}/${project}`, limits)
}

test.each([
  ['network', { security_group: 2 }],
  ['network', { security_group_rule: 12 }],
  ['network', { floatingip: 0 }],
  ['network', { port: 1 }],
  ['load-balancer', { load_balancer: 0 }],
  ['load-balancer', { listener: 0 }],
  ['load-balancer', { pool: 0 }],
  ['load-balancer', { health_monitor: 0 }],
  ['load-balancer', { member: 0 }],
] as const)('a quota of %s that is met (%o) leaves it in progress, until it is raised', async (service, limits) => {
  const bed = await open()
  quota(bed.cloud.state, service, limits, bed.project)
  const uuid = await bed.create()
  bed.wait(60_000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_IN_PROGRESS', status_reason: null })
  quota(bed.cloud.state, service, {}, bed.project)
  bed.wait(60_000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_COMPLETE' })
})

test('a refused server is final: nothing asks for it again, also with a higher quota', async () => {
  const bed = await open()
  quota(bed.cloud.state, 'compute', { instances: 1 }, bed.project)
  const uuid = await bed.create()
  bed.wait(60_000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_IN_PROGRESS' })
  quota(bed.cloud.state, 'compute', { instances: 10 }, bed.project)
  bed.wait(600_000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_IN_PROGRESS' })
  expect(bed.cloud.state.servers.size).toBe(1)
})

test.each([
  [undefined, null],
  ['2026.2', 'UNHEALTHY'],
] as const)('the health of a cluster just complete, Magnum %s: %s until the next look', async (magnum, health) => {
  const bed = await open(magnum === undefined ? {} : { magnum }, { clusterCreated: 90_000 })
  const uuid = await bed.create()
  bed.wait(60_000)
  await bed.get(uuid)
  bed.wait(30_000)
  expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_COMPLETE', health_status: health })
  bed.wait(60_000)
  expect(await bed.get(uuid)).toMatchObject({
    health_status: 'HEALTHY',
    health_status_reason: { cluster: 'Ready', infrastructure: 'Ready', controlplane: 'Ready', nodegroup: 'Ready' },
  })
})

test('an addon that fails: everything is made, and the cluster failed without a reason', async () => {
  const bed = await open({ faults: ['cluster-addon-failed'] })
  const uuid = await bed.create()
  bed.wait(1000)
  const body = await bed.get(uuid)
  expect(body).toMatchObject({ status: 'CREATE_FAILED', status_reason: null })
  expect(text(body, 'api_address')).not.toBe('')
  expect(bed.cloud.state.servers.size).toBe(2)
})

test('without a fixed network it has network, subnet and router of its own, and they go with it', async () => {
  const bed = await open()
  const before = rowsOf(bed.cloud.state)
  const uuid = await bed.create({}, { fixed_network: undefined, fixed_subnet: undefined })
  bed.wait(1000)
  const stack = text(await bed.get(uuid), 'stack_id')
  const { networks, subnets, routers } = bed.cloud.state
  const name = `k8s-clusterapi-cluster-magnum-${bed.project}-${stack}`
  for (const table of [networks, subnets, routers]) expect(table.map((row) => row.name)).toContain(name)
  await bed.dev('DELETE', `container-infra/v1/clusters/${uuid}`)
  await bed.get(uuid)
  bed.wait(1000)
  await bed.get(uuid)
  expect(rowsOf(bed.cloud.state)).toEqual(before)
})

/** What a cluster makes in Neutron, Nova and Octavia. */
function rowsOf(state: State): Readonly<Record<string, number>> {
  const { networks, subnets, routers, ports, floatingIps, servers, loadBalancers, listeners, pools } = state
  const { healthMonitors, securityGroups } = state
  const groups = securityGroups.filter(({ name }) => name !== 'default').length
  const tables = { networks, subnets, routers, ports, floatingIps, servers, loadBalancers, listeners, pools }
  const sizes = Object.entries({ ...tables, healthMonitors }).map(([name, { size }]) => [name, size] as const)
  return { ...Object.fromEntries(sizes), groups }
}

test.each([
  ['zed-patched', undefined, 4, true], // Magnum 15
  ['caracal-charmed', undefined, 2, false], // 18
  ['epoxy', undefined, 2, false], // 20
  ['epoxy', '2026.2', 2, false], // 23, where no trustee was made
] as const)(
  'deleted on %s %s it leaves %i certificates, and its trustee: %s',
  async (preset, magnum, kept, trustee) => {
    const bed = await open({
      preset,
      isPersonaBuilt: true,
      magnumDriver: 'capi-helm',
      images: [{ name: 'ubuntu-2204-kube-v1.28.8', properties: { os_distro: 'ubuntu', kube_version: 'v1.28.8' } }],
      ...(magnum === undefined ? {} : { magnum }),
    })
    const uuid = await bed.create()
    bed.wait(1000)
    expect(await bed.get(uuid)).toMatchObject({ status: 'CREATE_COMPLETE' })
    await bed.dev('DELETE', `container-infra/v1/clusters/${uuid}`)
    await bed.get(uuid)
    bed.wait(1000)
    expect((await bed.dev('GET', `container-infra/v1/clusters/${uuid}`)).status).toBe(404)
    expect(bed.cloud.state.containers.size).toBe(kept)
    expect(bed.cloud.state.users.some(({ name }) => name.startsWith(uuid))).toBe(trustee)
  },
)

test.each([
  ['1.2', undefined, [200, 200, 200], 1],
  ['1.4', undefined, [200, 404, 404], 1],
  ['1.4', '2026.2', [404, 404, 404], 1],
] as const)(
  'a credential that Magnum may not remove, %s on Magnum %s: what each look finds',
  async (capiHelm, magnum, looks, orphans) => {
    const bed = await open({
      faults: ['child-credential-stays'],
      capiHelm,
      ...(magnum === undefined ? {} : { magnum }),
    })
    const uuid = await bed.create()
    bed.wait(1000)
    await bed.get(uuid)
    await bed.dev('DELETE', `container-infra/v1/clusters/${uuid}`)
    await bed.get(uuid)
    bed.wait(1000)
    const seen: number[] = []
    for (let look = 0; look < 3; look += 1) {
      seen.push((await bed.dev('GET', `container-infra/v1/clusters/${uuid}`)).status)
      bed.wait(10_000)
    }
    expect(seen).toEqual(looks)
    expect(bed.cloud.state.applicationCredentials.size).toBe(orphans)
  },
)

function exchange(dev: Ask, uuid: string, version = 'latest'): Promise<Reply> {
  return dev('PATCH', `container-infra/v1/credentials/${uuid}`, undefined, {
    'OpenStack-API-Version': `container-infra ${version}`,
  })
}

test.each([
  [undefined, '1.4', 'latest', 404],
  ['2026.1', '1.4', '1.10', 406],
  ['2026.1', '1.2', 'latest', 400],
  ['2026.1', '1.4', 'latest', 202],
  ['2026.2', '1.4', 'latest', 202],
] as const)('Magnum %s with %s, version %s: the exchange answers %i', async (magnum, capiHelm, version, status) => {
  const bed = await open({ capiHelm, ...(magnum === undefined ? {} : { magnum }) })
  const uuid = await bed.create()
  bed.wait(1000)
  await bed.get(uuid)
  expect((await exchange(bed.dev, uuid, version)).status).toBe(status)
})

test('the exchange makes the caller the owner, and removes the old credential', async () => {
  const bed = await open({ magnum: '2026.2' })
  const uuid = await bed.create()
  bed.wait(1000)
  await bed.get(uuid)
  const { applicationCredentials, users } = bed.cloud.state
  const [old] = applicationCredentials.map(({ id }) => id)
  const other = await asUser(bed.cloud, 'acme', 'other', 'prod')
  expect((await exchange(other, uuid)).status).toBe(202)
  const id = users.find(({ name }) => name === 'other')?.id
  expect(applicationCredentials.map((row) => [row.id === old, row.user_id])).toEqual([[false, id]])
  expect(await bed.get(uuid)).toMatchObject({ status: 'UPDATE_COMPLETE', user_id: id })
  // a stranger is refused
  const admin = await asAdmin(bed.cloud)
  expect((await exchange(admin, 'nope')).status).toBe(404)
})

test('from microversion 1.13 on the stack id has another name', async () => {
  const bed = await open({ magnum: '2026.2' })
  const uuid = await bed.create()
  const path = `container-infra/v1/clusters/${uuid}`
  const old = (await bed.dev('GET', path)).body
  const young = (await bed.dev('GET', path, undefined, headers)).body
  expect(at(young, 'cluster_id')).toBe(at(old, 'stack_id'))
  expect(at(young, 'stack_id')).toBeUndefined()
})
