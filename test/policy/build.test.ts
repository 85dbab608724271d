import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { answerOf } from '../../src/policy/model/answer.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { personasOf } from '../../src/policy/model/persona.ts'
import { parsePolicyFile } from '../../src/policy/engine/file.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import { policydVerdict } from '../../src/policy/policyd.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { overrideName, zipOverride } from '../../src/policy/build/zip.ts'
import { magnumDomainOf } from '../../src/tenant/cloud-facts.ts'

const grounds: readonly { readonly release: string; readonly base: Base['kind']; readonly identityRules: number }[] = [
  { release: 'debian-22', base: 'default', identityRules: 40 },
  { release: 'debian-22', base: 'charm', identityRules: 54 },
  { release: '22.0.2 --fixes ossa-2025-002,ossa-2026-015', base: 'default', identityRules: 40 },
  { release: '2024.1+ossa-2026-015', base: 'default', identityRules: 40 },
  { release: '2024.1+ossa-2026-015', base: 'charm', identityRules: 54 },
  { release: '2025.1+oct-2026', base: 'default', identityRules: 0 },
  { release: '2025.1+oct-2026', base: 'charm', identityRules: 54 },
]

async function build(release: string, kind: Base['kind'], managedRoles?: readonly string[]) {
  const keystone = await loadKeystone(parseRelease(release))
  const base: Base = kind === 'charm' ? { kind } : { kind: 'default' }
  const override = buildOverride(keystone, { base, ...(managedRoles === undefined ? {} : { managedRoles }) })
  const files = [{ file: overrideName, text: override.text }]
  return {
    keystone,
    override,
    before: keystoneRules(keystone, { base }),
    after: keystoneRules(keystone, { base, overrides: files }),
  }
}

describe.each(grounds)('the override for $release on the $base base', ({ release, base, identityRules }) => {
  test('holds all claims, and says the same every time', async () => {
    const { keystone, override, before, after } = await build(release, base)
    const { managedRoles, text } = override
    const { answers } = prove(keystone, { rules: after, base: before, managedRoles })
    expect(answers.filter(({ verdict }) => verdict !== 'proved')).toEqual([])
    expect((await build(release, base)).override.text).toBe(text)
  })

  test('is plain ASCII, loads as the rules that it says, and passes our own lint and the charm', async () => {
    const { keystone, override } = await build(release, base)
    expect(override.text).toMatch(/^[\n\x20-\x7e]+$/)
    const rules = parsePolicyFile(override.text).rules.map(({ name, value }) => [name, value])
    expect(Object.fromEntries(rules)).toEqual(override.rules)
    expect(Object.keys(override.rules).filter((name) => name.startsWith('identity:'))).toHaveLength(identityRules)
    const findings = lintPolicy(override.text, {
      file: overrideName,
      over: { keystone, base: base === 'charm' ? { kind: base } : { kind: 'default' } },
    })
    expect(findings).toEqual([])
    const verdict = policydVerdict([{ path: overrideName, text: override.text }])
    expect(verdict.kind).toBe('accepted')
    // the charm means to refuse a file that redefines what its base depends on
    if (base === 'charm') expect(verdict.kind === 'accepted' && verdict.files[0]?.overridesProtected).toEqual([])
  })
})

test('a role with power over others is refused as a managed role, one without is taken', async () => {
  for (const role of ['admin', 'Admin', 'manager', 'service', 'load-balancer_admin']) {
    await expect(build('debian-22', 'default', ['member', role])).rejects.toThrow(
      `\`${role}\` must not be a managed role`,
    )
  }
  await expect(build('debian-22', 'default', ["member' or role:x"])).rejects.toThrow('a rule cannot contain')
  const { override } = await build('debian-22', 'default', ['reader'])
  expect(override.rules['managed_role_name']).toBe("'reader':%(target.role.name)s")
})

test('on 2025.1 the override is one rule, and names the managed roles', async () => {
  const { override } = await build('2025.1+oct-2026', 'default')
  expect(override.rules).toEqual({
    domain_managed_target_role:
      "None:%(target.role.domain_id)s and ('member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s)",
  })
})

test('below OSSA-2026-015 the file warns that no rule can hold', async () => {
  expect((await build('2024.1', 'charm')).override.text).toContain('WARNING')
  expect((await build('2024.1+ossa-2026-015', 'charm')).override.text).not.toContain('WARNING')
})

// On a live 27.0.1 a manager of one project disables another tenant's domain by PATCH /v3/projects/<domain id>.
describe('domain records without LP#2138295', () => {
  const fixed = 'ossa-2025-002,ossa-2026-005,ossa-2026-015'

  test.each([`26.0.0 --fixes ${fixed}`, `27.0.1 --fixes ${fixed}`, `28.0.1 --fixes ${fixed}`, '27.0.0-3+deb13u6'])(
    '%s leaves them open to managers of a project, and the override closes them',
    async (release) => {
      const { keystone, override, before, after } = await build(release, 'default')
      const about = { managedRoles: override.managedRoles, claims: ['domain-records'] as const }
      const [open] = prove(keystone, { rules: before, base: before, ...about }).answers
      expect(open?.verdict).toBe('refuted')
      expect(open?.counterexamples.map(({ action }) => action)).toContain('identity:update_project')
      const { answers } = prove(keystone, { rules: after, base: before, managedRoles: override.managedRoles })
      expect(answers.filter(({ verdict }) => verdict !== 'proved')).toEqual([])
    },
  )

  test.each(['27.1.0', '29.1.0', '30.0.0', '29.0.1 --fixes ossa-2026-015,aug-2026'])(
    '%s has closed them itself',
    async (release) => {
      const { override } = await build(release, 'default')
      expect(Object.keys(override.rules)).toEqual(['domain_managed_target_role'])
    },
  )
})

// Somebody who is not signed in gets a token there: keystone 25.0.0, api/ec2tokens.py, `@unenforced_api`.
describe.each(['25.0.0', '26.0.0', '27.0.0', '28.0.0'])('%s exchanges EC2 and S3 signatures unasked', (release) => {
  const closing = '"identity:ec2tokens_validate": "!"\n"identity:s3tokens_validate": "!"\n'

  test.each(['default', 'charm'] as const)(
    'over the %s base no override holds, and the file says why',
    async (kind) => {
      const { keystone, override, before, after } = await build(`${release} --fixes ossa-2026-015`, kind)
      expect(override.text.replaceAll('\n# ', ' ')).toContain('lacks the fix of OSSA-2025-002')
      const { answers } = prove(keystone, { rules: after, base: before, managedRoles: override.managedRoles })
      const open = answers.filter(({ verdict, claim }) => verdict !== 'proved' && claim === 'no-escalation')
      expect(open.flatMap(({ counterexamples }) => counterexamples.map(({ action }) => action))).toEqual([
        'identity:ec2tokens_validate',
        'identity:s3tokens_validate',
      ])
    },
  )

  test('a rule that would close it is void, and lint says so', async () => {
    const keystone = await loadKeystone(parseRelease(release))
    const over = { keystone, base: { kind: 'default' } } as const
    const codes = lintPolicy(closing, { file: 'o.yaml', over }).map(({ code }) => code)
    expect(codes.filter((code) => code === 'policy/never-asked')).toHaveLength(2)
    const fixed = await loadKeystone(parseRelease(`${release} --fixes ossa-2025-002`))
    expect(lintPolicy(closing, { file: 'o.yaml', over: { ...over, keystone: fixed } })).toEqual([])
  })
})

test.each(['default', 'charm'] as const)(
  "the admin of Magnum's domain alone looks at projects of others, for its quotas: %s base",
  async (kind) => {
    const keystone = await loadKeystone(parseRelease('debian-22'))
    const base: Base = { kind }
    const before = keystoneRules(keystone, { base })
    for (const magnumDomain of [undefined, 'trustees']) {
      const { text, managedRoles } = buildOverride(keystone, { base, magnumDomain })
      const after = keystoneRules(keystone, { base, overrides: [{ file: overrideName, text }] })
      const { answers } = prove(keystone, { rules: after, base: before, managedRoles, magnumDomain })
      expect(answers.filter(({ verdict }) => verdict !== 'proved')).toEqual([])
      const [elsewhere] = prove(keystone, {
        rules: after,
        base: before,
        managedRoles,
        magnumDomain: 'another',
        claims: ['domain-admin'],
      }).answers
      expect(elsewhere?.counterexamples.map(({ action }) => action)).toEqual(['identity:get_project'])
      const facts = cloudFactsOf(before, keystone.release)
      const read = (at: string, domain_id: string | null): string | undefined => {
        const admin = personasOf({ ...facts, magnumDomain: at }).find(({ name }) => name === 'domain-admin')
        const project = { 'target.project.id': 'p', 'target.project.domain_id': domain_id }
        return admin && answerOf(after, 'identity:get_project', admin, project)
      }
      expect(read(magnumDomain ?? magnumDomainOf({}), 'acme')).toBe('allow')
      expect(read('heat', 'acme')).toBe('deny')
      // the record of a domain
      expect(read(magnumDomain ?? magnumDomainOf({}), null)).toBe('deny')
    }
  },
)

test('a domain name that no rule can contain is refused', async () => {
  const keystone = await loadKeystone(parseRelease('debian-22'))
  expect(() => buildOverride(keystone, { magnumDomain: "k8s' or @" })).toThrow(InputError)
})

test('the zip has the same bytes wherever it is made', () => {
  const zip = zipOverride('"a": "!"\n')
  expect(Buffer.from(zipOverride('"a": "!"\n')).equals(zip)).toBe(true)
  expect(new TextDecoder().decode(zip)).toContain('"a": "!"\n')
  // 1980-01-01 00:00 in the format's own way: no clock and no time zone
  expect([...zip.slice(10, 14)]).toEqual([0, 0, 0x21, 0])
})

test('a base that calls its admin something else gets an override that does so too', async () => {
  const keystone = await loadKeystone(parseRelease('debian-22'))
  const base: Base = { kind: 'file', file: 'policy.yaml', text: '"admin_required": "role:operator"\n' }
  const { rules } = buildOverride(keystone, { base })
  expect(rules['admin_required']).toBe('role:operator and domain_id:None')
  expect(rules['cloud_role']).toContain("'operator':%(target.role.name)s")
})
