import { expect, test } from 'vitest'
import { applyFixes } from '../../src/policy/lint/fix.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import type { LintFinding } from '../../src/policy/lint/subject.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { charm, charmBase, findingsOf, keystoneOf, placesOf, plain, scsOverride } from './fixtures.ts'

/* What an override means to the Keystone and the base below it. */

const patched = '2024.1+ossa-2026-015'

async function lintOver(text: string, release: string, base: Base): Promise<readonly LintFinding[]> {
  return lintPolicy(text, { file: 'override.yaml', over: { keystone: await keystoneOf(release), base } })
}

const deadByBody = ['create_domain_role', 'create_group', 'create_project', 'create_trust', 'create_user']
const deadByFilter = ['list_domain_roles', 'list_groups', 'list_projects', 'list_user_projects', 'list_users']

test("the charm's base over a patched Keystone has eleven dead actions, and no other", async () => {
  const keystone = await keystoneOf(patched)
  const findings = lintPolicy(charmBase(keystone), { file: 'policy.json', over: { keystone, base: plain } })
  const dead = findingsOf('dead-target', findings)
  expect(dead.map(({ rule }) => rule).sort()).toEqual(
    [...deadByBody, ...deadByFilter, 'list_role_assignments'].map((name) => `identity:${name}`).sort(),
  )
  expect(dead.map(({ severity }) => severity)).not.toContain('warning')
})

test.each(['debian-22', '2024.2+aug-2026', '2025.1+oct-2026', 'zed+ossa-2026-015'])(
  'the same eleven on %s',
  async (name) => {
    const keystone = await keystoneOf(name)
    const findings = lintPolicy(charmBase(keystone), { file: 'policy.json', over: { keystone, base: plain } })
    expect(findingsOf('dead-target', findings)).toHaveLength(11)
  },
)

test("the charm's base has no dead action below the fix", async () => {
  const keystone = await keystoneOf('2024.1')
  const findings = lintPolicy(charmBase(keystone), { file: 'policy.json', over: { keystone, base: plain } })
  expect(findingsOf('dead-target', findings)).toEqual([])
})

test('what is certain in the charm base is put right: bodies and the trust, not the filters', async () => {
  const keystone = await keystoneOf(patched)
  const lint = (text: string) => lintPolicy(text, { file: 'policy.json', over: { keystone, base: plain } })
  const fixed = applyFixes(charmBase(keystone), lint(charmBase(keystone)))
  expect(
    findingsOf('dead-target', lint(fixed))
      .map(({ rule }) => rule)
      .sort(),
  ).toEqual([...deadByFilter, 'create_domain_role', 'list_role_assignments'].map((name) => `identity:${name}`).sort())
  expect(fixed).toContain('(user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s)')
})

test.each([
  ['identity:create_trust: user_id:%(trust.trustor_user_id)s', patched, ['1:24 dead-target']],
  ['identity:create_trust: user_id:%(target.trust.trustor_user_id)s', patched, []],
  // the form that was right above the fix refuses everybody below it
  ['identity:create_trust: user_id:%(target.trust.trustor_user_id)s', '2024.1', ['1:24 dead-target']],
  ['identity:create_trust: user_id:%(trust.trustor_user_id)s', '2024.1', []],
  ['identity:create_trust: user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s', patched, []],
  [
    'identity:create_trust: user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s',
    '2024.1',
    [],
  ],
  // beside an alternative that asks for more, the dead clause is missed
  [
    'identity:create_trust: user_id:%(trust.trustor_user_id)s or (role:member and user_id:%(target.trust.trustor_user_id)s)',
    patched,
    ['1:24 dead-target'],
  ],
  [
    'identity:create_user: role:admin and (domain_id:%(user.domain_id)s or domain_id:%(target.user.domain_id)s)',
    patched,
    [],
  ],
  // an alternative that never holds covers nothing, one that always does covers all
  ['identity:create_user: \"! or (! and domain_id:%(user.domain_id)s)\"', patched, ['1:36 dead-target']],
  ['identity:create_user: \"@ or domain_id:%(user.domain_id)s\"', patched, []],
  // an action whose target nobody captured
  ['identity:list_regions: role:x and domain_id:%(region.domain_id)s', patched, []],
  // ids of the URL are filled at every level
  ['identity:list_grants: role:admin and project_id:%(project_id)s', patched, []],
])('dead targets: %s on %s', async (text, release, expected) => {
  const findings = await lintOver(`${text}\n`, release, plain)
  expect(placesOf(findingsOf('dead-target', findings))).toEqual(expected)
})

test('a list of credentials by its filter is dead only where it was more than an empty list', async () => {
  const list = 'identity:list_credentials: rule:admin_required or user_id:%(user_id)s\n'
  const dead = async (text: string) =>
    findingsOf('dead-target', await lintOver(text, patched, charm)).map(({ rule }) => rule)
  expect(await dead(list)).toEqual([])
  expect(await dead(`${list}identity:get_credential: user_id:%(target.credential.user_id)s\n`)).toEqual([
    'identity:list_credentials',
  ])
})

test("a project's admin makes any role imply Admin on the charm base, for None equals None", async () => {
  const keystone = await keystoneOf('debian-22')
  const findings = lintPolicy(charmBase(keystone), { file: 'policy.json', over: { keystone, base: plain } })
  const none = findingsOf('none-equals-none', findings)
  expect(none.find(({ rule }) => rule === 'identity:create_implied_role')?.message).toContain('project-admin')
  expect(none.map(({ rule }) => rule)).toContain('identity:update_project')
})

test('a dead key is offered the portable one', async () => {
  const [finding] = await lintOver(
    'identity:create_user: role:admin and domain_id:%(user.domain_id)s\n',
    patched,
    plain,
  )
  expect(finding).toMatchObject({ code: 'policy/dead-target', line: 1, column: 38, rule: 'identity:create_user' })
  expect(finding?.remedy).toContain('%(target.user.domain_id)s')
})

test('scs-0302-w1 over the charm base lets a member read root domains', async () => {
  const findings = findingsOf('none-equals-none', await lintOver(scsOverride(), patched, charm))
  expect(findings.map(({ rule }) => rule)).toEqual(['identity:get_project'])
  expect(findings[0]?.message).toContain('which the base refuses')
})

test('scs-0302-w1 over the charm base gives confined admins the cloud, and the first witness is the escalation', async () => {
  const findings = findingsOf('confinement-undone', await lintOver(scsOverride(), patched, charm))
  const rules = findings.map(({ rule }) => rule)
  expect(rules).toContain('identity:create_user')
  expect(rules).toContain('identity:create_grant')
  expect(findings.find(({ rule }) => rule === 'identity:create_grant')?.message).toMatch(
    /domain-admin .* may PUT \/v3\/domains\/ADMIN_DOMAIN_ID\/users\/magnum_domain_admin\/roles\/Admin-role/,
  )
})

test('scs-0302-w1 has no dead target at any level', async () => {
  for (const release of ['2024.1', patched, 'zed+oct-2026']) {
    expect(findingsOf('dead-target', await lintOver(scsOverride(), release, charm))).toEqual([])
  }
})

test('scs-0302-w1 leaves out the guard that the August fix put into a default', async () => {
  const findings = await lintOver(scsOverride(), 'debian-22', charm)
  expect(findingsOf('undone-fix', findings).map(({ rule }) => rule)).toEqual(['identity:list_role_assignments'])
  const before = await lintOver(scsOverride(), patched, charm)
  expect(findingsOf('undone-fix', before)).toEqual([])
})

test('without a base that confines admins there is no confinement to undo', async () => {
  expect(findingsOf('confinement-undone', await lintOver(scsOverride(), patched, plain))).toEqual([])
})

const reads = 'role:reader and domain_id:%(target.project.domain_id)s'

test.each([
  [`identity:get_project: ${reads}`, ['1:39 none-equals-none']],
  [`identity:get_project: ${reads} and not None:%(target.project.domain_id)s`, []],
  ['identity:get_project: role:reader and token.domain.id:%(target.project.domain_id)s', []],
  // nothing without a domain is ever in this target
  ['identity:get_user: role:reader and domain_id:%(target.user.domain_id)s', []],
  // who reads everything anyway gains nothing
  [`identity:get_project: (${reads}) or role:reader`, []],
  // a global role has no domain on purpose
  ['identity:get_role: role:reader and None:%(target.role.domain_id)s', []],
])('None equals None: %s', async (text, expected) => {
  const findings = await lintOver(`${text}\n`, patched, plain)
  expect(placesOf(findingsOf('none-equals-none', findings))).toEqual(expected)
})

test.each([
  ["is_domain_managed_role: \"'member':%(target.role.name)s or 'admin':%(target.role.name)s\"", ['admin-managed']],
  [
    'is_domain_managed_role: rule:more\nmore: "\'admin\':%(target.role.name)s"',
    ['admin-managed', 'managed-role-reference'],
  ],
  ['is_domain_managed_role: rule:more\nmore: "\'member\':%(target.role.name)s"', ['managed-role-reference']],
  ['is_domain_managed_role: "\'member\':%(target.role.name)s"', []],
])('managed roles: %s', async (text, expected) => {
  const grant =
    'identity:create_grant: role:manager and rule:is_domain_managed_role and domain_id:%(target.project.domain_id)s'
  const findings = await lintOver(`${text}\n${grant}\n`, patched, charm)
  const codes = findings.map(({ code }) => code.replace('policy/', '')).filter((code) => code.includes('manage'))
  expect(codes.sort()).toEqual(expected)
})

test('a manager who grants admin is named with the request', async () => {
  const rule =
    'role:manager and token.domain.id:%(target.user.domain_id)s and token.domain.id:%(target.project.domain_id)s'
  const open = await lintOver(`identity:create_grant: ${rule}\n`, patched, charm)
  expect(findingsOf('admin-grantable', open)[0]?.message).toContain('domain-manager')
  const held = await lintOver(`identity:create_grant: "${rule} and 'member':%(target.role.name)s"\n`, patched, charm)
  expect(findingsOf('admin-grantable', held)).toEqual([])
})

test('a helper that says too much is found through the rules of the base', async () => {
  const cloud = await lintOver('cloud_admin: rule:admin_required\n', patched, charm)
  expect(placesOf(findingsOf('confinement-undone', cloud))).toEqual(['1:14 confinement-undone'])
  const member = await lintOver('cloud_admin: role:member\n', patched, charm)
  expect(placesOf(findingsOf('admin-grantable', member))).toEqual(['1:14 admin-grantable'])
  const same =
    'rule:admin_required and (is_admin_project:True or domain_id:ADMIN_DOMAIN_ID or project_id:SERVICES_PROJECT_ID)'
  const kept = await lintOver(`cloud_admin: ${same}\n`, patched, charm)
  expect(kept.map(({ code }) => code)).toEqual(['policy/charm-protected'])
})

test('below the fix the persona itself is an escalation, above it is not', async () => {
  const forgeable = async (release: string) =>
    findingsOf('forgeable-target', await lintOver(scsOverride(), release, charm)).map(({ rule }) => rule)
  expect(await forgeable('2024.1')).toEqual(['identity:create_grant'])
  expect(await forgeable(patched)).toEqual([])
})

test.each([
  ['identity:create_users: role:x', ['unknown-action']],
  ['identity:something_of_an_old_release: role:x', []],
  ['is_domain_managed_role: role:x', ['unused-rule']],
  ['helper: role:x\nidentity:get_user: rule:helper', []],
  ['owner: role:x', []],
  ['tenant_id: role:x\nidentity:get_user: rule:tenant_id', []],
])('rules that nobody asks for: %s', async (text, expected) => {
  const findings = await lintOver(`${text}\n`, '2025.1+oct-2026', plain)
  const codes = findings.map(({ code }) => code.replace('policy/', ''))
  // what `owner: role:x` opens is another question
  expect(codes.filter((code) => code !== 'broken-claim')).toEqual(expected)
})

test('the SCS name of the managed roles is no rule of a Keystone with the native persona', async () => {
  const [finding] = await lintOver('is_domain_managed_role: role:x\n', '2025.1+oct-2026', plain)
  expect(finding?.remedy).toContain('domain_managed_target_role')
})

test.each([
  ['identity:get_user: tenant_id:%(user_id)s', ['unknown-attribute']],
  ['identity:get_user: user_id:%(user_id)s', []],
  ['identity:get_user: token.user.id:%(user_id)s', []],
])('attributes of the credentials: %s', async (text, expected) => {
  const findings = await lintOver(`${text}\n`, patched, plain)
  expect(findings.map(({ code }) => code.replace('policy/', ''))).toEqual(expected)
})

test.each([
  ['identity:delete_project: ""', ['allows-everybody']],
  ['identity:delete_project: "@"', ['allows-everybody']],
  ['service_role: "@"', ['allows-everybody']],
  ['helper: "@"\nidentity:get_region: rule:helper', []],
  ['identity:get_region: ""', []],
  // Keystone guards these in code when the rule is empty
  ['identity:list_trusts: ""', []],
])('rules without a demand: %s', async (text, expected) => {
  const findings = await lintOver(`${text}\n`, patched, plain)
  expect(findings.map(({ code }) => code.replace('policy/', ''))).toEqual(expected)
})

test('a `not` over a key that is never filled always holds', async () => {
  const rule = 'identity:create_user: role:manager and not None:%(user.domain_id)s\n'
  expect(placesOf(await lintOver(rule, patched, plain))).toContain('1:44 negated-nothing')
  expect(findingsOf('negated-nothing', await lintOver(rule, '2024.1', plain))).toEqual([])
})

test.each([
  ['a: role:x\nidentity:get_user: rule:a\n', 'override.yaml', []],
  ['identity:get_user: [["role:x"]]\n', 'override.yaml', ['charm-rejects']],
  ['identity:get_user: role:x\n', 'override.json', ['charm-ignores']],
  ['cloud_admin: rule:admin_required and is_admin_project:True\n', 'override.yaml', ['charm-protected']],
])('on its way through the charm: %j as %s', async (text, file, expected) => {
  const keystone = await keystoneOf(patched)
  const findings = lintPolicy(text, { file, over: { keystone, base: charm } })
  expect(findings.map(({ code }) => code.replace('policy/', '')).filter((code) => code.startsWith('charm'))).toEqual(
    expected,
  )
  const elsewhere = lintPolicy(text, { file, over: { keystone, base: plain } })
  expect(elsewhere.filter(({ code }) => code.startsWith('policy/charm'))).toEqual([])
})

test('an override that names its roles and its domain is let be', async () => {
  const text = [
    'is_domain_manager: role:manager',
    "is_domain_managed_role: \"'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s\"",
    'identity:get_user: rule:cloud_admin or (rule:is_domain_manager and token.domain.id:%(target.user.domain_id)s)',
    'identity:create_grant: >-',
    '  rule:cloud_admin or (rule:is_domain_manager and rule:is_domain_managed_role and',
    '  token.domain.id:%(target.user.domain_id)s and token.domain.id:%(target.project.domain_id)s)',
    'identity:create_trust: user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s',
    '',
  ].join('\n')
  expect(await lintOver(text, patched, charm)).toEqual([])
})
