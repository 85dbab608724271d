import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import { filesBelow } from '../onboarding/test-bed.ts'
import { openFleet, prefixes, small } from './fleet-test-bed.ts'
import type { FleetTestBed } from './fleet-test-bed.ts'

let bed: FleetTestBed

afterEach(() => bed.remove())

async function twoClouds(through?: (fetch: Fetch) => Fetch): Promise<void> {
  bed = await openFleet(['east', 'west'], through === undefined ? {} : { through })
  for (const name of ['ant', 'bee', 'cat']) await bed.add(`${name}.yaml`, small(name, 'east'))
  for (const name of ['ant', 'dog']) await bed.add(`west/${name}.yaml`, small(name, 'west'))
}

test('a folder of tenants is onboarded on the clouds that they name, with prefixes that overlap nothing', async () => {
  await twoClouds()
  const { code, out } = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(out).toContain('5 tenants: 5 done')
  expect(code).toBe(0)
  expect(prefixes(bed.clouds.get('east'))).toEqual({ ant: '10.64.0.0/24', bee: '10.64.1.0/24', cat: '10.64.2.0/24' })
  // another cloud is another address plan
  expect(prefixes(bed.clouds.get('west'))).toEqual({ ant: '10.64.0.0/24', dog: '10.64.1.0/24' })
  const status = await bed.run('fleet', 'status', 'fleet', '--exit-code')
  expect(status.out).toContain('5 tenants: 5 validated')
  expect(status.code).toBe(0)
  // what a fleet made is what `apply` would have made
  const alone = await bed.run('plan', 'fleet/bee.yaml', '--exit-code', '--cloud', 'east')
  expect(alone.out).toContain('nothing to do')
  expect(alone.code).toBe(0)
})

test('the second time nothing is changed', async () => {
  await twoClouds()
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  const before = bed.sent.length
  const { code, out } = await bed.run('fleet', 'apply', 'fleet', '--yes', '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, counts: { unchanged: 5, done: 0 }, changes: 0, attention: [] })
  const changing = bed.sent
    .slice(before)
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
  expect(changing).toEqual([])
})

test('what is the same for all tenants of a cloud is asked once, and the operator signs in once', async () => {
  await twoClouds()
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  const count = (method: string, path: RegExp): number =>
    bed.sent.filter((one) => one.method === method && path.test(one.path) && one.user === 'admin').length
  // one for each of the two clouds
  expect(count('GET', /^\/identity\/v3\/role_inferences$/)).toBe(2)
  expect(count('GET', /^\/identity\/v3\/projects$/)).toBe(2)
  expect(count('GET', /\/subnets$/)).toBe(2)
  const signIns = bed.sent.filter(({ method, path }) => method === 'POST' && path.endsWith('/auth/tokens'))
  const sharedProbes = bed.sent.filter(({ path, method }) => method === 'POST' && path.endsWith('/v3/domains'))
  // five domains of tenants, and a throwaway domain or two for the probes of each cloud
  expect(sharedProbes.length).toBeLessThan(5 + 2 * 3)
  expect(signIns.length).toBeGreaterThan(5)
})

test('plan shows what apply would do, changes nothing and leaves nothing behind', async () => {
  await twoClouds()
  const { code, out } = await bed.run('fleet', 'plan', 'fleet', '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, tenants: 5, counts: { planned: 5 } })
  expect(bed.sent.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))).toEqual([])
  expect(await readdir(bed.folder)).not.toContain('tenant-onboard')
  const text = await bed.run('fleet', 'plan', 'fleet', '--exit-code')
  expect(text.code).toBe(3)
  expect(text.out).toMatch(/^east\/bee +\d+ to do +10\.64\.1\.0\/24$/m)
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect((await bed.run('fleet', 'plan', 'fleet', '--exit-code')).code).toBe(0)
})

test("one tenant's failure is its own, and the summary says what to look at", async () => {
  await twoClouds()
  await bed.add(
    'tight.yaml',
    small('tight', 'east', '{ pool: 10.64.0.0/30, prefix_length: 30 }').replace(
      '30, prefix_length: 30',
      '29, prefix_length: 29',
    ),
  )
  await bed.add('none.yaml', small('none', 'west', '{}'))
  const { code, out, err } = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('7 tenants: 5 done, 2 refused')
  expect(out).toContain('preflight/no-pool')
  expect(out).toContain('preflight/pool-exhausted')
  expect(out).toContain('run the same command again to continue')
  expect(err).toContain('west/none: refused')
  // not begun: nothing of it exists
  expect([...(bed.clouds.get('west')?.state.domains.values() ?? [])].map(({ name }) => name)).not.toContain('none')
  expect([...(bed.clouds.get('west')?.state.domains.values() ?? [])].map(({ name }) => name)).toContain('dog')
})

test('a cloud that cannot be reached fails for its own tenants only, and the same command continues', async () => {
  let isDown = true
  await twoClouds((fetch) => (url, init) => {
    if (isDown && url.startsWith('https://west')) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    return fetch(url, init)
  })
  const first = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(first.code).toBe(4)
  expect(first.out).toContain('5 tenants: 3 done, 2 failed')
  isDown = false
  const second = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(second.code).toBe(0)
  expect(second.out).toContain('5 tenants: 2 done, 3 unchanged')
})

test('a cloud that goes away is held after a few tenants, instead of being tried a thousand times', async () => {
  bed = await openFleet(['east'], {
    through: (fetch) => (url, init) => {
      // the operator's reads before the first tenant go through
      if (url.includes('/v3/domains?name=')) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      return fetch(url, init)
    },
    io: { sleep: () => Promise.resolve() },
  })
  for (let at = 0; at < 20; at++) await bed.add(`t${at}.yaml`, small(`tenant-${at}`, 'east'))
  const { code, out } = await bed.run('fleet', 'apply', 'fleet', '--yes', '--per-cloud', '1')
  expect(code).toBe(4)
  expect(out).toContain('20 tenants: 5 failed, 15 stopped')
  expect(out).toContain('could not reach the cloud')
})

test('stopped, it finishes the steps under way, begins no other tenant, and continues when told again', async () => {
  let stop = new AbortController()
  bed = await openFleet(['east'], {
    through: (fetch) => (url, init) => {
      if (url.endsWith('/routers') && init.method === 'POST') stop.abort()
      return fetch(url, init)
    },
    stop: () => (stop = new AbortController()).signal,
  })
  const names = Array.from({ length: 6 }, (_, at) => `tenant-${at}`)
  for (const name of names) await bed.add(`${name}.yaml`, small(name, 'east'))
  const state = () => bed.clouds.get('east')?.state
  const first = await bed.run('fleet', 'apply', 'fleet', '--yes', '--per-cloud', '2')
  expect(first.code).toBe(4)
  expect(first.out).toMatch(/6 tenants: .*stopped/)
  // the router under way was made, and four tenants were not begun
  expect(state()?.routers.size).toBeGreaterThan(0)
  expect([...(state()?.domains.values() ?? [])].filter(({ name }) => names.includes(name)).length).toBeLessThan(6)
  expect(await stateOf(bed)).toMatchObject({ version: 1, state: 'stopped', tenants: 6 })
  // each run is stopped at its next router, so a few of them come to the end
  let last = first
  for (let more = 0; more < 8 && last.code !== 0; more++)
    last = await bed.run('fleet', 'apply', 'fleet', '--yes', '--per-cloud', '2')
  expect(last.code).toBe(0)
  expect(Object.keys(prefixes(bed.clouds.get('east')))).toEqual(names)
  expect(state()?.routers.size).toBe(6)
})

test('the state file shows the progress of the fleet, and nothing in it is secret', async () => {
  await twoClouds()
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(await stateOf(bed)).toMatchObject({
    version: 1,
    folder: join(bed.folder, 'fleet'),
    command: 'fleet apply',
    state: 'ended',
    tenants: 5,
    ended: 5,
    counts: { done: 5 },
    clouds: [
      { cloud: 'east', tenants: 3, done: 3, running: 0, waiting: 0 },
      { cloud: 'west', tenants: 2, done: 2 },
    ],
    running: [],
    attention: [],
  })
  const files = await filesBelow(join(bed.folder, 'tenant-onboard'))
  const secrets = [...files].filter(([path]) => path.includes('/secrets/')).map(([, text]) => text.trim())
  expect(secrets.length).toBeGreaterThan(10)
  const [, text = ''] = [...files].find(([path]) => path.includes('/_fleet/')) ?? []
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
})

test('what is made by hand meanwhile is allotted around, and what exists keeps its prefix', async () => {
  await twoClouds()
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  await bed.add('aardvark.yaml', small('aardvark', 'east'))
  const { code } = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(code).toBe(0)
  expect(prefixes(bed.clouds.get('east'))).toEqual({
    aardvark: '10.64.3.0/24',
    ant: '10.64.0.0/24',
    bee: '10.64.1.0/24',
    cat: '10.64.2.0/24',
  })
})

test('without a terminal it applies only what was said yes to', async () => {
  await twoClouds()
  const { code, err } = await bed.run('fleet', 'apply', 'fleet')
  expect(code).toBe(2)
  expect(err).toContain('--yes')
  expect(bed.sent).toEqual([])
})

async function stateOf({ folder }: FleetTestBed): Promise<unknown> {
  const home = join(folder, 'tenant-onboard', '_fleet')
  const [name = ''] = await readdir(home)
  return JSON.parse(await readFile(join(home, name), 'utf8'))
}

test('a tenant that was handed over is left to its tenant, and counts as well', async () => {
  await twoClouds()
  await bed.run('fleet', 'apply', 'fleet', '--yes')
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  await bed.add('bee.yaml', `${small('bee', 'east')}handover: { recipient: ${recipient} }\n`)
  expect(await bed.run('handover', 'fleet/bee.yaml', '--cloud', 'east', '--yes')).toMatchObject({ code: 0 })
  const { code, out } = await bed.run('fleet', 'apply', 'fleet', '--yes')
  expect(out).toContain('5 tenants: 4 unchanged, 1 held by the tenant')
  expect(code).toBe(0)
  expect((await bed.run('fleet', 'status', 'fleet')).out).toContain('1 held by the tenant')
})
