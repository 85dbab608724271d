/** An account that cannot sign in here is one finding, and its remedy works as it is printed. */
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashOf } from '../../src/simulator/services/keystone/hash.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  expect((await bed.run('plan', 'tenant.yaml', '--exit-code')).code).toBe(0)
})

afterEach(() => bed.remove())

/** As the tenant does with `openstack user password set`. */
function changePassword(name: string): void {
  const user = bed.cloud.state.users.find((one) => one.name === name)
  if (user === undefined) throw new Error(`there is no user ${name}`)
  bed.cloud.state.users.set(user.id, { ...user, passwordHash: hashOf('another password of 2026') })
}

async function errors(): Promise<{ readonly codes: readonly (string | undefined)[]; readonly out: string }> {
  const { code, out } = await bed.run('plan', 'tenant.yaml')
  expect(code, out).toBe(3)
  return { codes: [...out.matchAll(/^error (\S+)/gm)].map(([, found]) => found), out }
}

test.each([
  ['acme-domain-admin', 'domain-admin', 'handover --again'],
  ['acme-cluster', 'cluster', 'rotate'],
] as const)('the password of %s was changed', async (name, account, also) => {
  changePassword(name)
  const { codes, out } = await errors()
  expect(codes).toEqual(['plan/cannot-look'])
  expect(out).toContain(`account ${name}: it cannot sign in`)
  expect(out).toContain(also)
  expect(out).toContain(`\`rotate --account ${account}\``)
  expect((await bed.run('rotate', 'tenant.yaml', '--account', account, '--yes')).code).toBe(0)
  expect((await bed.run('plan', 'tenant.yaml', '--exit-code')).code).toBe(0)
})

test('no secret is here: the first account that is needed is told, and that another data directory may have it', async () => {
  await rm(`${bed.folder}/tenant-onboard/lab/acme/secrets`, { recursive: true })
  const { codes, out } = await errors()
  expect(codes).toEqual(['plan/cannot-look'])
  expect(out).toContain('account acme-domain-admin: its secret is not in this data directory')
  expect(out).toContain('work with that one (`--home`)')
})
