import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { parseState, renderState } from '../../src/simulator/snapshot.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { createClock } from '../clock.ts'
import { exampleTenant, filesBelow, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

/* A data directory belongs to one Keystone: no command works in it on another one. */

const env: Record<string, string> = {}
const beds: TestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

/** All clouds, and the program, have one time. */
const clock = createClock()

function make(options: Parameters<typeof simulate>[1] = {}): Cloud {
  return simulate(undefined, { clock, ...options }).cloud
}

type Bed = TestBed & {
  /** From now on this cloud answers at its address, and the shell names it. */
  readonly use: (cloud: Cloud) => void
}

async function open(cloud: Cloud, text = (of: string): string => of): Promise<Bed> {
  let current = cloud
  const bed = await openTestBed(env, (url, init) => current.fetch(url, init), {}, clock)
  beds.push(bed)
  await bed.write('tenant.yaml', text(await exampleTenant('acme')))
  const use = (next: Cloud): void => {
    current = next
    Object.assign(env, operatorOf(next))
  }
  use(cloud)
  return { ...bed, use }
}

const until = (stage: string): readonly string[] => ['apply', 'tenant.yaml', '--yes', '--until', stage]
const home = 'tenant-onboard/lab'

const commands: readonly (readonly string[])[] = [
  until('domain'),
  ['preflight', 'tenant.yaml', '--probe'],
  ['verify', 'tenant.yaml'],
  ['rotate', 'tenant.yaml', '--account', 'domain-admin', '--yes'],
  ['handover', 'tenant.yaml', '--yes'],
  ['offboard', 'tenant.yaml', '--confirm', 'acme'],
  ['plan', 'tenant.yaml'],
  ['preflight', 'tenant.yaml'],
  ['audit', 'tenant.yaml'],
  ['diagnose', 'tenant.yaml'],
  ['offboard', 'tenant.yaml', '--dry-run'],
]

test.each(commands)('a second cloud at the same address: %s %s ends before it changes anything', async (...command) => {
  const first = make()
  const second = make()
  const bed = await open(first)
  expect(await bed.run(...until('self-service'))).toMatchObject({ code: 0 })
  const before = await filesBelow(join(bed.folder, 'tenant-onboard'))
  const rows = renderState(second.state)
  bed.use(second)
  const { code, err } = await bed.run(...command)
  expect(err).toContain(
    `\`${join(bed.folder, home)}\` belongs to the Keystone with the identity service ${identityOf(first)}`,
  )
  expect(err).toContain(`this is the Keystone with the identity service ${identityOf(second)}`)
  expect(code).toBe(2)
  expect(await filesBelow(join(bed.folder, 'tenant-onboard'))).toEqual(before)
  expect(withoutTokens(renderState(second.state))).toEqual(withoutTokens(rows))
  bed.use(first)
  expect((await bed.run('plan', 'tenant.yaml')).code).toBe(0)
})

test('the same cloud after a restart from its snapshot, and with another certificate, is the same', async () => {
  const first = make()
  const bed = await open(first)
  expect(await bed.run(...until('domain'))).toMatchObject({ code: 0 })
  bed.use(make({ state: parseState(renderState(first.state), 'state') }))
  expect(await bed.run(...until('self-service'))).toMatchObject({ code: 0 })
})

test('a directory of an earlier version is taken over at the first change, not by a look or a no', async () => {
  const first = make()
  const bed = await open(first)
  await bed.run('plan', 'tenant.yaml')
  expect([...(await filesBelow(bed.folder)).keys()]).not.toContain(join(bed.folder, home, 'keystone.json'))
  expect(await bed.run('apply', 'tenant.yaml', '--until', 'domain')).toMatchObject({ code: 2 })
  expect([...(await filesBelow(bed.folder)).keys()]).not.toContain(join(bed.folder, home, 'keystone.json'))
  await bed.run(...until('domain'))
  const kept = JSON.parse(await readFile(join(bed.folder, home, 'keystone.json'), 'utf8')) as object
  expect(kept).toMatchObject({ version: 1, authUrl: first.url })
  const tenant = JSON.parse(await readFile(join(bed.folder, home, 'acme', 'keystone.json'), 'utf8')) as object
  expect(tenant).toMatchObject({ version: 1, region: 'RegionOne' })
  expect(tenant).not.toHaveProperty('authUrl')
})

test('a folder of a tenant that was moved below another cloud is not used there', async () => {
  const first = make()
  const bed = await open(first)
  await bed.run(...until('domain'))
  await mkdir(join(bed.folder, 'elsewhere/lab'), { recursive: true })
  await rename(join(bed.folder, home, 'acme'), join(bed.folder, 'elsewhere/lab/acme'))
  bed.use(make())
  const { code, err } = await bed.run('plan', 'tenant.yaml', '--home', 'elsewhere')
  expect(code).toBe(2)
  expect(err).toContain('elsewhere/lab/acme` belongs to')
})

test('a damaged file is a problem with its place', async () => {
  const bed = await open(make())
  await bed.run(...until('domain'))
  await writeFile(join(bed.folder, home, 'keystone.json'), '{"version": 1, "services": [')
  const { code, err } = await bed.run('plan', 'tenant.yaml')
  expect(code).toBe(2)
  expect(err).toContain(`${join(home, 'keystone.json')}\` was not written by this program`)
})

test('a catalog without ids of its own identifies nothing: the address decides', async () => {
  const cloud = make()
  const bed = await open(withoutIds(cloud))
  expect(await bed.run(...until('domain'))).toMatchObject({ code: 0 })
  expect(await bed.run('plan', 'tenant.yaml')).toMatchObject({ code: 0 })
  env['OS_AUTH_URL'] = 'https://elsewhere.test/identity/v3'
  const { code, err } = await bed.run('plan', 'tenant.yaml')
  expect(code).toBe(2)
  expect(err).toContain(`belongs to the cloud at ${cloud.url}, and this one is at https://elsewhere.test/identity/v3`)
})

test('another region of the same cloud is not used for the same tenant', async () => {
  const bed = await open(make())
  await bed.run(...until('self-service'))
  env['OS_REGION_NAME'] = 'RegionTwo'
  const { code, err } = await bed.run('plan', 'tenant.yaml')
  expect(code).toBe(2)
  expect(err).toContain('is of a tenant in region `RegionOne`, and region `RegionTwo` is chosen')
})

test.each([
  ['gate'],
  ['advise'],
  ['attach', 'override.yaml', '--base', 'default', '--policy-dir', 'policy.d', '--yes', '--no-gate'],
  ['rollback', '--policy-dir', 'policy.d', '--yes', '--no-gate'],
])('the record of deliveries and the mark are those of one Keystone: policy %s', async (...command) => {
  const first = make()
  const bed = await open(first)
  await mkdir(join(bed.folder, 'policy.d'))
  await bed.write('override.yaml', '"identity:list_regions": "role:admin"\n')
  await bed.run('audit', '--record')
  const before = await filesBelow(bed.folder)
  bed.use(make())
  const { code, err } = await bed.run('policy', ...command)
  expect(code).toBe(2)
  expect(err).toContain('tenant-onboard/envvars` belongs to the Keystone with the identity service')
  expect(await filesBelow(bed.folder)).toEqual(before)
  env['OS_CLOUD_NAME'] = 'second'
  expect((await bed.run('policy', 'gate')).err).not.toContain('belongs to')
  Reflect.deleteProperty(env, 'OS_CLOUD_NAME')
})

test('a change of the policy under another name of the cloud makes the evidence of its tenants stale', async () => {
  const first = make()
  const bed = await open(first)
  await bed.run(...until('domain'))
  expect((await bed.run('status', 'tenant.yaml')).out).not.toContain('stale')
  await mkdir(join(bed.folder, 'tenant-onboard/other/acme'), { recursive: true })
  await mkdir(join(bed.folder, 'policy.d'))
  // there is nothing to roll back: the mark comes before anything else
  expect((await bed.run('policy', 'rollback', '--policy-dir', 'policy.d', '--yes')).err).toContain(
    'nothing was attached',
  )
  expect((await bed.run('status', 'tenant.yaml')).out).toContain("the cloud's policy was changed from here since")
  const files = [...(await filesBelow(join(bed.folder, 'tenant-onboard'))).keys()]
  const marked = files.filter((path) => path.endsWith('_policy/changed'))
  expect(marked.map((path) => path.split('/').at(-3)).sort()).toEqual(['envvars', 'lab'])
})

test('an audit is recorded for one Keystone', async () => {
  const bed = await open(make())
  await bed.run('audit', '--record')
  bed.use(make())
  expect((await bed.run('audit')).err).toContain('tenant-onboard/envvars` belongs to')
})

test('a fleet: the second cloud of that name, for the cloud and for each tenant', async () => {
  const first = make()
  const bed = await open(first)
  await bed.write('clouds.yaml', renderClouds(first, { name: 'lab' }))
  await mkdir(join(bed.folder, 'fleet'))
  await bed.write('fleet/acme.yaml', await exampleTenant('acme'))
  expect(await bed.run('fleet', 'apply', 'fleet', '--yes', '--until', 'domain')).toMatchObject({ code: 0 })
  const second = make()
  bed.use(second)
  const { code, out } = await bed.run('fleet', 'apply', 'fleet', '--yes', '--until', 'domain')
  expect(code).toBe(2)
  expect(out).toContain('belongs to the Keystone with the identity service')
  expect(second.state.domains.find(({ name }) => name === 'acme')).toBeUndefined()
  await rm(join(bed.folder, 'tenant-onboard/lab/keystone.json'))
  const again = await bed.run('fleet', 'apply', 'fleet', '--yes', '--until', 'domain')
  expect(again.out).toContain('lab/acme` belongs to')
  expect(second.state.domains.find(({ name }) => name === 'acme')).toBeUndefined()
})

test('a cloud at a new address: first the command, which compares and asks', async () => {
  const first = make()
  const bed = await open(first)
  const move = ['cloud', 'move', 'lab']
  expect((await bed.run(...move)).err).toContain('does not say which Keystone it belongs to')
  await bed.run(...until('self-service'))
  expect((await bed.run(...move)).out).toContain('already')
  const old = first.url
  first.rebase('https://moved.test')
  bed.use(first)
  const refused = await bed.run('plan', 'tenant.yaml')
  expect(refused.code).toBe(2)
  expect(refused.err).toContain(`belongs to the cloud at ${old}, and this one is at https://moved.test/identity/v3`)
  const [, printed = ''] = /`tenant-onboard (cloud move [^`]*)`/.exec(refused.err) ?? []
  // without a yes, and at another cloud's address, it stays
  expect(await bed.run(...printed.split(' '))).toMatchObject({ code: 2 })
  const other = make({ url: 'https://moved.test' })
  bed.use(other)
  const wrong = await bed.run(...printed.split(' '), '--yes')
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain(`this is the Keystone with the identity service ${identityOf(other)}`)
  bed.use(first)
  expect((await bed.run('plan', 'tenant.yaml')).code).toBe(2)
  const moved = await bed.run(...printed.split(' '), '--yes')
  expect(moved.err).toContain('the same Keystone: 11 of 11 services have the same id')
  expect(moved.err).toContain('cloud envvars at https://moved.test/identity/v3, region RegionOne, as admin@Default')
  expect(moved.code).toBe(0)
  expect(await bed.run('plan', 'tenant.yaml')).toMatchObject({ code: 0 })
  expect((await bed.run('status', 'tenant.yaml')).out).toContain('the cloud or its cloud.yaml has changed since')
})

test('a catalog without ids of its own does not show that it moved', async () => {
  const cloud = withoutIds(make())
  const bed = await open(cloud)
  await bed.run(...until('domain'))
  cloud.rebase('https://moved.test')
  bed.use(cloud)
  const { code, err } = await bed.run('cloud', 'move', 'lab', '--yes')
  expect(code).toBe(2)
  expect(err).toContain('it cannot be shown that the Keystone at https://moved.test/identity/v3 is that of')
})

test("accept: the handover says where the cloud is, and no second cloud gets into the tenant's data directory", async () => {
  const first = make()
  const bed = await open(first)
  await bed.run(...until('domain'))
  const accept = (from: string): ReturnType<TestBed['run']> =>
    bed.run('accept', from, 'tenant.yaml', '--home', 'own', '--yes', '--no-wait')
  expect(await accept(join(home, 'acme/handover'))).toMatchObject({ code: 0 })
  const second = make()
  bed.use(second)
  await rename(join(bed.folder, home), join(bed.folder, 'tenant-onboard/first'))
  await bed.run(...until('domain'))
  const before = await filesBelow(join(bed.folder, 'own'))
  const { code, err } = await accept(join(home, 'acme/handover'))
  expect(code).toBe(2)
  expect(err).toContain('own/lab` belongs to the Keystone')
  expect(await filesBelow(join(bed.folder, 'own'))).toEqual(before)
  // the first one moves, and the tenant gets a handover that says so
  first.rebase('https://moved.test')
  bed.use(first)
  await rename(join(bed.folder, home), join(bed.folder, 'tenant-onboard/second'))
  await rename(join(bed.folder, 'tenant-onboard/first'), join(bed.folder, home))
  expect(await bed.run('cloud', 'move', 'lab', '--yes')).toMatchObject({ code: 0 })
  await bed.run(...until('domain'))
  expect((await accept(join(home, 'acme/handover'))).err).not.toContain('belongs to')
  expect(await readFile(join(bed.folder, 'own/lab/keystone.json'), 'utf8')).toContain('https://moved.test')
})

function identityOf({ state }: Cloud): string {
  return state.services.find(({ type }) => type === 'identity')?.id ?? ''
}

/** A sign-in leaves a token, and nothing else. */
function withoutTokens(state: string): object {
  const { tables } = JSON.parse(state) as { tables: Record<string, unknown> }
  return { ...tables, tokens: undefined }
}

/** As the templated catalog of Keystone has them. */
function withoutIds(cloud: Cloud): Cloud {
  for (const [id, row] of [...cloud.state.services.entries()]) {
    cloud.state.services.delete(id)
    cloud.state.services.set(row.type, { ...row, id: row.type })
  }
  return cloud
}
