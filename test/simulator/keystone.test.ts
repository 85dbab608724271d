/** What only a Keystone of one level or release does; what all do is in test/contract, beside the real one. */
import { expect, test } from 'vitest'
import {
  asAdmin,
  asUser,
  authenticate,
  byApplicationCredential,
  byPassword,
  names,
  roleIds,
  signInWith,
  text,
} from './client.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { domainManagerOverride } from './override.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'

const tenants: Seed = {
  domains: [
    {
      name: 'acme',
      projects: ['prod'],
      users: [
        { name: 'boss', password: 'pw', grants: [{ role: 'manager', domain: true }] },
        { name: 'dev', password: 'pw', grants: [{ role: 'member', project: 'prod' }] },
        { name: 'disabled-target', password: 'pw' },
      ],
    },
    { name: 'globex', projects: ['prod'], users: [{ name: 'rival', password: 'pw' }] },
  ],
}

function managed(release: string): Cloud {
  return createCloud({ ...tenants, release, overrides: [domainManagerOverride] })
}

function idOf(cloud: Cloud, table: 'users' | 'projects' | 'domains', name: string): string {
  const row = cloud.state[table].find((each) => each.name === name)
  return row?.id ?? `no ${name}`
}

test('a target in the body grants admin before OSSA-2026-015 and nothing after it', async () => {
  const grantAdmin = async (cloud: Cloud): Promise<number> => {
    const boss = await asUser(cloud, 'acme', 'boss')
    const role = await roleIds(boss)
    const [project, user] = [idOf(cloud, 'projects', 'prod'), idOf(cloud, 'users', 'disabled-target')]
    const domain = idOf(cloud, 'domains', 'acme')
    const target = { role: { name: 'member' }, user: { domain_id: domain }, project: { domain_id: domain } }
    const path = `identity/v3/projects/${project}/users/${user}/roles/${role('admin')}`
    return (await boss('PUT', path, { target })).status
  }
  expect(await grantAdmin(managed('2024.1+base'))).toBe(204)
  expect(await grantAdmin(managed('2024.1+ossa-2026-015'))).toBe(403)
})

test('a manager sees all domain names on Zed and its own from 2024.1 on', async () => {
  const leaky = `${domainManagerOverride}\n"identity:list_domains": "rule:admin_required or rule:domain_manager"\n`
  const listed = async (release: string): Promise<readonly unknown[]> => {
    const cloud = createCloud({ ...tenants, release, overrides: [leaky] })
    return names(await (await asUser(cloud, 'acme', 'boss'))('GET', 'identity/v3/domains'), 'domains')
  }
  expect(await listed('zed')).toContain('globex')
  expect(await listed('2024.1')).toEqual(['acme'])
})

test('a filter for another domain gives a manager an empty list, and an admin the users', async () => {
  const cloud = managed('debian-22')
  const path = `identity/v3/users?domain_id=${idOf(cloud, 'domains', 'globex')}`
  const boss = await asUser(cloud, 'acme', 'boss')
  expect(await boss('GET', path)).toMatchObject({ status: 200, body: { users: [] } })
  expect(names(await (await asAdmin(cloud))('GET', path), 'users')).toEqual(['rival'])
})

test('a foreign id and a missing one look the same to a manager, except in a grant', async () => {
  const cloud = managed('debian-22')
  const boss = await asUser(cloud, 'acme', 'boss')
  const role = await roleIds(boss)
  const rival = idOf(cloud, 'users', 'rival')
  expect((await boss('GET', `identity/v3/users/${rival}`)).status).toBe(403)
  expect((await boss('GET', 'identity/v3/users/nope')).status).toBe(403)
  const grant = (user: string): string =>
    `identity/v3/projects/${idOf(cloud, 'projects', 'prod')}/users/${user}/roles/${role('member')}`
  expect((await boss('PUT', grant(rival))).status).toBe(403)
  expect((await boss('PUT', grant('nope'))).status).toBe(404)
  expect((await boss('PUT', grant(idOf(cloud, 'users', 'dev')))).status).toBe(204)
})

test.each([
  ['2024.1+base', true, 201, 200, 500],
  ['2024.1+base', false, 403, 403, 500],
  ['2024.1+ossa-2026-015', true, 403, 403, 500],
  ['2024.1+aug-2026', true, 403, 403, 403],
  ['2025.1+ossa-2026-015', true, 403, 403, 201],
] as const)(
  'on %s a credential (unrestricted %s) creates a trust %i, lists trusts %i, is exchanged %i',
  async (release, unrestricted, create, listing, exchange) => {
    const cloud = createCloud({ ...tenants, release, overrides: ['"identity:create_trust": ""\n'] })
    const dev = await asUser(cloud, 'acme', 'dev', 'prod')
    const devId = idOf(cloud, 'users', 'dev')
    const body = { application_credential: { name: 'ac', unrestricted } }
    const made = await dev('POST', `identity/v3/users/${devId}/application_credentials`, body)
    const secret = text(made.body, 'application_credential.secret')
    expect(secret).toHaveLength(86)
    const app = await signInWith(cloud, byApplicationCredential(text(made.body, 'application_credential.id'), secret))
    const trust = {
      trustor_user_id: devId,
      trustee_user_id: idOf(cloud, 'users', 'boss'),
      project_id: idOf(cloud, 'projects', 'prod'),
      impersonation: true,
      roles: [{ name: 'member' }],
    }
    expect((await app('POST', 'identity/v3/OS-TRUST/trusts', { trust })).status).toBe(create)
    expect((await app('GET', `identity/v3/OS-TRUST/trusts?trustor_user_id=${devId}`)).status).toBe(listing)
    const identity = { methods: ['token'], token: { id: app.token } }
    expect((await authenticate(cloud, { identity })).status).toBe(exchange)
    expect((await dev('POST', 'identity/v3/OS-TRUST/trusts', { trust })).status).toBe(201) // by password it works
  },
)

test('a token lives four hours, and one got with it ends with it', async () => {
  let now = Date.parse('2026-11-23T02:00:00Z')
  const cloud = createCloud(tenants, { now: () => now })
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  now += 3 * 3600_000
  const project = { project: { id: idOf(cloud, 'projects', 'prod') } }
  const second = await signInWith(cloud, {
    identity: { methods: ['token'], token: { id: dev.token } },
    scope: project,
  })
  expect(text(second.body, 'token.expires_at')).toBe(text(dev.body, 'token.expires_at'))
  const path = `identity/v3/projects/${idOf(cloud, 'projects', 'prod')}`
  expect((await second('GET', path)).status).toBe(200)
  now += 3600_000
  expect((await second('GET', path)).status).toBe(401)
  expect((await second('GET', 'networking/v2.0/networks')).status).toBe(401)
})

test('a new password ends every token and leaves an application credential alone', async () => {
  const cloud = createCloud(tenants)
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  const path = `identity/v3/users/${idOf(cloud, 'users', 'dev')}`
  const made = await dev('POST', `${path}/application_credentials`, { application_credential: { name: 'ac' } })
  const admin = await asAdmin(cloud)
  expect((await admin('PATCH', path, { user: { password: 'new' } })).status).toBe(200)
  expect((await dev('GET', path)).status).toBe(401)
  const credential = [
    text(made.body, 'application_credential.id'),
    text(made.body, 'application_credential.secret'),
  ] as const
  expect((await authenticate(cloud, byApplicationCredential(...credential))).status).toBe(201)
  const user = { id: idOf(cloud, 'users', 'dev') }
  expect((await authenticate(cloud, byPassword({ ...user, password: 'pw' }))).status).toBe(401)
  expect((await authenticate(cloud, byPassword({ ...user, password: 'new' }))).status).toBe(201)
})

test('deleting a domain takes its users, projects and trusts, and not what other services hold', async () => {
  const cloud = createCloud(tenants)
  const dev = await asUser(cloud, 'acme', 'dev', 'prod')
  await dev('POST', 'networking/v2.0/networks', { network: { name: 'left-behind' } })
  const admin = await asAdmin(cloud)
  const path = `identity/v3/domains/${idOf(cloud, 'domains', 'acme')}`
  expect((await admin('DELETE', path)).status).toBe(403)
  await admin('PATCH', path, { domain: { enabled: false } })
  expect((await admin('DELETE', path)).status).toBe(204)
  expect(cloud.state.users.map((user) => user.name)).not.toContain('dev')
  expect(cloud.state.users.map((user) => user.name)).toContain('rival')
  expect(cloud.state.networks.map((network) => network.name)).toContain('left-behind')
})

test('an operator registers an identity provider, and nobody else reads it; a mapping outlives both', async () => {
  const cloud = createCloud(tenants)
  const admin = await asAdmin(cloud)
  const base = 'identity/v3/OS-FEDERATION'
  const rules = [{ local: [{ group: { id: 'g' } }], remote: [{ type: 'REMOTE_USER' }] }]
  expect((await admin('PUT', `${base}/mappings/people`, { mapping: { rules } })).status).toBe(201)
  const domain_id = idOf(cloud, 'domains', 'acme')
  const identity_provider = { domain_id, enabled: true }
  expect((await admin('PUT', `${base}/identity_providers/sso`, { identity_provider })).status).toBe(201)
  const protocol = { mapping_id: 'people' }
  expect((await admin('PUT', `${base}/identity_providers/sso/protocols/openid`, { protocol })).status).toBe(201)
  expect((await admin('GET', `${base}/identity_providers`)).body).toMatchObject({
    identity_providers: [{ id: 'sso', domain_id, enabled: true, remote_ids: [] }],
  })
  expect((await admin('GET', `${base}/identity_providers/sso/protocols`)).body).toMatchObject({
    protocols: [{ id: 'openid', mapping_id: 'people' }],
  })
  expect((await admin('GET', `${base}/mappings`)).body).toMatchObject({ mappings: [{ id: 'people', rules }] })
  const boss = await asUser(cloud, 'acme', 'boss')
  expect((await boss('GET', `${base}/identity_providers`)).status).toBe(403)
  const path = `identity/v3/domains/${domain_id}`
  await admin('PATCH', path, { domain: { enabled: false } })
  await admin('DELETE', path)
  expect(cloud.state.identityProviders.size).toBe(0)
  expect(cloud.state.federationProtocols.size).toBe(0)
  expect(cloud.state.mappings.size).toBe(1)
})

test('a provider without a domain gets one of its own', async () => {
  const cloud = createCloud(tenants)
  const admin = await asAdmin(cloud)
  await admin('PUT', 'identity/v3/OS-FEDERATION/identity_providers/sso', { identity_provider: {} })
  const provider = cloud.state.identityProviders.get('sso')
  expect(cloud.state.domains.get(provider?.domain_id ?? '')).toMatchObject({ name: provider?.domain_id })
})

test('an operation that is not there says so by 501 and its name', async () => {
  const cloud = createCloud(tenants)
  const admin = await asAdmin(cloud)
  const reply = await admin('GET', 'identity/v3/OS-FEDERATION/service_providers')
  expect(reply.status).toBe(501)
  expect(text(reply.body, 'error.message')).toBe(
    'the simulator has no GET /v3/OS-FEDERATION/service_providers (identity)',
  )
  expect((await admin('POST', 'compute/v2.1/servers', {})).status).toBe(501)
})

test('the same random numbers make the same cloud', () => {
  const counted = (): Cloud => {
    let next = 0
    return createCloud(tenants, {
      now: () => 0,
      random: (size) => Uint8Array.from({ length: size }, () => (next += 1) & 255),
    })
  }
  expect([...counted().state.users.keys()]).toEqual([...counted().state.users.keys()])
})
