import { afterEach, beforeEach, expect, test } from 'vitest'
import { cookieOf, host, keepTenant, openDesk, scratchRoot } from './desk.ts'
import type { Desk } from './desk.ts'

let desk: Desk
let scratch: Awaited<ReturnType<typeof scratchRoot>>

beforeEach(async () => {
  scratch = await scratchRoot()
  await keepTenant(scratch.root, 'prod', 'acme')
  desk = openDesk(scratch.root)
})

afterEach(async () => {
  desk.close()
  await scratch.remove()
})

test('who has no cookie is told how to get in, and nothing else', async () => {
  const page = await desk.ask('/')
  expect(page.status).toBe(401)
  expect(await page.text()).toContain('This browser is not signed in')
  const api = await desk.ask('/api/audits')
  expect(api.status).toBe(401)
  expect(await api.json()).toEqual({ error: 'not signed in' })
  expect((await desk.askInside('/api/audits')).status).toBe(200)
})

test('the token opens once, and then is worth nothing', async () => {
  const first = await desk.ask(`/?token=${desk.token}`)
  expect(first.status).toBe(303)
  expect(first.headers.get('location')).toBe('/')
  const setCookie = first.headers.get('set-cookie') ?? ''
  expect(setCookie).toMatch(/^console-4711=[\w-]{43};/)
  expect(setCookie).toContain('HttpOnly')
  expect(setCookie).toContain('SameSite=Strict')
  expect(setCookie).not.toContain(desk.token)
  const second = await desk.ask(`/?token=${desk.token}`)
  expect(second.status).toBe(401)
  expect(second.headers.get('set-cookie')).toBeNull()
  // the one that was let in stays in, and may open its old link again
  const cookie = cookieOf(first)
  expect((await desk.ask('/', { cookie })).status).toBe(200)
  expect((await desk.ask(`/?token=${desk.token}`, { cookie })).status).toBe(303)
})

test('a wrong token opens nothing and spends nothing', async () => {
  expect((await desk.ask('/?token=guess')).status).toBe(401)
  expect((await desk.ask(`/api/audits?token=${desk.token}`)).status).toBe(401)
  expect((await desk.ask(`/?token=${desk.token}`)).status).toBe(303)
})

test.each(['evil.example:4711', '127.0.0.1', '127.0.0.1:4712', 'localhost', '[::1]:4711', ''])(
  'a request for the host `%s` is none of ours, cookie or not',
  async (foreign) => {
    expect((await desk.askInside('/api/audits', { host: foreign })).status).toBe(421)
    expect((await desk.askInside('/api/audits', { host })).status).toBe(200)
  },
)

test.each([
  { origin: 'https://evil.example' },
  { origin: 'http://127.0.0.1:8080' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
])('a page of elsewhere may not ask: %o', async (headers) => {
  expect((await desk.askInside('/api/audits', headers)).status).toBe(403)
  const own = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }
  expect((await desk.askInside('/api/audits', own)).status).toBe(200)
})

test('a person may follow a link to it from elsewhere', async () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect((await desk.askInside('/', link)).status).toBe(200)
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s is refused: there is nothing to change',
  async (method) => {
    const answer = await desk.askInside('/api/audits', {}, method)
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
    expect((await desk.askInside('/api/audits')).status).toBe(200)
  },
)

test('pages run only what the console serves, and nobody may frame or read them', async () => {
  const page = await desk.askInside('/tenants/prod/acme')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|data:|https?:|\*/)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect([...page.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  expect(await page.text()).not.toMatch(/<script(?! type="module" src="\/assets\/main\.js"><)|<style|style=|onerror/)
})

test.each([
  '/api/tenants/..%2F..%2Fetc/passwd',
  '/api/tenants/prod/..',
  '/api/tenants/prod/%2e%2e%2f%2e%2e',
  '/api/tenants/prod/acme%2Fsecrets',
  '/assets/..%2f..%2fpackage.json',
])('no address leaves the data directory: %s', async (path) => {
  expect((await desk.askInside(path)).status).toBe(404)
  expect((await desk.askInside('/assets/main.js')).status).toBe(200)
})
