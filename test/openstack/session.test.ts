import { expect, test } from 'vitest'
import { CloudError, exitCodeOf } from '../../src/errors.ts'
import { listDomains } from '../../src/openstack/keystone/domains.ts'
import { findNetwork } from '../../src/openstack/neutron/networks.ts'
import { refusalOf } from '../../src/openstack/session.ts'
import { endpoint, failure, fakeCloud, json, tokenBody } from './fake.ts'

const noDomains = { domains: [], links: { next: null } }
const notAuthenticated = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
}

test('a session that asks nothing does not sign in', async () => {
  const { session, signIns } = fakeCloud(() => json(200, noDomains))
  expect(signIns).toHaveLength(0)
  await listDomains(session)
  expect(signIns).toHaveLength(1)
})

test('many requests at once share one sign-in', async () => {
  const { session, signIns, asked } = fakeCloud(() => json(200, noDomains))
  await Promise.all(Array.from({ length: 20 }, () => listDomains(session)))
  expect(signIns).toHaveLength(1)
  expect(asked).toHaveLength(20)
})

test('twenty 401s at once cause one new sign-in, and all twenty requests end well', async () => {
  const { session, signIns } = fakeCloud((one) =>
    one.headers['X-Auth-Token'] === 'token-1' ? json(401, notAuthenticated) : json(200, noDomains),
  )
  await Promise.all(Array.from({ length: 20 }, () => listDomains(session)))
  expect(signIns).toHaveLength(2)
})

test('a POST refused with 401 is sent again with the new token: nothing was done', async () => {
  const { session, asked } = fakeCloud((one) =>
    one.headers['X-Auth-Token'] === 'token-1' ? json(401, notAuthenticated) : json(201, {}),
  )
  await session.request({ service: 'identity', method: 'POST', path: '/domains', body: { domain: { name: 'acme' } } })
  expect(asked.map((one) => one.body)).toEqual(Array(2).fill('{"domain":{"name":"acme"}}'))
})

test('a token of the second in which the password was set is refused, and one of the next second is not', async () => {
  const { session, signIns } = fakeCloud((one) =>
    one.headers['X-Auth-Token'] === 'token-3' ? json(200, noDomains) : json(401, notAuthenticated),
  )
  expect(await listDomains(session)).toEqual([])
  expect(signIns).toHaveLength(3)
})

test('a fresh token that is refused as well ends in sign-in, after three sign-ins and no more', async () => {
  const { session, signIns } = fakeCloud(() => json(401, notAuthenticated))
  const error = await failure(listDomains(session))
  expect(error).toMatchObject({ kind: 'sign-in', status: 401, service: 'identity' })
  expect(exitCodeOf(error)).toBe(4)
  expect(signIns).toHaveLength(3)
})

test('a wrong password is said in the words of Keystone and not tried again', async () => {
  const { session, signIns } = fakeCloud(() => json(200, noDomains), { signIn: () => json(401, notAuthenticated) })
  const error = await failure(session.token())
  expect(error).toMatchObject({ kind: 'sign-in', reason: 'The request you have made requires authentication.' })
  expect(String(error)).not.toContain('correct horse')
  expect(signIns).toHaveLength(1)
  // nor is the refusal remembered: the password may be corrected meanwhile
  await failure(session.token())
  expect(signIns).toHaveLength(2)
})

test('a token is renewed before it expires, by the clock of the server', async () => {
  let now = new Date('2026-01-01T00:00:00Z')
  // the server's clock is a day ahead of ours
  const body = tokenBody({ issued_at: '2026-01-02T00:00:00.000000Z', expires_at: '2026-01-02T01:00:00.000000Z' })
  const { session, signIns } = fakeCloud(() => json(200, noDomains), {
    now: () => now,
    signIn: (_, nth) => json(201, body, { 'x-subject-token': `token-${nth}`, date: 'Fri, 02 Jan 2026 00:00:00 GMT' }),
  })
  await listDomains(session)
  now = new Date('2026-01-01T00:58:00Z')
  await listDomains(session)
  expect(signIns).toHaveLength(1)
  now = new Date('2026-01-01T00:59:30Z')
  await listDomains(session)
  expect(signIns).toHaveLength(2)
})

test('a recording holds what it asked itself, and nothing that others asked meanwhile', async () => {
  const { session } = fakeCloud(() => json(200, noDomains, { 'x-openstack-request-id': 'req-1' }))
  const { session: recorded, exchanges } = session.recording()
  await Promise.all([listDomains(recorded, { name: 'mine' }), listDomains(session, { name: 'theirs' })])
  const paths = exchanges.map((exchange) => `${exchange.method} ${exchange.path}`)
  expect(paths).toContain('GET /v3/domains?name=mine')
  expect(paths.join()).not.toContain('theirs')
  expect(exchanges.at(-1)).toMatchObject({ actor: 'operator', status: 200, requestId: 'req-1', attempt: 1 })
})

test('no exchange carries a token, a password or a body', async () => {
  const seen: unknown[] = []
  const { session } = fakeCloud(() => json(200, noDomains), { onExchange: (exchange) => seen.push(exchange) })
  await listDomains(session)
  expect(seen).toHaveLength(2)
  expect(JSON.stringify(seen)).not.toMatch(/token-1|correct horse/)
})

test('a snapshot asks an identical GET once, also when asked at the same time; the session itself asks each time', async () => {
  const { session, asked } = fakeCloud(() => json(200, noDomains))
  const snapshot = session.snapshot()
  await Promise.all([listDomains(snapshot), listDomains(snapshot)])
  await listDomains(snapshot)
  expect(asked).toHaveLength(1)
  await listDomains(snapshot, { name: 'acme' })
  await listDomains(session)
  await listDomains(session)
  expect(asked).toHaveLength(4)
})

test('a snapshot does not remember a failure', async () => {
  const { session, asked } = fakeCloud((_, nth) =>
    nth === 1 ? json(403, { error: { message: 'no' } }) : json(200, noDomains),
  )
  const snapshot = session.snapshot()
  expect(refusalOf(await failure(listDomains(snapshot)))).toBe(403)
  await listDomains(snapshot)
  expect(asked).toHaveLength(2)
})

test('at most so many requests at once go to one service, and all are answered', async () => {
  let running = 0
  let most = 0
  const { session } = fakeCloud(
    async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running--
      return json(200, noDomains)
    },
    { concurrency: 3 },
  )
  await Promise.all(Array.from({ length: 12 }, () => listDomains(session)))
  expect(most).toBe(3)
})

test('a service that is not in the catalog is named, without a request', async () => {
  const { session, asked } = fakeCloud(() => json(200, {}), {
    signIn: () => json(201, tokenBody({ catalog: [] }), { 'x-subject-token': 't' }),
  })
  const error = await failure(findNetwork(session, 'net', {}))
  expect(error).toMatchObject({ reason: 'the catalog has no `network` service' })
  expect(exitCodeOf(error)).toBe(3)
  expect(asked).toHaveLength(0)
})

test.each([
  ['http://network.internal:9696', undefined, false],
  ['http://network.internal:9696', true, true],
  ['https://elsewhere.example:9696', undefined, true], // another host is how OpenStack is
  ['http://127.0.0.1:9696', undefined, true],
])('an endpoint at %s with allowHttp %s gets the token: %s', async (url, allowHttp, isAsked) => {
  const { session, asked } = fakeCloud(() => json(200, { networks: [] }), {
    endpoint: { authUrl: 'https://keystone.example:5000/v3', allowHttp },
    signIn: () => json(201, tokenBody({ catalog: [endpoint('network', url)] }), { 'x-subject-token': 't' }),
  })
  const done = await findNetwork(session, 'net', {}).then(
    () => 'asked',
    (error: unknown) => (error instanceof CloudError ? error.reason : 'bug'),
  )
  expect(asked.length > 0).toBe(isAsked)
  expect(done).toContain(isAsked ? 'asked' : 'plain http://network.internal:9696')
})

test('a password is not sent to a Keystone at plain http, unless that was allowed', async () => {
  const plain = fakeCloud(() => json(200, noDomains), { endpoint: { authUrl: 'http://keystone.example:5000/v3' } })
  expect(String(await failure(listDomains(plain.session)))).toContain('plain http')
  expect(plain.signIns).toHaveLength(0)
  const allowed = fakeCloud(() => json(200, noDomains), {
    endpoint: { authUrl: 'http://keystone.example:5000/v3', allowHttp: true },
  })
  await listDomains(allowed.session)
  expect(allowed.signIns).toHaveLength(1)
})

test.each([
  '/users/../../v3/projects',
  '/users/..',
  '/users/a?b=c',
  '/users/a#b',
  '/users//',
  '/users/a b',
  '/users/%2e%2e',
  '/users/..%2fprojects',
  '/users/a\\b',
])('an id from the cloud cannot lead elsewhere: %s', async (path) => {
  const { session, asked } = fakeCloud(() => json(200, {}))
  const outcome = await session
    .request({ service: 'identity', method: 'DELETE', path })
    .catch((error: unknown) => String(error))
  expect(outcome).toContain('is not a path')
  expect(asked).toHaveLength(0)
  await session.request({ service: 'identity', method: 'DELETE', path: '/users/0438088b58b44210bac866212a41b747' })
  expect(asked).toHaveLength(1)
})

test('two sessions of one cloud share nothing', async () => {
  const first = fakeCloud(() => json(200, noDomains))
  const second = fakeCloud(() => json(200, noDomains))
  await listDomains(first.session)
  await listDomains(second.session)
  expect(second.signIns).toHaveLength(1)
  expect(JSON.stringify(first.session)).toBe('{"actor":"operator"}')
})

test('a session that forgot its token signs in again', async () => {
  const { session, signIns } = fakeCloud(() => json(200, noDomains))
  await session.token()
  session.forget()
  await session.token()
  expect(signIns).toHaveLength(2)
})
