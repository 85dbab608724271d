import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
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

test('one of each is as asked', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), cloud.fetch, {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
})
