import { expect, test } from 'vitest'
import { diffPolicies, renderDiff } from '../../src/policy/diff.ts'
import type { PolicyDiff } from '../../src/policy/diff.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { charm, keystoneOf, plain, scsOverride } from './fixtures.ts'

async function diffOf(override: string, base: Base): Promise<PolicyDiff> {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const overrides = [{ file: 'override.yaml', text: override }]
  return diffPolicies(keystone, keystoneRules(keystone, { base }), keystoneRules(keystone, { base, overrides }))
}

test('a policy beside itself changes nothing', async () => {
  const diff = await diffOf('# nothing\n', charm)
  expect(diff).toEqual({ changes: [], unknown: [] })
  expect(renderDiff(diff)).toBe('no persona gains or loses anything that was tried\n')
})

test('what scs-0302-w1 gives a domain admin on the charm base, with the request that shows it', async () => {
  const { changes } = await diffOf(scsOverride(), charm)
  const escalation = changes.find(
    ({ persona, operation }) =>
      persona === 'domain-admin' && operation === 'identity:create_grant admin to itself on the admin domain',
  )
  expect(escalation).toMatchObject({
    kind: 'gains',
    before: 'deny',
    after: 'allow',
    request: 'PUT /v3/domains/ADMIN_DOMAIN_ID/users/magnum_domain_admin/roles/Admin-role',
  })
})

test('gains and losses are separated, by persona', async () => {
  const text = 'identity:get_user: role:manager\nidentity:list_regions: role:admin\n'
  const diff = await diffOf(text, plain)
  const ofManager = diff.changes.filter(({ persona }) => persona === 'domain-manager')
  expect(ofManager.find(({ operation, place }) => operation === 'identity:get_user' && place === 'other')?.kind).toBe(
    'gains',
  )
  expect(ofManager.find(({ operation }) => operation === 'identity:list_regions')?.kind).toBe('loses')
  expect(renderDiff(diff)).toContain('domain-manager gains\n  identity:get_user at other, none\n')
})

test('an action with a target that is not known is named when its rule changed', async () => {
  const diff = await diffOf('identity:list_regions: domain_id:%(region.domain_id)s\n', plain)
  expect(diff.unknown).toEqual(['identity:list_regions'])
})
