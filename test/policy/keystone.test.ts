import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { parseRelease, renderRelease } from '../../src/policy/releases/release.ts'
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

function domainToken(role: string): Dict {
  return { roles: [role], user_id: 'u1', domain_id: 'd1', project_id: null, token: { domain: { id: 'd1' } } }
}

describe('a Keystone is named', () => {
  test.each([
    ['27.0.1', '27.0.1'],
    ['2:22.0.2-0+deb12u6', '22.0.2-0+deb12u6'],
    ['unmaintained/2024.1', 'unmaintained/2024.1'],
    // a series says no more than its first point release
    ['2025.1', '27.0.0'],
    ['25.0.0 --fixes ossa-2026-015,ossa-2025-002', '25.0.0 --fixes ossa-2025-002,ossa-2026-015'],
    // what the package has by itself is not repeated
    ['27.1.0 --fixes aug-2026,oct-2026', '27.1.0 --fixes oct-2026'],
  ])('%s is %s', (text, rendered) => {
    expect(renderRelease(parseRelease(text))).toBe(rendered)
    expect(parseRelease(rendered)).toEqual(parseRelease(text))
  })

  test.each([
    ['2024.1+base', '25.0.0'],
    ['2024.1+ossa-2026-015', 'unmaintained/2024.1 --fixes ossa-2026-015'],
    ['2025.1+ossa-2026-015', '27.0.2'],
    ['2025.1+aug-2026', '27.1.0'],
    ['2025.1+oct-2026', '27.1.0 --fixes oct-2026'],
    ['debian-22', '22.0.2-0+deb12u6'],
    ['debian-22+ossa-2026-015', '22.0.2-0+deb12u3'],
    ['debian-22+aug-2026', '22.0.2-0+deb12u4'],
    ['debian-27+oct-2026', '27.0.0-3+deb13u6'],
  ])('the old spelling %s is %s', (text, rendered) => {
    expect(renderRelease(parseRelease(text))).toBe(rendered)
  })

  test.each(['2023.3', '27.0.9', '2024.1+', '2024.1+later', '2024.1+base+base', '25.0.0 --fixes later', ''])(
    '`%s` is none',
    (text) => {
      expect(() => parseRelease(text)).toThrow(InputError)
    },
  )

  test("another distribution's build is told how to be written", () => {
    let hint: string | undefined
    try {
      parseRelease('25.0.0-0ubuntu1.2')
    } catch (error) {
      if (error instanceof InputError) hint = error.problems[0]?.hint
    }
    expect(hint).toContain('25.0.0 --fixes ')
  })
})

describe('a domain manager', () => {
  const own = { 'target.user.domain_id': 'd1' }
  const other = { 'target.user.domain_id': 'd2' }

  test('is native from 2024.2 on, in its own domain', async () => {
    const creds = domainToken('manager')
    expect(await decide('25.0.0', {}, 'identity:create_user', creds, own)).toBe('deny')
    expect(await decide('2024.2', {}, 'identity:create_user', creds, own)).toBe('allow')
    expect(await decide('2024.2', {}, 'identity:create_user', creds, other)).toBe('deny')
  })

  test('may not grant load-balancer_member until one rule is overridden', async () => {
    const grant = { ...own, 'target.project.domain_id': 'd1', 'target.role.name': 'load-balancer_member' }
    const override = {
      file: 'managed.yaml',
      text: `domain_managed_target_role: "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s"`,
    }
    expect(await decide('27.1.0', {}, 'identity:create_grant', domainToken('manager'), grant)).toBe('deny')
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
    expect(await decide('25.0.0', { base }, action, domainToken('Admin'), below)).toBe('allow')
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
