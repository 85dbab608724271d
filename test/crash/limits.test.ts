import { expect, test } from 'vitest'
import type { Fetch, FetchResponse } from '../../src/openstack/http.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { exampleTenant, openTestBed, operatorOf } from '../onboarding/test-bed.ts'
import { standing } from './sweep.ts'

/* A cloud that answers slowly, seldom or never is not stormed. */

const pace = { clusterAccepted: 5, clusterCreated: 20, clusterDeleted: 5, clusterResized: 5 }

function refusal(status: number, text: string, headers: Readonly<Record<string, string>>): FetchResponse {
  return {
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    body: (async function* () {
      yield await Promise.resolve(Buffer.from(text))
    })(),
  }
}

test('under a limit of 20 requests a second it finishes, with the same result', { timeout: 300_000 }, async () => {
  const [free, limited] = [createCloud(undefined, { pace }), createCloud(undefined, { pace })]
  let window = 0
  let used = 0
  let refused = 0
  let answered = 0
  const limit: Fetch = (url, init) => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== window) [window, used] = [now, 0]
    used++
    if (used > 20) {
      refused++
      return Promise.resolve(refusal(429, 'Too Many Requests', { 'retry-after': '1', 'content-type': 'text/plain' }))
    }
    answered++
    return limited.fetch(url, init)
  }
  const beds = await Promise.all([openTestBed(operatorOf(free), free.fetch), openTestBed(operatorOf(limited), limit)])
  try {
    const ends = []
    for (const bed of beds) {
      const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
      ends.push(await bed.run('apply', file, '--yes'))
    }
    expect(
      ends.map(({ code }) => code),
      ends[1]?.err,
    ).toEqual([0, 0])
    expect(standing(limited)).toEqual(standing(free))
    // it met the limit, and what it was refused did not grow beyond what it asked
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(answered * 2)
  } finally {
    await Promise.all(beds.map((bed) => bed.remove()))
  }
})

test.each([
  ['refuses every connection', () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))],
  [
    'is overloaded for good',
    () => Promise.resolve(refusal(503, 'Service Unavailable', { 'content-type': 'text/plain' })),
  ],
] as const)('a cloud that %s ends in exit 4 after a few requests', async (_, answer) => {
  let asked = 0
  const cloud = createCloud()
  const down: Fetch = () => {
    asked++
    return answer()
  }
  const bed = await openTestBed(operatorOf(cloud), down)
  try {
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const { code, err } = await bed.run('apply', file, '--yes')
    expect(code, err).toBe(4)
    expect(err).toMatch(/identity: (GET|POST) .*(got no answer|answered 503)/)
    expect(asked).toBeLessThan(10)
  } finally {
    await bed.remove()
  }
})
