import { expect, test } from 'vitest'
import { defaultManagedRoles } from '../../src/policy/build/managed-roles.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { rolesThatImply, withImplied, withoutImplied } from '../../src/policy/model/role-inferences.ts'
import type { RoleInferences } from '../../src/policy/model/role-inferences.ts'
import { personasOf } from '../../src/policy/model/persona.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'

const rows: RoleInferences = [
  ['Admin', 'manager'],
  ['manager', 'member'],
  ['member', 'reader'],
]

test('a token has the roles that its grants imply, in any case of the letters', () => {
  expect(withImplied(['admin', 'service'], rows)).toEqual(['admin', 'service', 'manager', 'member', 'reader'])
  expect(withImplied(['reader'], rows)).toEqual(['reader'])
  expect(withoutImplied(['reader', 'admin', 'member'], rows)).toEqual(['admin'])
  expect(rolesThatImply(['admin'], [...rows, ['boss', 'Admin']])).toEqual(['admin', 'Admin', 'boss'])
})

test('personas have the roles of the cloud, not of the release', async () => {
  const { release, rules } = await subject('27.1.0')
  const rolesOf = (given?: RoleInferences): readonly string[] =>
    personasOf(cloudFactsOf(rules, release, given)).find(({ name }) => name === 'domain-manager')?.roles ?? []
  expect(rolesOf()).toEqual(['manager', 'member', 'reader'])
  expect(rolesOf([])).toEqual(['manager'])
})

test('an admin that is no member is a counterexample only where admin does not imply member', async () => {
  const check = 'role:admin and not role:member'
  expect(await claimOf('27.1.0', 'identity:create_region', check, [])).toMatchObject({ verdict: 'proved' })
  // a tenant that holds manager and is no member
  const odd = 'role:manager and not role:member'
  expect(await claimOf('27.1.0', 'identity:create_region', odd)).toMatchObject({ verdict: 'proved' })
  expect(await claimOf('27.1.0', 'identity:create_region', odd, [])).toMatchObject({
    verdict: 'refuted',
    counterexamples: [{ caller: { roles: ['manager'] } }],
  })
})

test('a counterexample names the grants, and its credentials have what they imply', async () => {
  const found = await claimOf('27.1.0', 'identity:create_region', 'role:member and role:reader')
  expect(found?.counterexamples[0]).toMatchObject({
    caller: { roles: ['member'] },
    creds: { roles: ['member', 'reader'] },
  })
})

test('granting a role that implies admin is an escalation', async () => {
  const { keystone, rules } = await subject('27.1.0')
  const laid = keystoneRules(keystone, {
    overrides: [
      {
        file: 'x.yaml',
        text: `identity:create_grant: role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s and 'boss':%(target.role.name)s\n`,
      },
    ],
  })
  const verdictWith = (inferences: RoleInferences): string | undefined =>
    prove(keystone, {
      rules: laid,
      base: rules,
      managedRoles: [...defaultManagedRoles, 'boss'],
      claims: ['no-escalation'],
      actions: ['identity:create_grant'],
      inferences,
    }).answers[0]?.verdict
  expect(verdictWith([])).toBe('proved')
  expect(verdictWith([['boss', 'admin']])).toBe('refuted')
})

async function subject(name: string) {
  const keystone = await loadKeystone(parseRelease(name))
  return { keystone, release: keystone.release, rules: keystoneRules(keystone) }
}

async function claimOf(name: string, action: string, check: string, inferences?: RoleInferences) {
  const { keystone, rules } = await subject(name)
  const overrides = [{ file: 'x.yaml', text: `${action}: ${JSON.stringify(check)}\n` }]
  return prove(keystone, {
    rules: keystoneRules(keystone, { overrides }),
    base: rules,
    managedRoles: defaultManagedRoles,
    claims: ['cloud-wide'],
    actions: [action],
    inferences,
  }).answers[0]
}
