import { expect, test } from 'vitest'
import { defaultManagedRoles } from '../../src/policy/build/managed-roles.ts'
import type { ClaimName } from '../../src/policy/prove/claim.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'

/* What oslo.policy would take for equal, and no Keystone can send. Found by planted rules on real ones. */

test.each([
  ['one id of two kinds', 'delete_user', 'role:reader and user_id:%(target.user.domain_id)s'],
  ['a token for a project that is a domain', 'delete_user', 'role:reader and project_id:%(target.user.domain_id)s'],
  [
    'a project without a parent',
    'update_project',
    'domain_id:home and None:%(target.project.parent_id)s and not None:%(target.project.domain_id)s',
  ],
  ['an id that is a word', 'get_project', 'role:reader and is_admin_project:%(target.project.id)s'],
  ['a flag that is an id', 'update_user', 'role:reader and project_id:%(target.user.enabled)s'],
])('%s is no counterexample', async (_what, action, check) => {
  expect(await verdictsOf('27.1.0', action, check)).toEqual(['proved'])
})

test.each([
  [
    'an id of the same kind',
    'delete_user',
    'role:reader and domain_id:domain and not domain_id:%(target.user.domain_id)s',
  ],
  ['a name, which may be anything', 'delete_user', 'role:reader and user_id:%(target.user.name)s'],
  ['a flag with its value', 'update_user', 'role:reader and is_admin_project:%(target.user.enabled)s'],
  ['a key of the body', 'delete_user', 'role:reader and user_id:%(request_body.domain_id)s'],
])('%s still is one', async (_what, action, check) => {
  expect(await verdictsOf('27.1.0', action, check)).toContain('refuted')
})

test('a body that a schema refuses breaks no claim, whatever the action', async () => {
  const check = 'user_id:%(request_body.target.user.domain_id)s'
  expect(await verdictsOf('30.0.0', 'create_endpoint_group', check, ['cloud-wide'])).toEqual(['not shown'])
  expect(await verdictsOf('22.0.2-0+deb12u6', 'create_endpoint_group', check, ['cloud-wide'])).toEqual(['refuted'])
})

async function verdictsOf(
  name: string,
  action: string,
  check: string,
  claims: readonly ClaimName[] = ['manager-stays-home', 'no-escalation'],
) {
  const keystone = await loadKeystone(parseRelease(name))
  const overrides = [{ file: 'x.yaml', text: `identity:${action}: ${JSON.stringify(check)}\n` }]
  const { answers } = prove(keystone, {
    rules: keystoneRules(keystone, { overrides }),
    base: keystoneRules(keystone),
    managedRoles: defaultManagedRoles,
    claims,
    actions: [`identity:${action}`],
  })
  return [...new Set(answers.map(({ verdict }) => verdict))]
}
