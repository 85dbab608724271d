import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openTestBed, operatorOf, simulate } from './test-bed.ts'
import type { TestBed } from './test-bed.ts'
import type { Seed } from '../../src/simulator/seed.ts'

/* What a cloud is like around a tenant: its flavors, its addresses, its regions. */

let bed: TestBed | undefined

afterEach(() => bed?.remove())

type Record = { [key: string]: unknown }

type Options = {
  readonly seed?: Seed
  readonly env?: Readonly<{ [name: string]: string }>
  readonly tenant?: (text: string) => string
}

/** On a cloud whose answers are changed on their way. */
async function preflight(
  change: (path: string, body: Record) => void,
  { seed, env = {}, tenant = (text) => text }: Options = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  await bed?.remove()
  const { cloud, clock } = simulate(seed)
  bed = await openTestBed(
    { ...operatorOf(cloud), ...env },
    async (url, init) => {
      const { status, headers, body } = await cloud.fetch(url, init)
      if (body === null) return { status, headers, body }
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString('utf8')
      return { status, headers, body: bytesOf(text.startsWith('{') ? changed(text) : text) }
    },
    {},
    clock,
  )
  const file = await bed.write('acme.yaml', tenant(await exampleTenant('acme')))
  return bed.run('preflight', file)

  function changed(text: string): string {
    const json = JSON.parse(text) as Record
    change(JSON.stringify(Object.keys(json)), json)
    return JSON.stringify(json)
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(Buffer.from(text)))
}

const nothing = (): void => undefined
const persona = { preset: 'zed-patched', isPersonaBuilt: true } as const
const diskless = { name: 'SCS-2V-4', vcpus: 2, ram: 2048, disk: 0 }

test('of two flavors of one size the one that can boot is taken, and without one it is told', async () => {
  const onlyOurs = (_: string, body: Record): void => {
    const flavors = body['flavors'] as readonly { readonly name: string }[] | undefined
    if (flavors !== undefined) body['flavors'] = flavors.filter(({ name }) => name.startsWith('SCS'))
  }
  const flavors = [diskless, { ...diskless, name: 'SCS-2V-4-20s', disk: 20 }]
  const both = await preflight(onlyOurs, { seed: { ...persona, flavors } })
  expect(both.out).toMatch(/ok +operator +nodes of flavor SCS-2V-4-20s have a disk to boot from/)
  expect(both.code).toBe(0)
  const none = await preflight(onlyOurs, { seed: { ...persona, flavors: [diskless] } })
  expect(none.out).toContain('preflight/flavor-missing')
  expect(none.code).toBe(3)
  const named = (text: string): string => `${text}overrides: { flavor: SCS-2V-4 }\n`
  const chosen = await preflight(nothing, { seed: { ...persona, flavors }, tenant: named })
  expect(chosen.out).toContain('preflight/flavor-without-disk')
  expect(chosen.code).toBe(3)
  const volume = (text: string): string =>
    named(text.replace('      pin: required', '      pin: required\n      labels: { boot_volume_size: "20" }'))
  expect((await preflight(nothing, { seed: { ...persona, flavors }, tenant: volume })).code).toBe(0)
})

const pool = (total: number, used: number) => ({
  ip_availability_details: { total_ips_in_allocation_pool: total, used_ips_in_allocation_pool: used },
})

test.each([
  ['IPv6 ones are no help', { total_ips: 5, used_ips: 5 }, 3],
  ['those outside of the pool are not counted', { total_ips: 10, used_ips: 15, ...pool(10, 3) }, 0],
  ['a difference that says nothing is counted by ports', { total_ips: 10, used_ips: 15 }, 0],
  ['a full pool is full', { total_ips: 10, used_ips: 3, ...pool(3, 3) }, 3],
])('free addresses: %s', async (_, v4, wanted) => {
  const { code, out } = await preflight((_path, body) => {
    const all = body['network_ip_availability'] as Record | undefined
    if (all === undefined) return
    const [subnet] = all['subnet_ip_availability'] as readonly Record[]
    const v6 = { ...subnet, cidr: '2001:db8::/64', ip_version: 6, total_ips: 2 ** 60, used_ips: 1 }
    Object.assign(all, { total_ips: 2 ** 60, used_ips: 20, subnet_ip_availability: [{ ...subnet, ...v4 }, v6] })
  })
  const answer = wanted === 0 ? 'ok' : 'NO'
  expect(out).toMatch(new RegExp(`${answer} +operator +provider-ext has an address for each router and cluster`))
  expect(code).toBe(wanted)
})

/** Each service also in a second region, which some of them name first. */
function twoRegions(_: string, body: Record): void {
  const token = body['token'] as { readonly catalog?: readonly Record[] } | undefined
  for (const service of token?.catalog ?? []) {
    if (service['type'] === 'identity') continue
    const own = service['endpoints'] as readonly Record[]
    const two = own.map((endpoint) => ({ ...endpoint, region: 'RegionTwo', region_id: 'RegionTwo' }))
    service['endpoints'] = service['type'] === 'network' ? [...two, ...own] : [...own, ...two]
  }
}

test('two regions and none chosen: nothing is asked there, and both are named', async () => {
  const { code, err } = await preflight(twoRegions, { env: { OS_REGION_NAME: '' } })
  expect(err).toContain('the catalog has the regions `RegionOne`, `RegionTwo`: choose one')
  expect(code).toBe(2)
  expect((await preflight(twoRegions, { env: { OS_REGION_NAME: 'RegionTwo' } })).code).toBe(0)
})
