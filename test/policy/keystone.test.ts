import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { renderCheck } from '../../src/policy/engine/check.ts'
import { parseRelease, releases, renderRelease } from '../../src/policy/releases/release.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { KeystoneOptions } from '../../src/policy/releases/keystone.ts'
import type { Dict } from '../../src/policy/python/value.ts'

async function decide(
  release: string,
  options: KeystoneOptions,
  action: string,
  creds: Dict,
  target: Dict,
): Promise<string> {
  const rules = keystoneRules(await loadKeystone(parseRelease(release)), options)
  return enforce(rules, action, creds, target).kind
}

async function ruleText(release: string, name: string): Promise<string | undefined> {
  const rule = keystoneRules(await loadKeystone(parseRelease(release)), { enforceNewDefaults: true }).rules.get(name)
  return rule === undefined ? undefined : renderCheck(rule.check)
}

function domainToken(role: string): Dict {
  return { roles: [role], user_id: 'u1', domain_id: 'd1', project_id: null, token: { domain: { id: 'd1' } } }
}

describe('a release', () => {
  test.each([
    ['2024.1', '2024.1+base'],
    ['2024.1+ossa-2026-015', '2024.1+ossa-2026-015'],
    ['debian-22', 'debian-22+oct-2026'],
    ['debian-27', 'debian-27+oct-2026'],
  ])('%s is %s', (text, rendered) => {
    expect(renderRelease(parseRelease(text))).toBe(rendered)
  })

  test.each(['2023.2', '2024.1+', '2024.1+later', '2024.1+base+base', ''])('`%s` is none', (text) => {
    expect(() => parseRelease(text)).toThrow(InputError)
  })

  test.each([
    ['zed', 200],
    ['2024.1', 202],
    ['2024.2', 203],
    ['2025.1', 203],
    ['debian-22', 202],
    ['debian-27', 203],
  ] as const)('%s registers %i rules', async (release, count) => {
    const { registered, operations } = await loadKeystone({ name: release, level: 'base' })
    expect(registered).toHaveLength(count)
    expect(operations.get('identity:create_user')).toEqual(['POST /v3/users'])
  })
})

describe('the fixes of OSSA-2026-015', () => {
  test.each(releases)('give create_trust of %s a target of its own', async (release) => {
    expect(await ruleText(`${release}+base`, 'identity:create_trust')).toBe('user_id:%(trust.trustor_user_id)s')
    expect(await ruleText(`${release}+ossa-2026-015`, 'identity:create_trust')).toBe(
      'user_id:%(target.trust.trustor_user_id)s',
    )
  })

  test('and of August 2026 keep tokens without a domain out of role assignments', async () => {
    const guard = 'not None:%(target.domain_id)s'
    expect(await ruleText('2024.1+ossa-2026-015', 'identity:list_role_assignments')).not.toContain(guard)
    expect(await ruleText('2024.1+aug-2026', 'identity:list_role_assignments')).toContain(guard)
    expect(await ruleText('debian-22', 'identity:list_role_assignments')).toContain(guard)
  })
})

describe('a domain manager', () => {
  const own = { 'target.user.domain_id': 'd1' }
  const other = { 'target.user.domain_id': 'd2' }

  test('is native from 2024.2 on, in its own domain', async () => {
    const creds = domainToken('manager')
    expect(await decide('2024.1', {}, 'identity:create_user', creds, own)).toBe('deny')
    expect(await decide('2024.2', {}, 'identity:create_user', creds, own)).toBe('allow')
    expect(await decide('2024.2', {}, 'identity:create_user', creds, other)).toBe('deny')
  })

  test('may not grant load-balancer_member until one rule is overridden', async () => {
    const grant = { ...own, 'target.project.domain_id': 'd1', 'target.role.name': 'load-balancer_member' }
    const override = {
      file: 'managed.yaml',
      text: `domain_managed_target_role: "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s"`,
    }
    expect(await decide('2025.1', {}, 'identity:create_grant', domainToken('manager'), grant)).toBe('deny')
    expect(
      await decide('2025.1', { overrides: [override] }, 'identity:create_grant', domainToken('manager'), grant),
    ).toBe('allow')
  })
})

describe("the charm's base", () => {
  const base = { kind: 'charm', settings: { adminDomainId: 'admin-domain' } } as const

  test('lets a domain admin make users below the fixes and nobody above, except the cloud admin', async () => {
    const cloudAdmin = { roles: ['admin'], domain_id: 'admin-domain', token: {} }
    const below = { 'user.domain_id': 'd1', 'target.user.domain_id': 'd1' }
    const above = { 'request_body.user.domain_id': 'd1', 'target.user.domain_id': 'd1' }
    const action = 'identity:create_user'
    expect(await decide('2024.1', { base }, action, domainToken('Admin'), below)).toBe('allow')
    expect(await decide('2024.1+ossa-2026-015', { base }, action, domainToken('Admin'), above)).toBe('deny')
    expect(await decide('2024.1+ossa-2026-015', { base }, action, cloudAdmin, above)).toBe('allow')
  })

  test('hides the native persona of 2025.1, and switches the new defaults off', async () => {
    const own = { 'target.user.domain_id': 'd1' }
    expect(await decide('2025.1', {}, 'identity:create_user', domainToken('manager'), own)).toBe('allow')
    expect(await decide('2025.1', { base }, 'identity:create_user', domainToken('manager'), own)).toBe('deny')
    const rules = keystoneRules(await loadKeystone(parseRelease('2025.1')), { base })
    expect([rules.enforceScope, rules.enforceNewDefaults]).toEqual([false, false])
  })

  test('says in which line of the file a rule is', async () => {
    const rules = keystoneRules(await loadKeystone(parseRelease('zed')), { base })
    expect(rules.rules.get('cloud_admin')).toMatchObject({ source: { kind: 'file', file: 'policy.json', line: 3 } })
    expect(rules.rules.get('cloud_admin')?.value).toContain('domain_id:admin-domain or project_id:SERVICES_PROJECT_ID')
    expect(rules.rules.get('identity:list_trusts_for_trustor')).toMatchObject({ source: { kind: 'code' } })
  })
})

test('an override that cannot be loaded is refused with its place', async () => {
  const keystone = await loadKeystone(parseRelease('zed'))
  const overrides = [{ file: 'o.yaml', text: 'a: "@"\nb: yes\n' }]
  expect(() => keystoneRules(keystone, { overrides })).toThrow('o.yaml:2:4: ')
})
