import { describe, expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { defaultManagedRoles } from '../../src/policy/build/managed-roles.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base, Keystone } from '../../src/policy/releases/keystone.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import type { ClaimProof } from '../../src/policy/prove/prove.ts'
import { lookUp } from '../../src/policy/python/value.ts'
import { carelessOverride } from './careless-override.ts'
import { charm, scsOverride } from './fixtures.ts'

async function answers(release: string, base: Base, override?: string): Promise<ReadonlyMap<string, ClaimProof>> {
  const keystone = await loadKeystone(parseRelease(release))
  const overrides = override === undefined ? [] : [{ file: 'override.yaml', text: override }]
  const proof = prove(keystone, {
    rules: keystoneRules(keystone, { base, overrides }),
    base: keystoneRules(keystone, { base }),
    managedRoles: defaultManagedRoles,
  })
  return new Map(proof.answers.map((answer) => [answer.claim, answer]))
}

describe('the published scs-0302-w1 override over the base of the charm', () => {
  test("lets magnum_domain_admin grant admin on the cloud's admin domain", async () => {
    const found = (await answers('debian-22', charm, scsOverride())).get('no-escalation')
    const grant = found?.counterexamples.find(({ action }) => action === 'identity:create_grant')
    expect(grant?.caller).toEqual({ scope: 'domain', roles: ['admin'] })
    expect(grant?.request.path).toMatch(/^\/v3\/domains\/ADMIN_DOMAIN_ID\/users\/.*\/roles\/.*/)
    expect(grant?.objects['target.role.name']).toBe('Admin')
  })

  test('opens the record of every domain to readers of any project again, which the base did not', async () => {
    const isOpen = ({ action, caller, objects }: ClaimProof['counterexamples'][number]): boolean =>
      action === 'identity:get_project' && caller.scope === 'project' && objects['target.project.domain_id'] === null
    const reader = (answer: ClaimProof | undefined) =>
      answer?.counterexamples.find((found) => isOpen(found) && found.caller.roles.includes('reader'))
    const before = await answers('debian-22', charm)
    const after = await answers('debian-22', charm, scsOverride())
    expect(reader(after.get('domain-records'))).toBeDefined()
    expect(reader(before.get('domain-records'))).toBeUndefined()
  })

  test('below OSSA-2026-015 a manager escalates by a `target` in the body', async () => {
    const found = (await answers('2024.1', charm, scsOverride())).get('manager-grants')
    const grant = found?.counterexamples.find(({ action }) => action === 'identity:create_grant')
    expect(grant?.caller).toEqual({ scope: 'domain', roles: ['manager'] })
    expect(grant?.objects['target.role.name']).toBe('Admin')
    expect(lookUp(grant?.request.body ?? {}, 'target')).toMatchObject({ role: { name: 'member' } })
    const patched = (await answers('2024.1+ossa-2026-015', charm, scsOverride())).get('manager-grants')
    expect(patched?.counterexamples.filter(({ objects }) => objects['target.role.domain_id'] === null)).toEqual([])
  })
})

test('the base of the charm has holes of its own', async () => {
  const found = await answers('debian-22', charm)
  const actionsOf = (claim: string) =>
    found.get(claim)?.counterexamples.map(({ action }) => action.slice('identity:'.length))
  expect(actionsOf('no-escalation')).toEqual(
    expect.arrayContaining(['create_system_grant_for_user', 'create_implied_role', 'ec2tokens_validate']),
  )
  expect(actionsOf('domain-records')).toEqual(
    expect.arrayContaining(['get_project', 'update_project', 'delete_project', 'create_grant']),
  )
  expect(actionsOf('secrets')).toEqual(['ec2_list_credentials', 'list_application_credentials'])
  expect(actionsOf('trusts')).toEqual(['create_trust'])
  expect(actionsOf('domain-admin')).toContain('create_user')
  expect(actionsOf('nothing-lost')).toEqual([])
})

test('what cannot be modelled is never called proved', async () => {
  const keystone = await loadKeystone(parseRelease('debian-22'))
  const base = keystoneRules(keystone, { base: { kind: 'default' } })
  const odd = [
    'http://policy.example/ask',
    'token.methods:password',
    'role:%(project_id)s',
    'project_id:%(project_id)s-x',
  ]
  for (const check of odd) {
    const text = `"identity:get_project": ${JSON.stringify(check)}\n`
    const rules = keystoneRules(keystone, { overrides: [{ file: 'odd.yaml', text }] })
    const options = { rules, base, managedRoles: defaultManagedRoles, claims: ['domain-records'] } as const
    const [answer] = prove(keystone, options).answers
    const found = answer?.counterexamples.map(({ action }) => action) ?? []
    expect([...(answer?.notShown.map(({ action }) => action) ?? []), ...found], check).toContain('identity:get_project')
  }
})

test('a whole policy is judged in less than two seconds of work', async () => {
  const keystone = await loadKeystone(parseRelease('debian-22'))
  const rules = keystoneRules(keystone, { base: charm, overrides: [{ file: 'o.yaml', text: carelessOverride }] })
  const base = keystoneRules(keystone, { base: charm })
  const before = process.cpuUsage()
  prove(keystone, { rules, base, managedRoles: defaultManagedRoles })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(2)
})

/*
 * Soundness, the other way round: rules made at random from what policies are made of, and requests made at random; one
 * that the evaluator lets through and that plainly breaks a claim must never meet the answer `proved`.
 */
describe('a proof is not refuted by any request', () => {
  const atoms = [
    'role:manager',
    'role:reader',
    'role:admin',
    'domain_id:None',
    'token.domain.id:%(target.user.domain_id)s',
    'token.domain.id:%(target.project.domain_id)s',
    'token.domain.id:%(target.domain.id)s',
    'domain_id:%(target.project.domain_id)s',
    'project_id:%(target.project.id)s',
    'user_id:%(target.user.id)s',
    'user_id:%(user_id)s',
    'None:%(target.project.domain_id)s',
    'None:%(target.role.domain_id)s',
    "'member':%(target.role.name)s",
    "'admin':%(target.role.name)s",
    'project_domain_id:%(target.user.domain_id)s',
    'system_scope:all',
    'is_admin_project:True',
  ]
  const atom = fc
    .constantFrom(...atoms)
    .chain((text) => fc.boolean().map((isNegated) => (isNegated ? `not ${text}` : text)))
  const clause = fc.array(atom, { minLength: 1, maxLength: 3 }).map((parts) => `(${parts.join(' and ')})`)
  const check = fc.array(clause, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' or '))

  const domain = fc.constantFrom('d1', 'd2')
  const project = fc.constantFrom('p1', 'p2')
  const user = fc.constantFrom('u1', 'u2')
  const caller = fc.record({
    user,
    domain,
    project,
    scope: fc.constantFrom('domain' as const, 'project' as const),
    roles: fc.subarray(['manager', 'reader', 'member', 'other'], { minLength: 1 }),
  })
  const object = fc.record({
    user,
    userDomain: domain,
    project,
    projectDomain: fc.option(domain),
    role: fc.constantFrom('member', 'admin', 'reader'),
    roleDomain: fc.option(domain),
  })
  type Caller = typeof caller extends fc.Arbitrary<infer T> ? T : never
  type Objects = typeof object extends fc.Arbitrary<infer T> ? T : never

  function credsOf({ user, domain, project, scope, roles }: Caller) {
    const isDomain = scope === 'domain'
    return {
      user_id: user,
      user_domain_id: domain,
      system_scope: null,
      domain_id: isDomain ? domain : null,
      project_id: isDomain ? null : project,
      project_domain_id: isDomain ? null : domain,
      roles,
      is_admin_project: !isDomain,
      token: {
        user: { id: user, domain: { id: domain } },
        ...(isDomain ? { domain: { id: domain, name: domain } } : { project: { id: project, domain: { id: domain } } }),
      },
    }
  }

  async function proven(
    action: string,
    text: string,
    claim: 'manager-stays-home' | 'manager-grants' | 'domain-records',
  ) {
    keystone ??= await loadKeystone(parseRelease('debian-22'))
    const rules = keystoneRules(keystone, {
      overrides: [{ file: 'made.yaml', text: `${JSON.stringify(action)}: ${JSON.stringify(text)}\n` }],
    })
    const base = keystoneRules(keystone)
    const [answer] = prove(keystone, { rules, base, managedRoles: ['member'], claims: [claim] }).answers
    const isFound = answer?.counterexamples.some((found) => found.action === action) === true
    return { rules, isProved: !isFound && answer?.notShown.some((open) => open.action === action) === false, isFound }
  }
  let keystone: Keystone | undefined

  function projectTarget({ project, projectDomain }: Objects) {
    return { project_id: project, 'target.project.id': project, 'target.project.domain_id': projectDomain }
  }

  /** An id is one record: what is the caller's own is where the caller is. */
  function isConsistent(who: Caller, what: Objects): boolean {
    if (what.user === who.user && what.userDomain !== who.domain) return false
    return who.scope === 'domain' || what.project !== who.project || what.projectDomain === who.domain
  }

  test.each([
    {
      claim: 'domain-records' as const,
      action: 'identity:get_project',
      target: projectTarget,
      breaks: (who: Caller, what: Objects) => who.scope === 'project' && what.projectDomain === null,
    },
    {
      claim: 'manager-stays-home' as const,
      action: 'identity:update_project',
      target: projectTarget,
      breaks: (who: Caller, what: Objects) => who.scope === 'domain' && what.projectDomain !== who.domain,
    },
    {
      claim: 'manager-grants' as const,
      action: 'identity:create_grant',
      target: (what: Objects) => ({
        ...projectTarget(what),
        user_id: what.user,
        'target.user.id': what.user,
        'target.user.domain_id': what.userDomain,
        'target.role.name': what.role,
        'target.role.domain_id': what.roleDomain,
      }),
      breaks: (who: Caller, what: Objects) =>
        who.scope === 'domain' && (what.role !== 'member' || what.roleDomain !== null),
    },
  ])('of $claim by $action', { timeout: 120_000 }, async ({ claim, action, target, breaks }) => {
    const seen = { proved: 0, found: 0 }
    await fc.assert(
      fc.asyncProperty(
        check,
        fc.array(fc.tuple(caller, object), { minLength: 60, maxLength: 60 }),
        async (text, cases) => {
          const { rules, isProved, isFound } = await proven(action, text, claim)
          seen.proved += isProved ? 1 : 0
          seen.found += isFound ? 1 : 0
          const breach = cases.find(
            ([who, what]) =>
              isConsistent(who, what) &&
              breaks(who, what) &&
              enforce(rules, action, credsOf(who), target(what)).kind === 'allow',
          )
          if (breach !== undefined) expect(isProved, JSON.stringify({ text, breach })).toBe(false)
        },
      ),
      { numRuns: runs(40) },
    )
    // otherwise the property would say nothing
    expect(seen.proved).toBeGreaterThan(3)
    expect(seen.found).toBeGreaterThan(3)
  })
})
