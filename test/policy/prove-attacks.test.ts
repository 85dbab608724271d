import { expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import type { Proof } from '../../src/policy/prove/prove.ts'
import { keystoneOf, plain } from './fixtures.ts'

/* Rules planted into our own override. Each is an attack that real Keystones answer with 200, 201 or 204. */

async function planted(rule: string, release = 'debian-22'): Promise<Proof> {
  const keystone = await keystoneOf(release)
  const { text, managedRoles } = buildOverride(keystone, { base: plain })
  const overrides = [
    { file: 'ours.yaml', text },
    { file: 'planted.yaml', text: `${rule}\n` },
  ]
  return prove(keystone, { rules: keystoneRules(keystone, { overrides }), base: keystoneRules(keystone), managedRoles })
}

function refuted({ answers }: Proof, action: string) {
  return answers.flatMap(({ claim, counterexamples }) =>
    counterexamples.filter((found) => found.action === `identity:${action}`).map((found) => ({ claim, ...found })),
  )
}

const manager = 'rule:domain_manager'

test.each([
  ['update_domain', 'rule:admin_required or (role:manager and user_id:%(request_body.u)s)', 'manager-stays-home'],
  ['delete_domain', 'rule:admin_required or user_id:%(request_body.deep.er)s', 'domain-records'],
  ['create_grant', `${manager} and token.domain.id:%(request_body.d)s`, 'no-escalation'],
  ['list_users', `${manager} and token.domain.id:%(filter_attr.domain_id)s`, 'nothing-lost'],
  // two keys of one body: the object, and what the rule compares
  ['create_user', `${manager} and token.domain.id:%(request_body.user.domain_id)s`, 'manager-stays-home'],
  ['update_domain_config', 'rule:admin_required or (role:manager and not domain_id:None)', 'cloud-wide'],
  ['get_domain_config', `rule:admin_required or ${manager}`, 'others-credentials'],
  ['create_mapping', `rule:admin_required or ${manager}`, 'cloud-wide'],
  ['create_identity_provider', `rule:admin_required or ${manager}`, 'cloud-wide'],
  ['update_endpoint', `rule:admin_required or ${manager}`, 'cloud-wide'],
  ['update_registered_limit', `rule:admin_required or ${manager}`, 'cloud-wide'],
  ['create_limits', `rule:admin_required or user_id:%(request_body.u)s`, 'cloud-wide'],
  [
    'create_credential',
    'rule:admin_required or rule:domain_steward or user_id:%(target.credential.user_id)s',
    'others-credentials',
  ],
  ['ec2_create_credential', `rule:admin_required or user_id:%(user_id)s or ${manager}`, 'others-credentials'],
  ['list_access_tokens', `rule:admin_required or ${manager}`, 'others-credentials'],
  ['revoke_token', `rule:admin_required or rule:token_subject or ${manager}`, 'others-sessions'],
  ['delete_trust', `user_id:%(target.trust.trustor_user_id)s or ${manager}`, 'others-sessions'],
  ['delete_application_credential', `rule:admin_required or ${manager}`, 'others-sessions'],
])('%s: %s is refuted', async (action, check, claim) => {
  const proof = await planted(`"identity:${action}": "${check}"`)
  const found = refuted(proof, action)
  expect(found.map((each) => each.claim)).toContain(claim)
})

test('the counterexample is a request whose body has the key', async () => {
  const proof = await planted('"identity:update_domain": "role:manager and user_id:%(request_body.u)s"')
  const [found] = refuted(proof, 'update_domain')
  expect(found?.request).toMatchObject({ method: 'PATCH', body: { u: found?.creds && 'caller' } })
})

test('two keys of one body are told apart by their dots', async () => {
  const rule = `"identity:create_user": "${manager} and token.domain.id:%(request_body.user.domain_id)s"`
  const found = refuted(await planted(rule), 'create_user').find(({ claim }) => claim === 'manager-stays-home')
  expect(found?.request.body).toEqual({ user: { domain_id: 'elsewhere' }, 'user.domain_id': 'home' })
})

test.each([
  // the handler refuses to make one for another user
  ['create_application_credential', 'user_id:%(user_id)s or user_id:%(target.token.user_id)s'],
  // a filter that no handler names never reaches a rule
  ['update_domain', 'rule:admin_required or user_id:%(filter_attr.u)s'],
  ['create_mapping', 'rule:admin_required or (role:manager and role:admin and domain_id:None)'],
  ['ec2_create_credential', 'rule:admin_required or user_id:%(target.credential.user_id)s'],
  ['revoke_token', 'rule:admin_required or user_id:%(target.token.user_id)s'],
])('%s: %s breaks none of the claims about safety', async (action, check) => {
  const found = refuted(await planted(`"identity:${action}": "${check}"`), action)
  expect(found.filter(({ claim }) => !claim.startsWith('nothing-'))).toEqual([])
})

test('where a schema is checked before the policy, a foreign key of the body is not shown', async () => {
  const release = '2025.1+oct-2026'
  const rule = '"identity:update_user": "rule:admin_required or (role:manager and user_id:%(request_body.u)s)"'
  const answer = (await planted(rule, release)).answers.find(({ claim }) => claim === 'manager-stays-home')
  expect(answer?.verdict).toBe('not shown')
  expect(answer?.notShown).toMatchObject([{ action: 'identity:update_user' }])
  expect(answer?.notShown[0]?.why).toContain('schema')
  const inner = rule.replace('request_body.u', 'request_body.user.u')
  expect(refuted(await planted(inner, release), 'update_user')).not.toEqual([])
  // a grant has no body, so no schema
  const grant = '"identity:create_grant": "role:manager and token.domain.id:%(request_body.d)s"'
  expect(refuted(await planted(grant, release), 'create_grant')).not.toEqual([])
})

test('a custom action is proved only for callers with power over the cloud', async () => {
  const verdict = async (check: string) =>
    (await planted(`"identity:rotate_everything": "${check}"`)).answers.find(({ claim }) => claim === 'cloud-wide')
  expect((await verdict('rule:admin_required'))?.verdict).toBe('proved')
  expect(await verdict('role:manager')).toMatchObject({
    verdict: 'not shown',
    notShown: [{ action: 'identity:rotate_everything', why: 'what this action does is not modelled' }],
  })
})

test('every counterexample is allowed by the evaluator on the target that is told', async () => {
  const keystone = await keystoneOf('debian-22')
  const rules = keystoneRules(keystone)
  const { answers } = prove(keystone, { rules, base: rules, managedRoles: ['member'] })
  const found = answers.flatMap(({ counterexamples }) => counterexamples)
  expect(found.length).toBeGreaterThan(5)
  for (const { action, creds, target, decision } of found) {
    expect(enforce(rules, action, creds, target).kind, action).toBe(decision)
  }
})
