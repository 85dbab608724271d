import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated, openTestBed, operatorOf } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed, TestBed } from '../onboarding/test-bed.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { pictureOf } from './picture.ts'

/* People who come through an identity provider: a freeze shuts it, and an offboarding takes it away with all it has. */

let bed: SimulatedTestBed
let file: string
let before: readonly string[]

beforeEach(async () => {
  bed = await openSimulated()
  before = pictureOf(bed.cloud.state)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
  plantProvider('keycloak', idOf('domains', 'acme'), 'acme-people')
})

afterEach(() => bed.remove())

const freezing = ['--confirm', 'acme', '--until', 'freeze']

test('a freeze disables the identity provider before any account, says what it tried, and can be undone', async () => {
  const { state } = bed.cloud
  expect((await bed.run('offboard', file, '--dry-run')).out).toMatch(
    /freeze +disable +operator +identity provider keycloak/,
  )
  const sent = bed.sent.length
  const { code, out, err } = await bed.run('offboard', file, ...freezing)
  expect(code, out + err).toBe(0)
  const patched = bed.sent.slice(sent).filter(({ method }) => method === 'PATCH')
  expect(patched[0]?.path).toContain('/OS-FEDERATION/identity_providers/keycloak')
  expect(state.identityProviders.get('keycloak')?.enabled).toBe(false)
  expect(out).toContain('acme is frozen')
  expect(out).toContain('disabled identity providers: keycloak')
  expect(out).toContain('tried, and refused: acme-domain-admin')
  expect(out).toContain('still enabled: acme-cluster (a cluster uses its credential)')
  expect((await bed.run('offboard', file, '--unfreeze')).code).toBe(0)
  expect(state.identityProviders.get('keycloak')).toMatchObject({ enabled: true, description: 'ours' })
})

test('a provider that was disabled before stays so after a freeze is undone', async () => {
  const { identityProviders } = bed.cloud.state
  const row = identityProviders.get('keycloak')
  if (row !== undefined) identityProviders.set('keycloak', { ...row, enabled: false })
  expect((await bed.run('offboard', file, ...freezing)).code).toBe(0)
  expect((await bed.run('offboard', file, '--unfreeze')).code).toBe(0)
  expect(identityProviders.get('keycloak')?.enabled).toBe(false)
})

test.each([
  [
    'an identity provider that stays enabled',
    /identity_providers\/keycloak$/,
    'identity provider keycloak: is enabled',
  ],
  ['an account that stays enabled', /\/users\/[0-9a-f]+$/, 'user acme-domain-admin: is enabled'],
])('%s: the freeze is refuted', async (_what, path, words) => {
  // Keystone says 200 and changes nothing
  const on = await openOn(async (url, init) =>
    init.method === 'PATCH' && path.test(new URL(url).pathname)
      ? bed.cloud.fetch(url, { ...init, body: changingNothing(url) })
      : bed.cloud.fetch(url, init),
  )
  const { code, out } = await on.run('offboard', file, ...freezing)
  expect(out.replace(/\s+/g, ' ')).toContain(words)
  expect(out).toContain('acme is not frozen')
  expect(code).toBe(3)
  await on.remove()
})

test('somebody else with a role on the project refutes the freeze, until the role is gone', async () => {
  const { state } = bed.cloud
  const stranger = state.users.find(({ name }) => name === 'nova')?.id ?? ''
  const role = state.roles.find(({ name }) => name === 'member')?.id ?? ''
  expect([stranger, role]).not.toContain('')
  const project = idOf('projects', 'acme-prod')
  state.grants.set('planted', {
    actor: 'users',
    actorId: stranger,
    on: 'projects',
    targetId: project,
    roleId: role,
    isInherited: false,
  })
  const { code, out } = await bed.run('offboard', file, ...freezing)
  expect(out.replace(/\s+/g, ' ')).toContain('still holds member on project acme-prod')
  expect(code).toBe(3)
  state.grants.delete('planted')
  expect((await bed.run('offboard', file, ...freezing)).code).toBe(0)
})

test('with the list of identity providers refused, a freeze is not shown', async () => {
  const on = await openOn(async (url, init) => {
    const answer = await bed.cloud.fetch(url, init)
    const isAsked = new URL(url).pathname.endsWith('/OS-FEDERATION/identity_providers')
    return { status: isAsked ? 403 : answer.status, headers: answer.headers, body: answer.body }
  })
  const { code, out } = await on.run('offboard', file, ...freezing)
  expect(out).toContain('not shown: the freeze of acme')
  expect(code).toBe(3)
  await on.remove()
})

test('provider, protocol and mapping stand in the plan, and go with the tenant', async () => {
  const dry = await bed.run('offboard', file, '--dry-run')
  expect(dry.out).toMatch(/identity +delete +operator +mapping acme-people/)
  expect(dry.out).toMatch(/identity +delete +operator +federation protocol openid of keycloak/)
  expect(dry.out).toMatch(/identity +delete +operator +identity provider keycloak/)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('a mapping of the tenant that no provider uses goes as well, also after its domain', async () => {
  const { state } = bed.cloud
  state.mappings.set('unused', { id: 'unused', rules: [{ local: [{ domain: { name: 'acme' } }], remote: [] }] })
  expect((await bed.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  expect(state.mappings.size).toBe(0)
  state.mappings.set('unused', { id: 'unused', rules: [{ local: [{ domain: { name: 'acme' } }], remote: [] }] })
  const again = await bed.run('offboard', file, '--confirm', 'acme')
  expect(again.out).toContain('something of acme is left')
  expect(again.code).toBe(3)
})

test("another tenant's provider that lets people in prevents it, and is not touched", async () => {
  const { state } = bed.cloud
  plantProvider('theirs', 'default', 'their-people', [{ domain: { name: 'acme' } }])
  const { code, out } = await bed.run('offboard', file, ...freezing)
  expect(out).toContain('offboard/foreign-mapping')
  expect(out.replace(/\s+/g, ' ')).toContain('identity provider `theirs` uses it')
  expect(code).toBe(3)
  expect(state.identityProviders.get('keycloak')?.enabled).toBe(true)
  plantProvider('theirs', 'default', 'their-people', [{ domain: { name: 'Default' } }])
  expect((await bed.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  expect([...state.identityProviders.keys(), ...state.mappings.keys()]).toEqual(['theirs', 'their-people'])
})

function plantProvider(
  id: string,
  domain_id: string,
  mapping: string,
  local: readonly unknown[] = [{ user: { name: '{0}' } }],
): void {
  const { state } = bed.cloud
  const row = { id, domain_id, enabled: true, description: 'ours', remote_ids: [], authorization_ttl: null }
  state.identityProviders.set(id, row)
  state.federationProtocols.set(`${id}/openid`, { id: 'openid', idp_id: id, mapping_id: mapping })
  state.mappings.set(mapping, { id: mapping, rules: [{ local, remote: [{ type: 'OIDC-sub' }] }] })
}

/** The same data directory, with something between it and the cloud. */
async function openOn(fetch: Fetch): Promise<TestBed> {
  const on = await openTestBed(operatorOf(bed.cloud), fetch, {}, bed.clock)
  const home = join('tenant-onboard', 'lab')
  await cp(join(bed.folder, home), join(on.folder, home), { recursive: true })
  return on
}

function changingNothing(url: string): string {
  return JSON.stringify(url.includes('/users/') ? { user: {} } : { identity_provider: {} })
}

function idOf(table: 'projects' | 'domains', name: string): string {
  return bed.cloud.state[table].find((row) => row.name === name)?.id ?? ''
}
