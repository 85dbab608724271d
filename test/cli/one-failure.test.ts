/** When a command has its answer, whatever else was under way ends without a word: one failure, one sentence. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'
import { exampleTenant, openTestBed, operatorOf } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let served: Served
let bed: TestBed
let said = ''
/** The requests that are refused at once; all others take a while. */
let isRefused: (path: string) => boolean = () => false
let isSlow = false
let delay: (path: string) => number = () => 60
const warnings: string[] = []
const warn = ({ name, message }: Error): void => {
  warnings.push(`${name}: ${message}`)
}

beforeEach(() => {
  process.on('warning', warn)
  warnings.length = 0
})

afterEach(() => {
  process.off('warning', warn)
})

beforeAll(async () => {
  const cloud = createCloud(undefined, {
    pace: { clusterAccepted: 5, clusterCreated: 20, clusterDeleted: 5, clusterResized: 5 },
  })
  const answer: Cloud['answer'] = async (request, service) => {
    const { pathname } = new URL(request.url)
    if (isRefused(pathname))
      return Response.json({ badRequest: { code: 400, message: 'refused by the test' } }, { status: 400 })
    if (isSlow && !pathname.endsWith('/auth/tokens')) await sleep(delay(pathname))
    return cloud.answer(request, service)
  }
  // a view of the cloud with this one difference
  const view: Cloud = Object.create(cloud, { answer: { value: answer } }) as Cloud // every other property is the cloud's own
  served = await serve({ cloud: view, port: 0 })
  // the real network: a test that replaces `fetch` has no connection that can be closed
  bed = await openTestBed({ ...operatorOf(cloud), OS_AUTH_URL: served.url }, undefined, {
    err: (text) => (said += text),
  })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect(await type('apply', 'tenant.yaml', '--yes'), said).toBe(0)
}, 60_000)

afterAll(async () => {
  await bed.remove()
  await served.close()
})

/** What was said after the command had ended, too. */
async function type(...argv: readonly string[]): Promise<number> {
  said = ''
  const { code } = await bed.run(...argv)
  await sleep(800)
  return code
}

test.each([
  ['plan tenant.yaml', '/image/'],
  ['apply tenant.yaml --yes', '/image/'],
  ['preflight tenant.yaml --probe', '/networking/'],
  ['verify tenant.yaml', '/compute/'],
  ['audit tenant.yaml', '/container-infra/'],
  ['diagnose tenant.yaml', '/networking/'],
  ['offboard tenant.yaml --confirm acme', '/volume/'],
  ['policy gate', '/identity/v3/role_assignments'],
])('%s: %s refuses while much else is under way', { timeout: 60_000 }, async (line, refused) => {
  isSlow = true
  isRefused = (path) => path.startsWith(refused)
  await type(...line.split(' '))
  expect(said).not.toMatch(/again in|destroyed|closed|abort|ended/i)
  expect(said.match(/refused by the test/g)?.length ?? 0, said).toBeLessThanOrEqual(1)
  expect(warnings).toEqual([])
})

// what a chain of reads asks next is not sent on connections that are closed
test('a plan that a finding ends early leaves nothing behind that speaks', { timeout: 60_000 }, async () => {
  isSlow = true
  isRefused = () => false
  await bed.write('renamed.yaml', await exampleTenant('acme', (text) => text.replace('name: prod', 'name: other')))
  // which read comes last depends on how long each takes
  for (const last of ['users', 'projects', 'roles', 'trusts', 'groups', '', '', '']) {
    delay = (path) => (last !== '' && path.includes(last) ? 300 : 5)
    expect(await type('plan', 'renamed.yaml')).toBe(3)
    expect(said).not.toMatch(/again in|destroyed|closed|abort|ended/i)
  }
  expect(warnings).toEqual([])
})

test('a cloud that is down is told once, without a warning of Node', { timeout: 60_000 }, async () => {
  await served.close()
  await type('plan', 'tenant.yaml')
  expect(said.match(/^error/gm)?.length, said).toBe(1)
  expect(warnings).toEqual([])
})
