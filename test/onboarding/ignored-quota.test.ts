/** A service that takes a quota with a yes and ignores it: Nova with unified limits, which are in Keystone. */
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

const plain = (text: string): string =>
  text.replace(/    template:[^]*$/, '').replace('instances: 10,', 'instances: 12,')
const seed = { preset: 'zed-patched', isPersonaBuilt: true } as const

const limitsOf = ({ cloud: { state } }: SimulatedTestBed): Readonly<Record<string, number>> =>
  Object.fromEntries(state.limits.filter(() => true).map((row) => [row.resource_name, row.resource_limit]))

test('the limits of a Nova that takes them from Keystone are set there, read back, frozen and given back', async () => {
  bed = await openSimulated({ ...seed, hasUnifiedLimits: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, out + err).toBe(0)
  expect(limitsOf(bed)).toEqual({ servers: 12, 'class:VCPU': 20, 'class:MEMORY_MB': 51200 })
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).out).toContain('acme matches its file')
  // somebody changes one there
  const row = bed.cloud.state.limits.find(({ resource_name }) => resource_name === 'servers')
  bed.cloud.state.limits.set(row?.id ?? '', { ...row, resource_limit: 500 } as NonNullable<typeof row>)
  expect((await bed.run('plan', 'tenant.yaml')).out).toContain('instances: 500 -> 12')
  expect((await bed.run('audit', 'tenant.yaml')).out).toMatch(/instances.*500/)
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  expect(limitsOf(bed)).toMatchObject({ servers: 12 })
  const freeze = await bed.run('offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze')
  expect(freeze.code, freeze.out + freeze.err).toBe(0)
  expect(limitsOf(bed)).toEqual({ servers: 0, 'class:VCPU': 0, 'class:MEMORY_MB': 0 })
  expect((await bed.run('offboard', 'tenant.yaml', '--unfreeze')).code).toBe(0)
  expect(limitsOf(bed)).toEqual({ servers: 12, 'class:VCPU': 20, 'class:MEMORY_MB': 51200 })
  const gone = await bed.run('offboard', 'tenant.yaml', '--confirm', 'acme')
  expect(gone.code, gone.out + gone.err).toBe(0)
  expect(limitsOf(bed)).toEqual({})
})

test('a key that Keystone has not registered for a project is named, and nobody gets a role there', async () => {
  bed = await openSimulated({ ...seed, hasUnifiedLimits: true })
  const more = (text: string): string => plain(text).replace('instances: 12,', 'instances: 12, key_pairs: 7,')
  await bed.write('tenant.yaml', await exampleTenant('acme', more))
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('quota/ignored')
  expect(out).toContain('key_pairs is 100, not 7')
  expect(out).toContain('it takes its limits from Keystone (unified limits), which has none of key_pairs for a')
  expect(out + err).not.toMatch(/diagnosis\/unknown|delete what failed/)
  const project = bed.cloud.state.projects.find(({ name }) => name === 'acme-prod')
  expect(bed.cloud.state.grants.filter(({ targetId }) => targetId === project?.id)).toEqual([])
})

test('a limit that the operator cannot see and cannot change is named', async () => {
  bed = await openSimulated({ ...seed, hasUnifiedLimits: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  bed.cloud.state.grants.deleteWhere((grant) => grant.on === 'system')
  await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => plain(text).replace('instances: 12', 'instances: 13')),
  )
  const { code, out } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('Conflict occurred attempting to store limit')
  expect(out).toContain('openstack role add --system all')
})

test('on a cloud where Nova keeps its own quotas the same file is applied', async () => {
  bed = await openSimulated(seed)
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  const { code, out } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, out).toBe(0)
})

test('an undone freeze reads back what it gave back', async () => {
  bed = await openSimulated(seed)
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  expect((await bed.run('offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze')).code).toBe(0)
  Object.assign(bed.cloud.state.quotas, {
    set: (key: string, row: Readonly<Record<string, number>>) =>
      key.startsWith('compute/') ? bed.cloud.state.quotas : Map.prototype.set.call(bed.cloud.state.quotas, key, row),
  })
  const { code, err } = await bed.run('offboard', 'tenant.yaml', '--unfreeze')
  expect(code).toBe(3)
  expect(err).toMatch(/took the limits with a yes and ignores them: instances is 10, not 12/)
})
