/** A cloud whose roles are written otherwise: Keystone on MySQL takes `Member` and `member` for one name, and policies compare without case. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed
let file: string
let example: string

beforeEach(async () => {
  const known = await loadKeystone(parseRelease('22.0.2-0+deb12u6'))
  const { text } = buildOverride(known, { base: { kind: 'default' }, managedRoles: ['Member', 'Load-Balancer_Member'] })
  const pace = { clusterAccepted: 0, clusterCreated: 0, clusterDeleted: 0 }
  bed = await openSimulated({ preset: 'zed-patched', overrides: [text] }, {}, { pace })
  example = await exampleTenant('acme')
  file = await bed.write('tenant.yaml', `${example}overrides:\n  managed_roles: [Member, Load-Balancer_Member]\n`)
  const { roles } = bed.cloud.state
  const written = new Map([
    ['member', 'Member'],
    ['manager', 'Manager'],
    ['reader', 'READER'],
    ['load-balancer_member', 'Load-Balancer_Member'],
  ])
  for (const role of roles.filter(({ name }) => written.has(name)))
    roles.set(role.id, { ...role, name: written.get(role.name) ?? role.name })
})

afterEach(() => bed.remove())

test('every command works there, from preflight to offboard', { timeout: 120_000 }, async () => {
  const ends = async (...message: readonly string[]): Promise<string> => {
    const { code, out, err } = await bed.run(...message)
    expect(code, `${message.join(' ')}: ${out}${err}`).toBe(0)
    return out
  }
  expect(await ends('preflight', file, '--probe')).not.toContain('there is no role')
  await ends('apply', file, '--yes')
  await ends('plan', file, '--exit-code')
  await ends('status', file)
  await ends('verify', file)
  await ends('audit', file, '--deep')
  await ends('offboard', file, '--confirm', 'acme')
})

test('a role that is missing in every spelling is still missing', async () => {
  const { roles } = bed.cloud.state
  for (const role of roles.filter(({ name }) => name === 'Load-Balancer_Member')) roles.delete(role.id)
  const { code, out } = await bed.run('preflight', file)
  expect(code).toBe(3)
  expect(out).toContain('there is no role `load-balancer_member`')
})

test('an override for names of other spelling is told, with the name to write', async () => {
  const { code, out } = await bed.run('preflight', await bed.write('tenant.yaml', example), '--probe')
  expect(code, out).toBe(0)
  const { text } = buildOverride(await loadKeystone(parseRelease('22.0.2-0+deb12u6')), { base: { kind: 'default' } })
  const other = await openSimulated({ preset: 'zed-patched', overrides: [text] })
  try {
    const { roles } = other.cloud.state
    for (const role of roles.filter(({ name }) => name === 'member')) roles.set(role.id, { ...role, name: 'Member' })
    const told = await other.run('preflight', await other.write('tenant.yaml', example), '--probe')
    expect(told.code).toBe(3)
    expect(told.out.replaceAll(/\s+/g, ' ')).toContain('put `Member` into managed_roles of cloud.yaml')
  } finally {
    await other.remove()
  }
})
