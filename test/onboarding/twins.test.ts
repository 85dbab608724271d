import { afterEach, expect, test } from 'vitest'
import type { Finding } from '../../src/finding.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Clock } from '../clock.ts'
import { exampleTenant, openTestBed, operatorOf, simulate } from './test-bed.ts'
import type { TestBed } from './test-bed.ts'

let bed: TestBed | undefined

afterEach(() => bed?.remove())

/** The network delivers one request twice: the first answer is the one that the sender sees. */
function twice(path: string, fetch: Fetch): Fetch {
  let isDone = false
  return async (url, init) => {
    const answer = await fetch(url, init)
    if (!isDone && answer.status < 300 && init.method === 'POST' && new URL(url).pathname.endsWith(path)) {
      isDone = true
      await fetch(url, init)
    }
    return answer
  }
}

test.each([
  ['/v2.0/networks', 'network', 'there is one network acme-net, and no other of its name'],
  ['/v2.0/routers', 'network', 'there is one router acme-router, and no other of its name'],
  ['/v1/clustertemplates', 'template', 'there is one cluster template acme-k8s, and no other of its name'],
  ['/v1/clusters', 'cluster', 'there is one cluster acme-cluster, and no other of its name'],
])('a create of %s that was delivered twice is not as asked', async (path, stage, claim) => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), twice(path, cloud.fetch), {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('apply', file, '--yes', '--until', stage)
  expect(out).toContain(`the gate of ${stage} does not hold`)
  expect(out).toMatch(new RegExp(`NO +\\w+ +${claim}`))
  expect(code).toBe(3)
})

/** The first create of networks waits so long at the service, and is carried out then. */
function held(milliseconds: number, { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock }): Fetch {
  let isDone = false
  return async (url, init) => {
    if (isDone || init.method !== 'POST' || !url.endsWith('/v2.0/networks')) return fetch(url, init)
    isDone = true
    void clock.sleep(milliseconds).then(() => fetch(url, { ...init, signal: new AbortController().signal }))
    return new Promise((_, reject) => {
      init.signal.addEventListener('abort', () => {
        reject(new Error('aborted'))
      })
    })
  }
}

test('a create that takes longer than its deadline is not sent again: it is found', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), held(100_000, { fetch: cloud.fetch, clock }), {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
  expect(cloud.state.networks.filter(({ name }) => name === 'acme-net')).toHaveLength(1)
})

test('one that takes longer than anybody waits ends the run; its twin is told as such, and as no conflict', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), held(300_000, { fetch: cloud.fetch, clock }), {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const first = await bed.run('apply', file, '--yes')
  expect(first.code).toBe(4)
  expect(first.err).toContain(
    'network: POST /networking/v2.0/networks got no answer (timeout): no answer within 60 s, and its effect was not seen in 60 s more; it may still come, and the same command looks for it first',
  )
  const second = await bed.run('apply', file, '--yes')
  expect(second.code, second.out + second.err).toBe(0)
  await clock.sleep(300_000)
  const twins = cloud.state.networks.filter(({ name }) => name === 'acme-net')
  expect(twins).toHaveLength(2)
  const third = await bed.run('plan', file, '--exit-code', '-o', 'json')
  const told = JSON.parse(third.out) as { readonly findings: readonly Finding[] }
  const findings = told.findings.filter(({ severity }) => severity === 'error')
  const used = twins.find(({ id }) => cloud.state.subnets.some(({ network_id }) => network_id === id))
  const ports = cloud.state.ports.filter(({ network_id }) => network_id === used?.id)
  const late = twins.find((one) => one !== used)
  expect(findings.map(({ code }) => code)).toEqual(['plan/ambiguous-name'])
  expect(findings[0]?.message).toBe(
    `there are 2 with this name: ${used?.id} (used by subnet acme-subnet, ${ports.length} ports), ${late?.id} (used by nothing)`,
  )
  expect(findings[0]?.remedy).toBe(`openstack network delete ${late?.id}`)
  expect(third.code).toBe(3)
})

test('a template pinned to a subnet that is gone is left to the plan that knows the new one', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), cloud.fetch, {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  await bed.run('apply', file, '--yes', '--until', 'template')
  for (const { id } of cloud.state.subnets.filter(({ name }) => name === 'acme-subnet')) {
    for (const port of cloud.state.ports.filter(({ fixed_ips }) => fixed_ips.some((ip) => ip.subnet_id === id)))
      cloud.state.ports.delete(port.id)
    cloud.state.subnets.delete(id)
  }
  const plan = await bed.run('plan', file)
  expect(plan.out).toMatch(/create +automation +acme-subnet/)
  expect(plan.out).not.toContain('plan/conflict')
  const applied = await bed.run('apply', file, '--yes')
  expect(applied.out + applied.err).toMatch(/plan\/conflict\s+cluster template acme-k8s: differs in fixed_network/)
  expect(applied.code).toBe(3)
})

test('one of each is as asked', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), cloud.fetch, {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
})
