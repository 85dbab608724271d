/** A service that takes a quota with a yes and ignores it: Nova with unified limits. */
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

const plain = (text: string): string =>
  text.replace(/    template:[^]*$/, '').replace('instances: 10,', 'instances: 12,')
const seed = { preset: 'zed-patched', isPersonaBuilt: true } as const

test('apply names the service, what limits there, and how to set it; nobody gets a role in the project', async () => {
  bed = await openSimulated({ ...seed, hasUnifiedLimits: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('quota/ignored')
  expect(out).toContain('instances is 10, not 12')
  expect(out).toContain('keeps its limits in Keystone (unified limits)')
  expect(out).toContain('--resource-limit 12 servers')
  expect(out).toContain('openstack limit create --service ')
  expect(out + err).not.toMatch(/diagnosis\/unknown|delete what failed/)
  const project = bed.cloud.state.projects.find(({ name }) => name === 'acme-prod')
  expect(bed.cloud.state.grants.filter(({ targetId }) => targetId === project?.id)).toEqual([])
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
