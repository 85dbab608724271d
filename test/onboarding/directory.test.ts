/** A domain whose people are in LDAP: Keystone reads them, and refuses every write with the words of a policy. */
import { afterEach, expect, test } from 'vitest'
import { success } from '../../src/success.ts'
import { exampleTenant, openSimulated, openTestBed, operatorOf, simulate } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed | undefined

afterEach(() => bed?.remove())

const people = [{ name: 'ann', grants: [{ role: 'manager', domain: true }] }, { name: 'ben' }] as const

async function open(
  ldap: 'file' | 'api',
  users: readonly (typeof people)[number][] = people,
): Promise<SimulatedTestBed> {
  await bed?.remove()
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, domains: [{ name: 'acme', ldap, users }] })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  return bed
}

const changes = ({ sent }: SimulatedTestBed) =>
  sent.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))

test.each(['file', 'api'] as const)('configured by %s it is told before anything is made', async (ldap) => {
  const told = await open(ldap)
  for (const argv of [
    ['preflight', 'tenant.yaml'],
    ['plan', 'tenant.yaml', '--adopt'],
    ['apply', 'tenant.yaml', '--adopt', '--yes'],
  ]) {
    const { code, out, err } = await told.run(...argv)
    expect(out + err).toContain('preflight/foreign-users')
    expect(code).toBe(3)
  }
  expect(changes(told)).toEqual([])
})

test('where nobody is seen, the refusal of the first account is explained', async () => {
  const unseen = await open('file', [])
  const { code, out, err } = await unseen.run('apply', 'tenant.yaml', '--adopt', '--yes')
  expect(code).toBe(3)
  expect(out + err).toContain('diagnosis/read-only-directory')
  expect(out + err).not.toContain('diagnosis/unknown')
})

test('a freeze of such a tenant is not shown, and says whose part it is', async () => {
  const adopted = await open('file')
  const { code, out, err } = await adopted.run(
    'offboard',
    'tenant.yaml',
    '--adopt',
    '--confirm',
    'acme',
    '--until',
    'freeze',
  )
  expect(out + err).toContain('its people are in a directory outside of Keystone')
  expect(out).not.toContain(success['offboard --until freeze']('acme'))
  expect(code).toBe(3)
})

test('where nobody is seen and the driver is not told, nothing is offboarded', async () => {
  const { cloud } = simulate({ preset: 'zed-patched', isPersonaBuilt: true, domains: [{ name: 'acme', users: [] }] })
  const silent = await openTestBed(operatorOf(cloud), (url, init) =>
    /\/domains\/[^/]+\/config/.test(url)
      ? Promise.resolve(new Response('{"error": {"code": 403, "message": "not allowed"}}', { status: 403 }))
      : cloud.fetch(url, init),
  )
  await silent.write('tenant.yaml', await exampleTenant('acme'))
  const argv = ['offboard', 'tenant.yaml', '--adopt', '--confirm', 'acme', '--until', 'freeze']
  const { code, out, err } = await silent.run(...argv)
  expect(out).not.toContain(success['offboard --until freeze']('acme'))
  expect(err).toContain('not allowed')
  expect(code).toBe(3)
  await silent.remove()
})

/** Somebody gives the domain another driver after it was onboarded: its accounts are in no list any more. */
test.each([
  [['plan', 'tenant.yaml'], 'preflight/foreign-users'],
  [['rotate', 'tenant.yaml', '--account', 'domain-admin', '--yes'], 'rotate/own-directory'],
  [['audit', 'tenant.yaml'], 'audit/own-directory'],
  [['offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze'], 'a directory outside of Keystone'],
] as const)('of a domain that moved to LDAP later %j says so', async (argv, says) => {
  await bed?.remove()
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', 'tenant.yaml', '--yes', '--until', 'self-service')).code).toBe(0)
  const { domains, users } = bed.cloud.state
  const domain = domains.find(({ name }) => name === 'acme')
  if (domain === undefined) throw new Error('not made')
  domains.set(domain.id, { ...domain, ldap: 'file' })
  for (const user of users.filter(({ domain_id }) => domain_id === domain.id)) {
    users.delete(user.id)
    users.set('a'.repeat(64), { ...user, id: 'a'.repeat(64), name: 'ann' })
  }
  const { code, out, err } = await bed.run(...argv)
  expect(out + err).toContain(says)
  expect(code).toBe(3)
})
