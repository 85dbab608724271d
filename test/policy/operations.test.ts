import { expect, test } from 'vitest'
import { answerOf } from '../../src/policy/model/answer.ts'
import { personaNames } from '../../src/policy/model/persona.ts'
import { casesOf } from '../../src/policy/model/cases.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { operations } from '../../src/policy/operations/all.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import { findTargetKeys, targetOf } from '../../src/policy/model/targets.ts'
import { charm, keystoneOf, plain } from './fixtures.ts'

// Two accounts of one enforcer, written apart: the requests that we try, and the keys that each action can have.
test.each(['zed', '2024.1', '2024.1+ossa-2026-015', 'debian-22', '2025.1+oct-2026'])(
  'on %s no request fills a key that its action does not have',
  async (name) => {
    const keystone = await keystoneOf(name)
    const { release } = keystone
    const rules = keystoneRules(keystone, { base: charm })
    const foreign = new Set<string>()
    for (const { operation, target } of casesOf(cloudFactsOf(rules, release), keystone)) {
      const known = targetOf(release, operation.action)
      // Below the fix a body may bring any key of its own.
      if (known === undefined || (known.isForgeable && operation.id.endsWith('in the body'))) continue
      for (const key of target.keys()) {
        // A body holds whatever its sender likes, in a corner of its own or, below the fix, anywhere.
        if (key.startsWith('request_body.') || (known.isForgeable && key === 'tenant_id')) continue
        if (findTargetKeys(known, key).length === 0) foreign.add(`${operation.action} ${key}`)
      }
    }
    expect([...foreign]).toEqual([])
  },
)

test('every operation belongs to an action of some Keystone and has a name of its own', async () => {
  const keystone = await keystoneOf('2025.1+oct-2026')
  const registered = new Set(keystone.registered.map(({ name }) => name))
  expect(operations.filter(({ action }) => !registered.has(action)).map(({ id }) => id)).toEqual([])
  const cases = casesOf(cloudFactsOf(keystoneRules(keystone, { base: plain }), keystone.release), keystone)
  const asked = cases.map(({ operation, persona, place }) => `${operation.id} ${persona.name} ${place}`)
  expect(new Set(asked).size).toBe(asked.length)
})

test('what a Keystone does without asking a rule is allowed to everybody', async () => {
  const allowed = async (name: string) => {
    const keystone = await keystoneOf(name)
    const rules = keystoneRules(keystone)
    return casesOf(cloudFactsOf(rules, keystone.release), keystone).flatMap(({ operation, persona, target }) =>
      operation.action === 'identity:ec2tokens_validate' &&
      answerOf(rules, operation.action, persona, target) === 'allow'
        ? [persona.name]
        : [],
    )
  }
  expect(await allowed('22.0.2')).toEqual(personaNames)
  expect(await allowed('22.0.2-0+deb12u6')).toEqual([
    'cloud-admin',
    'system-admin',
    'domain-admin',
    'project-admin',
    'service-admin',
    'service',
  ])
})

test('a path has every id filled in', async () => {
  const keystone = await keystoneOf('2024.1')
  const cases = casesOf(cloudFactsOf(keystoneRules(keystone), keystone.release), keystone)
  expect(cases.filter(({ request }) => /[{}]|undefined/.test(request.path))).toEqual([])
})

test("the charm's base says who its cloud admins are", async () => {
  const keystone = await keystoneOf('2024.1')
  const settings = { adminRole: 'Admin', adminDomainId: 'a1', serviceProjectId: 's1' }
  expect(cloudFactsOf(keystoneRules(keystone, { base: { kind: 'charm', settings } }), keystone.release)).toEqual({
    adminRole: 'Admin',
    adminDomain: 'a1',
    servicesProject: 's1',
    hasAdminProject: true,
    inferences: [
      ['Admin', 'manager'],
      ['manager', 'member'],
      ['member', 'reader'],
    ],
    magnumDomain: 'magnum',
  })
  expect(cloudFactsOf(keystoneRules(keystone), keystone.release)).toMatchObject({
    adminRole: 'admin',
    hasAdminProject: false,
  })
})
