/** What somebody disabled stays disabled, unless the operator asks for it by name. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/    template:[^]*$/, '')))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
})

afterEach(() => bed.remove())

type Kind = 'domain' | 'project' | 'user'

function rowOf(kind: Kind, name: string): { enabled: boolean } {
  const { domains, projects, users } = bed.cloud.state
  const row = { domain: domains, project: projects, user: users }[kind].find((one) => one.name === name)
  if (row === undefined) throw new Error(`there is no ${kind} ${name}`)
  return row
}

test.each([
  ['domain', 'acme'],
  ['project', 'acme-prod'],
  ['user', 'acme-domain-admin'],
  ['user', 'acme-cluster'],
  ['user', 'acme-svc'],
] as const)('%s %s', async (kind, name) => {
  rowOf(kind, name).enabled = false
  for (const argv of [
    ['plan', 'tenant.yaml'],
    ['apply', 'tenant.yaml', '--yes'],
    ['apply', 'tenant.yaml', '--yes', '--enable', 'another'],
  ]) {
    const { code, out, err } = await bed.run(...argv)
    expect(code, out + err).toBe(3)
    // one cause, one finding: nothing about what cannot be seen because of it
    expect([...out.matchAll(/^error (\S+)/gm)].map(([, found]) => found)).toEqual(['plan/disabled'])
    expect(out).toContain(`--enable ${name}`)
    expect(rowOf(kind, name).enabled).toBe(false)
  }
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes', '--enable', name)
  expect(code, out + err).toBe(0)
  expect(rowOf(kind, name).enabled).toBe(true)
  expect((await bed.run('plan', 'tenant.yaml', '--exit-code')).code).toBe(0)
})

test('a frozen tenant stays frozen, and the way on is to undo the freeze', async () => {
  const frozen = await bed.run('offboard', 'tenant.yaml', '--until', 'freeze', '--confirm', 'acme')
  expect(frozen.code, frozen.out + frozen.err).toBe(0)
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, out + err).toBe(3)
  expect(out).toContain('is disabled by a freeze')
  expect(out).toContain('`offboard --unfreeze`')
  expect(rowOf('user', 'acme-domain-admin').enabled).toBe(false)
  expect((await bed.run('offboard', 'tenant.yaml', '--unfreeze', '--confirm', 'acme')).code).toBe(0)
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
})
