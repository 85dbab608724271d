/** The one table of what a cluster takes, beside what the simulated driver asks for, which follows recorded requests. */
import { describe, expect, test } from 'vitest'
import { clusterNeeds, leastNeeds, projectNeeds, smallestMachine } from '../../src/openstack/magnum/cluster-needs.ts'
import type { ClusterShape } from '../../src/openstack/magnum/cluster-needs.ts'
import type { Limits } from '../../src/openstack/quotas.ts'
import type { State } from '../../src/simulator/state.ts'
import { sessionOf } from '../onboarding/cluster-test-bed.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import { grown, usedQuotas } from '../onboarding/used-quotas.ts'
import { askForCluster, breakCloud, diagnose, onboard } from './broken-cloud.ts'

const shape: ClusterShape = {
  masters: 3,
  workers: 2,
  hasBalancer: true,
  hasFloatingIps: true,
  hasOwnNetwork: false,
  labels: {},
}

test('M masters and N workers of Cluster API take what was recorded', () => {
  expect(clusterNeeds('capi-helm', shape, smallestMachine)).toMatchObject({
    network: { security_group: 2, security_group_rule: 11 + 4, port: 3 + 2 + 1, floatingip: 1 },
    load_balancer: { load_balancer: 1, listener: 1, pool: 1, health_monitor: 1, member: 3 },
    compute: { instances: 5, cores: 10, ram: 10_240 },
    block_storage: { volumes: 0, gigabytes: 0 },
    container_infra: { cluster: 1 },
  })
})

test('Heat takes a balancer for etcd too, and an address for each machine', () => {
  expect(clusterNeeds('heat', shape, smallestMachine)).toMatchObject({
    network: { security_group: 2, security_group_rule: 27, port: 7, floatingip: 6 },
    load_balancer: { load_balancer: 2, member: 6 },
    compute: { server_groups: 2 },
  })
  const least = leastNeeds(shape, smallestMachine)
  expect(least.network).toEqual({ security_group: 2, security_group_rule: 15, port: 6, floatingip: 1 })
  expect(least.load_balancer).toEqual({ load_balancer: 1, listener: 1, pool: 1, health_monitor: 1, member: 3 })
})

test('labels ask for volumes, and for an API without a floating IP', () => {
  const labels = { boot_volume_size: '20', etcd_volume_size: '5', master_lb_floating_ip_enabled: 'false' }
  const needs = clusterNeeds('capi-helm', { ...shape, labels }, smallestMachine)
  expect(needs.block_storage).toEqual({ volumes: 5 + 3, gigabytes: 100 + 15 })
  expect(needs.network['floatingip']).toBe(0)
})

test.each([
  [1, 1, 'required'],
  [3, 2, 'required'],
  [1, 2, 'off'],
] as const)('%i masters and %i workers, pin %s: what the driver asks for is what the table says', async (m, n, pin) => {
  const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true })
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) =>
      text
        .replace('pin: required', `pin: ${pin}`)
        .replace('master_count: 1', `master_count: ${m}`)
        .replace('node_count: 1', `node_count: ${n}`),
    ),
  )
  expect((await bed.run('apply', file, '--yes', '--until', 'template')).code).toBe(0)
  const operator = await sessionOf(bed, 'operator')
  const id = bed.cloud.state.projects.find(({ name }) => name === 'acme-prod')?.id ?? ''
  const usage = (): Promise<Limits> => usedQuotas(operator.snapshot(), id)
  const before = await usage()
  const own = projectNeeds(true).network
  // of the project itself no less is there than the table says
  for (const [key, count] of Object.entries(own)) expect(before[key], key).toBeGreaterThanOrEqual(count)
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  const after = await usage()
  const of = { ...shape, masters: m, workers: n, hasOwnNetwork: pin === 'off' }
  const { network, load_balancer, container_infra, compute } = clusterNeeds('capi-helm', of, { vcpus: 2, ram: 4096 })
  expect(grown(before, after)).toEqual({ ...network, ...load_balancer, ...container_infra, ...compute })
  await bed.remove()
})

describe('a quota with no room', () => {
  const limits = [
    ['network', 'security_group', 2],
    ['network', 'security_group_rule', 12],
    ['network', 'port', 3],
    ['network', 'floatingip', 0],
    ['load-balancer', 'load_balancer', 0],
    ['load-balancer', 'listener', 0],
    ['load-balancer', 'pool', 0],
    ['load-balancer', 'health_monitor', 0],
    ['load-balancer', 'member', 0],
    ['compute', 'instances', 1],
  ] as const

  test.each(limits)('%s %s: %i is named while the cluster waits', async (service, key, limit) => {
    const ready = await onboard({ preset: 'epoxy', isPersonaBuilt: true }, '--until', 'template')
    const cloud = breakCloud(ready, [])
    const project = cloud.state.projects.find(({ name }) => name === 'acme-prod')?.id ?? ''
    setQuota(cloud.state, service, project, { [key]: limit })
    await askForCluster(ready, cloud)
    await ready.clock.sleep(60_000)
    const { told } = await diagnose(ready)
    expect(cloud.state.clusters.map(({ status }) => status)).toEqual(['CREATE_IN_PROGRESS'])
    expect(told.findings.map(({ code }) => code)).toEqual(['diagnosis/quota-met'])
    expect(told.findings[0]?.message).toContain(` of ${limit} ${key} are taken`)
  })
})

function setQuota(state: State, service: string, project: string, limits: Readonly<Record<string, number>>): void {
  const key = `${service}/${project}`
  state.quotas.set(key, { ...state.quotas.get(key), ...limits })
}

test.each([
  ['security_group: 20', 'security_group: 2', 'network.security_group 2, needed 3'],
  ['security_group_rule: 200', 'security_group_rule: 18', 'network.security_group_rule 18, needed 19'],
  ['port: 200', 'port: 3', 'network.port 3, needed 4'],
  ['instances: 10', 'instances: 1', 'compute.instances 1, needed 2'],
  ['{ cluster: 2 }', '{ cluster: 0 }', 'container_infra.cluster 0, needed 1'],
  ['{ load_balancer: 10 }', '{ load_balancer: 10, listener: 0 }', 'load_balancer.listener 0, needed 1'],
])('a file with %s made %s is told at plan time', async (was, is, words) => {
  const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(was, is)))
  const { code, out } = await bed.run('plan', file, '-o', 'json')
  expect(code).toBe(3)
  const { findings } = JSON.parse(out) as { readonly findings: readonly { code: string; message: string }[] }
  const [finding] = findings.filter((one) => one.code === 'plan/quota-below-cluster')
  expect(finding?.message).toContain(words)
  // as much as is needed is enough
  const enough = is.replace(/\d+(?=\D*$)/, /needed (\d+)/.exec(words)?.[1] ?? '')
  const wide = await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(was, enough)))
  expect((await bed.run('plan', wide)).code).toBe(0)
  await bed.remove()
})
