import { expect, test } from 'vitest'
import { casesOf } from '../../src/policy/model/cases.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { explainAsk, explainTarget, renderExplanation } from '../../src/policy/explain.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import type { PersonaName } from '../../src/policy/model/persona.ts'
import type { TargetPlace } from '../../src/policy/model/request-context.ts'
import { rulesFrom } from '../../src/policy/engine/rules.ts'
import { charm, keystoneOf, scsOverride } from './fixtures.ts'

async function explained(id: string, persona: PersonaName, place: TargetPlace) {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const rules = keystoneRules(keystone, { base: charm, overrides: [{ file: 'scs.yaml', text: scsOverride() }] })
  const cases = casesOf(cloudFactsOf(rules, keystone.release), keystone)
  const ask = cases.find((each) => each.operation.id === id && each.persona.name === persona && each.place === place)
  if (ask === undefined) throw new Error('no such case')
  return explainAsk(rules, ask)
}

test('the tree shows what each clause saw, where it is written, and what was never looked at', async () => {
  const explanation = await explained('identity:create_user', 'domain-manager', 'own')
  expect(renderExplanation(explanation)).toBe(
    [
      'identity:create_user: allowed',
      "  as domain-manager (manager on a tenant's domain)",
      '  POST /v3/users {"user":{"name":"new","domain_id":"acme"}}',
      "    target.user.name = 'new'  (caller)",
      "    target.user.domain_id = 'acme'  (caller)",
      "    request_body.user.name = 'new'  (caller)",
      "    request_body.user.domain_id = 'acme'  (caller)",
      '',
      'yes or [identity:create_user, scs.yaml:39:25]',
      '    yes and',
      '        yes rule:is_domain_manager [is_domain_manager, scs.yaml:31:22]',
      '            yes role:manager  one of manager, member, reader = manager',
      '        yes token.domain.id:%(target.user.domain_id)s  acme = acme',
      '    -   rule:base_create_user',
      '    -   rule:admin_required',
      '',
    ].join('\n'),
  )
})

test('the same request at another domain is refused, and the tree says why', async () => {
  const explanation = await explained('identity:create_user', 'domain-manager', 'other')
  expect(explanation.decision).toBe('deny')
  expect(renderExplanation(explanation)).toContain('no  token.domain.id:%(target.user.domain_id)s  acme = globex')
})

test('a target that lacks the key is said to lack it', () => {
  const rules = rulesFrom({ a: 'user_id:%(trust.trustor_user_id)s or rule:gone' })
  const who = { name: 'somebody', creds: { user_id: 'u', roles: [] } }
  const text = renderExplanation(explainTarget(rules, 'a', who, { 'target.trust.trustor_user_id': 'u' }))
  expect(text).toContain('the target has no `trust.trustor_user_id`')
  expect(text).toContain('rule:gone  nothing defines it')
  const given = explainTarget(rules, 'a', who, { 'trust.trustor_user_id': 'u' })
  expect(given.decision).toBe('allow')
})

test('a check at which Python raises is neither yes nor no', () => {
  const rules = rulesFrom({ a: 'class:x or @' })
  const explanation = explainTarget(rules, 'a', { name: 'somebody', creds: { roles: [] } }, {})
  expect(explanation.decision).toBe('error')
  expect(explanation.clause?.clauses.map(({ outcome }) => outcome)).toEqual(['error', 'skipped'])
})
