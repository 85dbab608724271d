/** The same cloud on a port, its faults on the wire, and its state in a file. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, fetch as fetchWith } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { asAdmin, asUser, names, text } from './client.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { FAULTS } from '../../src/simulator/faults.ts'
import { InputError } from '../../src/errors.ts'
import { parseSeed } from '../../src/simulator/seed-file.ts'
import { parseState, renderState, stateVersion } from '../../src/simulator/snapshot.ts'
import { PRESETS } from '../../src/simulator/presets.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'

const open: Served[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()))
})

async function served(options: Omit<Parameters<typeof serve>[0], 'port'>): Promise<Served> {
  const made = await serve({ ...options, port: 0 })
  open.push(made)
  return made
}

test('its certificate is trusted by its own CA and by no other', async () => {
  const { url, ca } = await served({ cloud: createCloud(), hasTls: true })
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/identity\/v3$/)
  const agent = new Agent({ connect: { ca } })
  expect((await fetchWith(url, { dispatcher: agent })).status).toBe(200)
  await expect(fetchWith(url)).rejects.toThrow('fetch failed')
  await agent.close()
})

test('each service on a port of its own answers where the catalog says', async () => {
  const cloud = createCloud()
  await served({ cloud, isSpread: true })
  const admin = await asAdminOver(cloud.url, cloud.admin.password)
  const services = listOf(admin.body, 'token.catalog')
  const network = services.find((service) => text(service, 'type') === 'network')
  const url = text(network, 'endpoints.0.url')
  expect(new URL(url).port).not.toBe(new URL(cloud.url).port)
  const answer = await fetch(`${url}/v2.0/networks`, { headers: { 'X-Auth-Token': admin.token } })
  expect(await answer.json()).toMatchObject({ networks: [{ name: 'provider-ext' }] })
})

function listOf(value: unknown, path: string): readonly unknown[] {
  let found = value
  for (const key of path.split('.')) {
    found =
      typeof found === 'object' && found !== null
        ? Object.entries(found).find(([name]) => name === key)?.[1]
        : undefined
  }
  return Array.isArray(found) ? found : []
}

async function asAdminOver(url: string, password: string): Promise<{ readonly token: string; readonly body: unknown }> {
  const user = { name: 'admin', domain: { id: 'default' }, password }
  const scope = { project: { name: 'admin', domain: { id: 'default' } } }
  const identity = { methods: ['password'], password: { user } }
  const answer = await fetch(`${url}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: { identity, scope } }),
  })
  const body: unknown = await answer.json()
  return { token: answer.headers.get('x-subject-token') ?? '', body }
}

test('a lost answer breaks the connection after the effect', async () => {
  const lost = { kind: 'lost-answer', service: 'network', method: 'POST', path: '^/v2.0/networks$', times: 1 } as const
  const cloud = createCloud({ preset: 'zed-patched', faults: [lost] })
  await served({ cloud })
  const { token } = await asAdminOver(cloud.url, cloud.admin.password)
  const networks = cloud.url.replace('/identity/v3', '/networking/v2.0/networks')
  const post = (): Promise<Response> =>
    fetch(networks, {
      method: 'POST',
      headers: { 'X-Auth-Token': token },
      body: JSON.stringify({ network: { name: 'n' } }),
    })
  await expect(post()).rejects.toThrow('fetch failed')
  expect(cloud.state.networks.filter((network) => network.name === 'n')).toHaveLength(1)
  expect((await post()).status).toBe(201)
})

test('a fault hits as often as it says and then no more', async () => {
  const cloud = createCloud({ preset: 'zed-patched', faults: ['rate-limited'] })
  const admin = await asAdmin(cloud)
  const first = await admin('GET', 'compute/v2.1/flavors')
  expect(first).toMatchObject({ status: 429 })
  expect(first.headers.get('retry-after')).toBe('1')
  await admin('GET', 'compute/v2.1/flavors')
  expect((await admin('GET', 'compute/v2.1/flavors')).status).toBe(200)
})

test('an expired token is refused once and a new one is not', async () => {
  const cloud = createCloud({ preset: 'zed-patched', faults: ['token-expired'] })
  const admin = await asAdmin(cloud)
  const ask = async (): Promise<number> => (await admin('GET', 'networking/v2.0/networks')).status
  expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 401])
  expect((await (await asAdmin(cloud))('GET', 'networking/v2.0/networks')).status).toBe(200)
})

test('a slow answer ends at the deadline of who waits for it', async () => {
  const slow = { kind: 'slow', service: 'image', ms: 60_000 } as const
  const cloud = createCloud({ faults: [slow] })
  const ask = (path: string): Promise<unknown> => {
    const signal = AbortSignal.timeout(100)
    const url = cloud.url.replace('/identity/v3', path)
    return Promise.resolve(cloud.fetch(url, { method: 'GET', headers: {}, signal, redirect: 'manual' }))
  }
  await expect(ask('/image/v2/images')).rejects.toThrow(/timeout/i)
  await expect(ask('/identity/v3')).resolves.toMatchObject({ status: 200 })
})

test('a skewed clock shows in the answers', async () => {
  const reply = await (await asAdmin(createCloud({ faults: ['clock-skew'] })))('GET', 'identity/v3/projects')
  const ahead = Date.parse(reply.headers.get('date') ?? '') - Date.now()
  expect(ahead).toBeGreaterThan(3590_000)
})

test('every fault by name makes a cloud that answers', async () => {
  for (const name of Object.keys(FAULTS)) {
    const seed = parseSeed(`version: 1\nfaults: [${name}]\n`, 'seed.yaml')
    const cloud = createCloud(seed)
    const answer = await cloud.answer(new Request(cloud.url))
    expect([200, 503]).toContain(answer.status)
  }
})

test('the documents name every preset and every fault, and none that is not there', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/simulator.md'), 'utf8')
  const rowsOf = (heading: string): readonly string[] => {
    const section = text.slice(text.indexOf(`## ${heading}`)).split('\n## ')[0] ?? ''
    return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '')
  }
  expect(rowsOf('Presets')).toEqual(Object.keys(PRESETS))
  expect(rowsOf('Faults')).toEqual(Object.keys(FAULTS))
})

test('a state that was written is the same cloud again', async () => {
  const cloud = createCloud({
    domains: [
      {
        name: 'acme',
        projects: ['prod'],
        users: [{ name: 'dev', password: 'pw', grants: [{ role: 'member', project: 'prod' }] }],
      },
    ],
  })
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  const before = stateVersion(cloud.state)
  await dev('POST', 'networking/v2.0/networks', { network: { name: 'kept' } })
  expect(stateVersion(cloud.state)).toBeGreaterThan(before)
  const text = renderState(cloud.state)
  const again = createCloud(undefined, { state: parseState(text, 'state.json') })
  const same = await asUser(again, 'acme', 'dev', 'prod')
  expect(names(await same('GET', 'networking/v2.0/networks'), 'networks')).toContain('kept')
  expect(() => parseState('{}', 'state.json')).toThrow(InputError)
  expect(text).not.toContain('"pw"')
})

test('a seed file is read as it is meant, and every problem in it is named', () => {
  const seed = parseSeed('version: 1\npreset: epoxy\ndomains:\n  - name: acme\n    projects: [prod]\n', 'seed.yaml')
  expect(seed).toEqual({ preset: 'epoxy', domains: [{ name: 'acme', projects: ['prod'] }] })
  const bad = 'version: 1\npreset: nope\nfaults: [none-such]\nbogus: 1\n'
  expect(() => parseSeed(bad, 'seed.yaml')).toThrow(InputError)
  expect(() => parseSeed(bad, 'seed.yaml')).toThrow(/preset[\s\S]*faults[\s\S]*bogus/)
})

test('the clouds.yaml names this cloud and its operator', () => {
  const cloud = createCloud()
  const text = renderClouds(cloud, { name: 'sim', caFile: '/tmp/ca.pem' })
  expect(text).toContain(`auth_url: ${cloud.url}`)
  expect(text).toContain('cacert: /tmp/ca.pem')
  expect(text).toContain('username: admin')
})
