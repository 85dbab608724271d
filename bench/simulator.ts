/**
 * Requests that one core answers in a second of its own time, the start time of a cloud, and the size of a row. Exits 1
 * below the figures in docs/simulator.md.
 *
 *   node scripts/bench.mjs simulator
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCloud } from '../src/simulator/cloud.ts'
import type { Cloud } from '../src/simulator/cloud.ts'

const promised = { perSecond: 1000, startMs: 300 }
const secondsEach = 3

const account = { name: 'admin', domain: { name: 'Default' }, password: 'admin-secret' }
const auth = {
  identity: { methods: ['password'], password: { user: account } },
  scope: { project: { name: 'admin', domain: { id: 'default' } } },
}

async function ask(cloud: Cloud, method: string, path: string, token?: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { 'X-Auth-Token': token }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await cloud.answer(new Request(`https://simulator.test${path}`, { method, headers, ...sent }))
  await answer.text()
  return answer
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** By the process's own time, so that a busy machine does not matter. */
async function rate(work: () => Promise<unknown>): Promise<number> {
  for (let warm = 0; warm < 500; warm += 1) await work()
  const start = cpuSeconds()
  let count = 0
  while (cpuSeconds() - start < secondsEach) {
    for (let batch = 0; batch < 100; batch += 1) await work()
    count += 100
  }
  return Math.round(count / (cpuSeconds() - start))
}

const startedAt = cpuSeconds()
const cloud = createCloud()
const token = (await ask(cloud, 'POST', '/identity/v3/auth/tokens', undefined, { auth })).headers.get('x-subject-token')
const startMs = Math.round((cpuSeconds() - startedAt) * 1000)
if (token === null) throw new Error('the operator could not sign in')

const rates: Readonly<Record<string, number>> = {
  'sign in': await rate(() => ask(cloud, 'POST', '/identity/v3/auth/tokens', undefined, { auth })),
  'list projects': await rate(() => ask(cloud, 'GET', '/identity/v3/projects', token)),
  'list networks': await rate(() => ask(cloud, 'GET', '/networking/v2.0/networks', token)),
}

await ask(cloud, 'PUT', `/networking/v2.0/quotas/${projectId()}`, token, { quota: { network: -1 } })
const sizes: number[] = []
for (const _half of [1, 2]) {
  const before = heap()
  for (let made = 0; made < 5000; made += 1) {
    await ask(cloud, 'POST', '/networking/v2.0/networks', token, { network: { name: 'n' } })
  }
  sizes.push(Math.round((heap() - before) / 5000))
}

function projectId(): string {
  return cloud.state.projects.find((project) => project.name === 'admin')?.id ?? ''
}

function heap(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  return process.memoryUsage().heapUsed
}

const lines = [
  `start to first answer: ${startMs} ms of processor time`,
  ...Object.entries(rates).map(([what, each]) => `${what}: ${each} a second`),
  `a network: ${sizes[0] ?? 0} bytes of the first 5000, ${sizes[1] ?? 0} of the second`,
]
process.stdout.write(`${lines.join('\n')}\n`)
const isSlow = startMs > promised.startMs || Object.values(rates).some((each) => each < promised.perSecond)
process.exitCode = isSlow ? 1 : 0
