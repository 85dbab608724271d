import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/errors.ts'
import type { Exchange } from '../../src/openstack/exchange.ts'
import type { Request } from '../../src/openstack/request.ts'
import type { Retry } from '../../src/openstack/retry.ts'
import { listClusters } from '../../src/openstack/magnum/clusters.ts'
import { refusalOf } from '../../src/openstack/session.ts'
import { failure, fakeCloud, json } from './fake.ts'

const get: Request = { service: 'identity', method: 'GET', path: '/domains' }
const post: Request = { service: 'identity', method: 'POST', path: '/domains', body: {} }
const refusedConnection = (): never => {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}

test.each(['GET', 'HEAD', 'PUT', 'DELETE'] as const)(
  '%s is sent again after 502, 503, 504 and a broken connection',
  async (method) => {
    const faults = [502, 503, 504]
    const { session, asked } = fakeCloud(
      (_, nth) => {
        const status = faults[nth - 1]
        if (nth === 4) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
        return json(status ?? 200, status === undefined && method !== 'HEAD' ? {} : undefined)
      },
      { retry: { attempts: 5 } },
    )
    await session.request({ ...get, method })
    expect(asked).toHaveLength(5)
  },
)

test.each([
  ['POST', 503],
  ['POST', 502],
  ['PATCH', 503],
  ['GET', 500],
  ['GET', 403],
  ['GET', 409],
] as const)('%s is not sent again after %i', async (method, status) => {
  const { session, asked } = fakeCloud(() => json(status, {}))
  expect(refusalOf(await failure(session.request({ ...get, method })))).toBe(status)
  expect(asked).toHaveLength(1)
})

test('a POST whose answer was lost is not sent again: its caller looks first', async () => {
  const { session, asked } = fakeCloud(() => {
    throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  })
  expect(await failure(session.request(post))).toMatchObject({ kind: 'unreachable' })
  expect(asked).toHaveLength(1)
})

test('a GET that ran into its deadline is asked once more, and then is unanswered', async () => {
  const silent = fakeCloud(() => new Promise(() => undefined), { deadlineMs: 20 })
  expect(await failure(silent.session.request(get))).toMatchObject({ kind: 'timeout' })
  expect(silent.asked).toHaveLength(2)
  const once = fakeCloud((_, nth) => (nth === 1 ? new Promise(() => undefined) : json(200, {})), { deadlineMs: 20 })
  expect((await once.session.request(get)).status).toBe(200)
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s is not sent again after silence', async (method) => {
  const { session, asked } = fakeCloud(() => new Promise(() => undefined), { deadlineMs: 20 })
  expect(await failure(session.request({ ...get, method }))).toMatchObject({ kind: 'timeout' })
  expect(asked).toHaveLength(1)
})

test('sign-in is the one POST that is repeated', async () => {
  const { session, signIns } = fakeCloud(() => json(200, {}), {
    signIn: (one, nth) => (nth === 1 ? refusedConnection() : json(201, JSON.parse('{"token":{}}'), { asked: one.url })),
  })
  await failure(session.token())
  expect(signIns).toHaveLength(2)
})

test('too many requests (429): even a POST waits as long as the service says and is sent again', async () => {
  const waits: number[] = []
  const { session, asked } = fakeCloud((_, nth) => (nth <= 6 ? json(429, {}, { 'retry-after': '3' }) : json(201, {})), {
    sleep: (ms) => {
      waits.push(ms)
      return Promise.resolve()
    },
  })
  await session.request(post)
  expect(asked).toHaveLength(7)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(3000)
})

test('a cloud that only ever says 429 is given up when the budget for waiting is spent', async () => {
  let waited = 0
  const { session } = fakeCloud(() => json(429, {}, { 'retry-after': '10' }), {
    sleep: (ms) => {
      waited += ms
      return Promise.resolve()
    },
  })
  const error = await failure(session.request(get))
  expect(error).toMatchObject({ status: 429, retryAfter: 10 })
  expect(exitCodeOf(error)).toBe(4)
  expect(waited).toBeLessThanOrEqual(60_000)
  expect(waited).toBeGreaterThan(40_000)
})

test('a cloud that is down ends in exit 4 after four attempts, each wait longer and each retry told', async () => {
  const retries: Retry[] = []
  const exchanges: Exchange[] = []
  const { session, asked } = fakeCloud(refusedConnection, {
    onRetry: (retry) => retries.push(retry),
    onExchange: (exchange) => exchanges.push(exchange),
  })
  const error = await failure(session.request(get))
  expect(exitCodeOf(error)).toBe(4)
  expect(asked).toHaveLength(4)
  expect(retries.map((retry) => retry.attempt)).toEqual([1, 2, 3])
  expect(retries.map((retry) => retry.delayMs)).toEqual([188, 375, 750])
  expect(retries[0]).toMatchObject({
    actor: 'operator',
    path: '/v3/domains',
    because: 'keystone.example:5000 refuses the connection',
  })
  expect(exchanges.map((exchange) => exchange.attempt)).toEqual([1, 1, 2, 3, 4])
})

test('a DELETE whose answer was lost and that finds nothing the second time has done its work', async () => {
  const { session } = fakeCloud((_, nth) => (nth === 1 ? json(502, {}) : json(404, {})))
  expect((await session.request({ ...get, method: 'DELETE' })).status).toBe(204)
})

test('a DELETE of what was never there is answered with 404', async () => {
  const { session } = fakeCloud(() => json(404, {}))
  expect(refusalOf(await failure(session.request({ ...get, method: 'DELETE' })))).toBe(404)
})

test('the cluster list of Magnum that answers 400 while a cluster is being deleted is asked again', async () => {
  const race = {
    errors: [
      {
        status: 400,
        detail: "Invalid input for field/attribute master_count. Value: '0'. Value should be greater or equal to 1",
      },
    ],
  }
  const { session, asked } = fakeCloud((_, nth) =>
    nth === 1 ? json(400, race) : json(200, { clusters: [], next: null }),
  )
  expect(await listClusters(session)).toEqual([])
  expect(asked).toHaveLength(2)
  const other = fakeCloud(() => json(400, { errors: [{ detail: 'Bad marker.' }] }))
  expect(refusalOf(await failure(listClusters(other.session)))).toBe(400)
  expect(other.asked).toHaveLength(1)
})

test('Retry-After as a date counts from the clock of the server', async () => {
  const headers = { 'retry-after': 'Fri, 02 Jan 2026 00:00:07 GMT', date: 'Fri, 02 Jan 2026 00:00:00 GMT' }
  const { session } = fakeCloud(() => json(503, {}, headers), { retry: { attempts: 1 } })
  expect(await failure(session.request(get))).toMatchObject({ retryAfter: 7 })
})

test('a service that is down is not stormed: many requests together repeat no more than a few', async () => {
  let isUp = false
  const { session, asked } = fakeCloud(() => (isUp ? json(200, {}) : refusedConnection()))
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => session.request(get)))
  expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true)
  expect(asked.length).toBeLessThanOrEqual(100 + 12)
  // once it answers it is trusted again
  isUp = true
  await session.request(get)
  isUp = false
  const before = asked.length
  await failure(session.request(get))
  expect(asked.length - before).toBe(4)
})

test('under twenty requests a second a hundred requests all end well', async () => {
  let clock = 0
  let window = -1
  let served = 0
  const { session } = fakeCloud(
    () => {
      const second = Math.floor(clock / 1000)
      if (second !== window) [window, served] = [second, 0]
      return ++served > 20 ? json(429, {}, { 'retry-after': '1' }) : json(200, {})
    },
    {
      random: Math.random,
      sleep: async (ms) => {
        const until = clock + ms
        while (clock < until) {
          await new Promise((resolve) => setImmediate(resolve))
          clock += 5
        }
      },
    },
  )
  await Promise.all(Array.from({ length: 100 }, () => session.request(post)))
})
