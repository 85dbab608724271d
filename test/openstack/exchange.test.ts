import { expect, test } from 'vitest'
import { exitCodeOf, isTransient } from '../../src/errors.ts'
import { listDomains } from '../../src/openstack/keystone/domains.ts'
import { failure, fakeCloud, json } from './fake.ts'

const once = { retry: { attempts: 1 } }
const html = { 'content-type': 'text/html; charset=utf-8' }

test.each([
  ['https://evil.example/v3/domains', 'https://evil.example'],
  ['/elsewhere', 'the path /elsewhere'],
  [undefined, 'nowhere'],
])('a redirect to %s is not followed', async (location, said) => {
  const { session, asked } = fakeCloud(() => json(302, undefined, location === undefined ? {} : { location }), once)
  const error = await failure(listDomains(session))
  expect(error).toMatchObject({ kind: 'malformed', status: 302 })
  expect(String(error)).toContain(said)
  expect(asked.map((one) => new URL(one.url).host)).toEqual(['keystone.example:5000'])
})

test('HTML with a yes, as a login page of a proxy sends it, is not taken for an answer', async () => {
  const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Corporate proxy</h1></body></html>'
  const { session } = fakeCloud(() => new Response(page, { status: 200, headers: html }), once)
  const error = await failure(listDomains(session))
  expect(error).toMatchObject({ kind: 'malformed', status: 200 })
  expect(String(error)).toContain('HTML instead of an API answer')
  expect(String(error)).toContain('Corporate proxy')
  expect(exitCodeOf(error)).toBe(4)
})

test('a yes without a body is an answer, whatever it calls its type: glance calls its 204 HTML', async () => {
  const { session } = fakeCloud(() => new Response(null, { status: 204, headers: html }), once)
  const answer = await session.request({ service: 'image', method: 'DELETE', path: '/images/i1' })
  expect(answer.status).toBe(204)
})

test('an HTML error page gives its words, without tags and script', async () => {
  const page =
    '<html><head><title>404 Not Found</title><script>alert(1)</script></head><body><h1>404 Not Found</h1>No image&nbsp;&quot;x&quot;.<br/></body></html>'
  const { session } = fakeCloud(() => new Response(page, { status: 404, headers: html }), once)
  expect(await failure(listDomains(session))).toMatchObject({ kind: 'answer', reason: '404 Not Found No image "x".' })
})

test('JSON that was cut short is malformed and may be asked for again', async () => {
  const { session } = fakeCloud(
    () => new Response('{"domains": [{"id": "1", "na', { headers: { 'content-type': 'application/json' } }),
    once,
  )
  const error = await failure(listDomains(session))
  expect(error).toMatchObject({ kind: 'malformed', reason: 'the JSON is broken or cut off' })
  expect(isTransient(error)).toBe(true)
})

test('a GET whose answer was cut short is asked for again', async () => {
  const { session } = fakeCloud((_, nth) =>
    nth === 1
      ? new Response('{"domains": [', { headers: { 'content-type': 'application/json' } })
      : json(200, { domains: [] }),
  )
  expect(await listDomains(session)).toEqual([])
})

test('JSON without a JSON content type is not parsed', async () => {
  const { session } = fakeCloud(
    () => new Response('{"domains": []}', { headers: { 'content-type': 'text/plain' } }),
    once,
  )
  expect(await failure(listDomains(session))).toMatchObject({
    kind: 'malformed',
    reason: 'answer is string, not an object',
  })
})

test.each([
  [{}, 'domains is missing, not a list'],
  [{ domains: {} }, 'domains is object, not a list'],
  [{ domains: [{ id: 'd1', name: 'acme' }] }, 'domains[0].enabled is missing, not true or false'],
  [{ domains: [{ id: 7, name: 'acme', enabled: true }] }, 'domains[0].id is number, not a string'],
  [{ domains: [null] }, 'domains[0] is null, not an object'],
  [[], 'answer is a list, not an object'],
])('a promised field that is not there is named: %j', async (body, message) => {
  const { session } = fakeCloud(() => json(200, body, { 'x-openstack-request-id': 'req-7' }), once)
  expect(await failure(listDomains(session))).toMatchObject({
    kind: 'malformed',
    reason: message,
    requestId: 'req-7',
    path: '/v3/domains',
  })
})

test('a body over the limit is not read to its end', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1024
      controller.enqueue(new Uint8Array(1024))
    },
  })
  const { session } = fakeCloud(() => new Response(endless, { headers: { 'content-type': 'application/json' } }), {
    ...once,
    bodyLimit: 10_000,
  })
  expect(await failure(listDomains(session))).toMatchObject({
    kind: 'malformed',
    reason: 'the body is larger than 10000 bytes',
  })
  expect(sent).toBeLessThan(20_000)
})

test('silence ends at the deadline, and the error says that the effect is unknown', async () => {
  const { session } = fakeCloud(() => new Promise(() => undefined), { ...once, deadlineMs: 30 })
  const slow = fakeCloud(() => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })), {
    ...once,
    deadlineMs: 30,
  })
  for (const error of [await failure(listDomains(slow.session)), await failure(listDomains(session))]) {
    expect(error).toMatchObject({ kind: 'timeout', status: undefined })
    expect(String(error)).toContain('whether it took effect is unknown')
    expect(exitCodeOf(error)).toBe(4)
  }
})

test('an interruption from outside ends the request with its own reason', async () => {
  const stop = new AbortController()
  const { session } = fakeCloud(() => new Promise(() => undefined), { signal: stop.signal })
  const waiting = failure(listDomains(session))
  await new Promise((resolve) => setTimeout(resolve, 5))
  const reason = new Error('Ctrl-C')
  stop.abort(reason)
  expect(await waiting).toBe(reason)
})

test('the words of the cloud cannot move the cursor, hide text or break the line', async () => {
  const { session } = fakeCloud(
    () =>
      json(409, { error: { code: 409, message: 'no \u001b[2J\u001b[31mred\u202egnp.exe\u200b\nsecond line\u0007' } }),
    once,
  )
  const error = await failure(listDomains(session))
  expect(error).toMatchObject({ reason: 'no \\u{1b}[2J\\u{1b}[31mred\\u{202e}gnp.exe\\u{200b} second line\\u{7}' })
})

test('a request id from the cloud is printable as well', async () => {
  const { session } = fakeCloud(() => json(409, {}, { 'x-openstack-request-id': 'req-\u009b31m' }), once)
  expect(String(await failure(listDomains(session)))).toContain('req-\\u{9b}31m')
})
