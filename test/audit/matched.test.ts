/** Every row that an audit reads is matched or is a finding that names it; what it could not read is one as well. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAsTheTableSays } from '../../src/audit/verdict.ts'
import type { Audit } from '../../src/audit/audit.ts'
import { readRecordedAudit, recordAudit } from '../../src/audit/recorded.ts'
import { defaultTable } from '../../src/audit/role-table.ts'
import { renderAudit } from '../../src/cli/views/audit.ts'
import { verdictOf } from '../../src/finding.ts'
import type { Finding } from '../../src/finding.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { grantKey } from '../../src/simulator/services/keystone/grants.ts'
import type { Grant } from '../../src/simulator/state.ts'
import { writePrivate } from '../../src/tenant/private-file.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import { fc, runs } from '../fast-check.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { auditedCloud, auditOf, grant, groupId, idOf, operatorOn } from './audited-cloud.ts'

const stranger = 'e'.repeat(64)
const gone = 'f'.repeat(32)

const rowsOf = (found: Audit, kind: string): { readonly read: number; readonly matched: number } => {
  const row = found.counted.rows.find((one) => one.kind === kind)
  if (row === undefined) throw new Error(`no ${kind} are counted`)
  return row
}
const added = (before: Audit, after: Audit): readonly Finding[] => {
  const known = new Set(before.findings.map(({ message }) => message))
  return after.findings.filter(({ message }) => !known.has(message))
}
const says = (found: Audit): string => renderAudit({ hasColor: false, columns: 200 }, found)

test('a clean cloud is as the table says, and every row is matched', async () => {
  const cloud = auditedCloud()
  const found = await auditOf(operatorOn(cloud))
  expect(found.findings).toEqual([])
  expect(isAsTheTableSays(found)).toBe(true)
  expect(says(found)).toContain('as the table says')
  expect(rowsOf(found, 'assignments')).toMatchObject({
    read: cloud.state.grants.size,
    matched: cloud.state.grants.size,
  })
})

test('any assignment is matched or told by a finding that names it, and without it the audit is green again', async () => {
  const cloud = auditedCloud()
  const operator = operatorOn(cloud)
  const base = await auditOf(operator)
  const user = (name: string) => ({ actor: 'users' as const, id: idOf(cloud, 'users', name), name })
  const group = (name: string) => ({ actor: 'groups' as const, id: groupId(name), name })
  const holders = [
    ...['ann', 'acme-svc', 'acme-domain-admin', 'gus', 'admin', 'nova'].map(user),
    ...['acme-people', 'operators'].map(group),
    { actor: 'users' as const, id: stranger, name: stranger },
    { actor: 'groups' as const, id: gone, name: gone },
  ]
  const roles = [
    ...['member', 'reader', 'creator', 'manager', 'admin', 'helper', 'service'].map((name) => ({
      id: idOf(cloud, 'roles', name),
      name,
    })),
    { id: gone, name: gone },
  ]
  const place = (on: 'projects' | 'domains', table: 'projects' | 'domains', name: string) => ({
    on,
    id: idOf(cloud, table, name),
    name,
  })
  const places = [
    ...['acme-prod', 'globex-prod', 'admin', 'service'].map((name) => place('projects', 'projects', name)),
    ...['acme', 'globex', 'Default', 'magnum'].map((name) => place('domains', 'domains', name)),
    // the project that a domain is itself
    ...['acme', 'Default'].map((name) => place('projects', 'domains', name)),
    { on: 'system' as const, id: 'system', name: 'the system' },
    { on: 'projects' as const, id: gone, name: gone },
    { on: 'domains' as const, id: gone, name: gone },
  ]
  const isTenant = (name: string): boolean => /^(acme|globex)/.test(name)
  // they hold admin outside all tenants already
  const operators = new Set(['admin', 'nova'])
  const tenantHolders = new Set(['ann', 'acme-svc', 'acme-domain-admin', 'gus', 'acme-people'])
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...holders),
      fc.constantFrom(...roles),
      fc.constantFrom(...places),
      fc.boolean(),
      async (holder, role, on, isInherited) => {
        const row: Grant = {
          actor: holder.actor,
          actorId: holder.id,
          roleId: role.id,
          on: on.on,
          targetId: on.id,
          isInherited,
        }
        fc.pre(!cloud.state.grants.has(grantKey(row)))
        cloud.state.grants.set(grantKey(row), row)
        try {
          const found = await auditOf(operator)
          const { read, matched } = rowsOf(found, 'assignments')
          expect(read).toBe(rowsOf(base, 'assignments').read + 1)
          const isMatched = matched === rowsOf(base, 'assignments').matched + 1
          if (!isMatched) {
            expect(isAsTheTableSays(found)).toBe(false)
            expect(says(found)).not.toContain('as the table says')
            const naming = added(base, found).filter(({ message }) =>
              [holder, role, on].every(({ id, name }) => message.includes(name) || message.includes(id)),
            )
            expect(naming.length).toBeGreaterThan(0)
            expect(naming.every(({ remedy }) => remedy !== undefined && remedy !== '')).toBe(true)
          }
          // whom the table cannot know of is never matched, and is never green
          if ([holder.id, role.id, on.id].some((id) => id === stranger || id === gone)) {
            expect(isMatched).toBe(false)
            expect(verdictOf(found.findings)).not.toBe('shown')
          }
          // nobody of a tenant has admin, and nobody comes from outside into a tenant
          const isOfTenant = tenantHolders.has(holder.name)
          const isOperator = operators.has(holder.name) && role.name === 'admin'
          if (!isOfTenant && isTenant(on.name) && !isOperator) expect(verdictOf(found.findings)).not.toBe('shown')
          if (isOfTenant && ['admin', 'creator', 'service'].includes(role.name)) expect(isMatched).toBe(false)
          if (isOfTenant !== isTenant(on.name)) {
            if (isOfTenant || isTenant(on.name)) expect(isMatched).toBe(false)
          }
        } finally {
          cloud.state.grants.delete(grantKey(row))
        }
        const after = await auditOf(operator)
        expect(after).toEqual(base)
        expect(isAsTheTableSays(after)).toBe(true)
      },
    ),
    { numRuns: runs(120) },
  )
})

test('admin of somebody of no tenant refutes the audit, unless it is an administrator of the cloud anyway', async () => {
  const cloud = auditedCloud()
  const operator = operatorOn(cloud)
  const admin = idOf(cloud, 'roles', 'admin')
  const known = cloud.state.users.find(({ name }) => name === 'admin')
  if (known === undefined) throw new Error('not seeded')
  cloud.state.users.set('mallory', { ...known, id: 'mallory', name: 'mallory' })
  const inTenant = { targetId: idOf(cloud, 'projects', 'acme-prod'), roleId: admin }
  const severities = async (): Promise<readonly string[]> =>
    (await auditOf(operator)).findings.map(({ code, severity }) => `${code} ${severity}`)
  const plant = (row: Parameters<typeof grant>[1]): (() => void) => {
    const key = grant(cloud, row)
    return () => void cloud.state.grants.delete(key)
  }

  const stranger = plant({ actorId: 'mallory', ...inTenant })
  expect(await severities()).toEqual(['audit/foreign-grant error'])
  // admin of another tenant alone makes nobody an administrator of the cloud
  const elsewhere = plant({ actorId: 'mallory', targetId: idOf(cloud, 'projects', 'globex-prod'), roleId: admin })
  expect(await severities()).toEqual(['audit/foreign-grant error', 'audit/foreign-grant error'])
  elsewhere()
  // nor does admin of a domain, as Magnum's has it: a policy may confine it
  const domain = idOf(cloud, 'domains', 'Default')
  const ofDomain = plant({ actorId: 'mallory', on: 'domains', targetId: domain, roleId: admin })
  expect((await severities()).filter((one) => one.startsWith('audit/foreign-grant'))).toEqual([
    'audit/foreign-grant error',
  ])
  ofDomain()
  const outside = plant({ actorId: 'mallory', targetId: idOf(cloud, 'projects', 'admin'), roleId: admin })
  expect(await severities()).toEqual(['audit/foreign-grant warning'])
  outside()
  // through a group of the operator as well
  const group = plant({
    actor: 'groups',
    actorId: groupId('operators'),
    targetId: idOf(cloud, 'projects', 'admin'),
    roleId: admin,
  })
  const key = `${groupId('operators')}/mallory`
  cloud.state.memberships.set(key, { groupId: groupId('operators'), userId: 'mallory' })
  expect(await severities()).toEqual(['audit/foreign-grant warning'])
  cloud.state.memberships.delete(key)
  group()
  expect(await severities()).toEqual(['audit/foreign-grant error'])
  stranger()
  expect(await severities()).toEqual([])
})

test('a role whose holder no directory knows is told by its id, its role and its place', async () => {
  const cloud = auditedCloud()
  const operator = operatorOn(cloud)
  const key = grant(cloud, {
    actorId: stranger,
    targetId: idOf(cloud, 'projects', 'acme-prod'),
    roleId: idOf(cloud, 'roles', 'admin'),
  })
  const { findings } = await auditOf(operator)
  expect(findings).toEqual([
    expect.objectContaining({ code: 'audit/unmatched-assignment', severity: 'error', where: `user ${stranger}` }),
  ])
  expect(findings[0]?.message).toContain('holds admin on project `acme-prod`')
  // as somebody of the cloud's own would: told, but it refutes nothing about a tenant
  cloud.state.grants.delete(key)
  grant(cloud, {
    actorId: stranger,
    targetId: idOf(cloud, 'projects', 'service'),
    roleId: idOf(cloud, 'roles', 'member'),
  })
  expect((await auditOf(operator)).findings).toMatchObject([
    { code: 'audit/unmatched-assignment', severity: 'unknown' },
  ])
})

test('whoever is in no list but known by its id is matched: a directory may hide what it knows', async () => {
  const cloud = auditedCloud()
  const ann = idOf(cloud, 'users', 'ann')
  const hiding: Fetch = async (url, init) => {
    const answer = await cloud.fetch(url, init)
    if (!/\/v3\/users$/.test(new URL(url).pathname)) return answer
    const body = JSON.parse(await textOf(answer)) as { readonly users: readonly { readonly id: string }[] }
    return Response.json({ ...body, users: body.users.filter(({ id }) => id !== ann) })
  }
  expect((await auditOf(operatorOn(cloud, hiding))).findings).toEqual([])
})

test('an object that is deleted between two lists is no deviation', async () => {
  const cloud = auditedCloud()
  const key = grant(cloud, {
    actorId: stranger,
    targetId: idOf(cloud, 'projects', 'acme-prod'),
    roleId: idOf(cloud, 'roles', 'member'),
  })
  const deleting: Fetch = async (url, init) => {
    const answer = await cloud.fetch(url, init)
    if (url.includes(stranger)) cloud.state.grants.delete(key)
    return answer
  }
  const found = await auditOf(operatorOn(cloud, deleting))
  expect(found.findings).toEqual([])
  expect(rowsOf(found, 'assignments').read).toBe(cloud.state.grants.size)
})

const refusals: readonly { readonly how: string; readonly answer: () => Promise<Response> }[] = [
  { how: '403', answer: () => Promise.resolve(new Response('{"error":{"message":"forbidden"}}', { status: 403 })) },
  { how: '404', answer: () => Promise.resolve(new Response('{"error":{"message":"not found"}}', { status: 404 })) },
  { how: 'silence', answer: () => Promise.reject(new TypeError('fetch failed')) },
]
const optionalLists = [
  { path: /\/OS-TRUST\/trusts$/, names: 'the trusts' },
  { path: /\/v3\/credentials$/, names: 'the credentials' },
  { path: /\/role_inferences$/, names: 'the implied roles' },
  { path: /\/v3\/groups$/, names: 'the groups' },
  { path: /\/OS-FEDERATION\/identity_providers$/, names: 'the identity providers' },
  { path: /\/sso\/protocols$/, names: 'the protocols of identity provider `sso`' },
  { path: /\/OS-FEDERATION\/mappings$/, names: 'the mappings of identity providers' },
  { path: /\/groups\/group-acme-people\/users$/, names: 'the members of group `acme-people`' },
  { path: /\/application_credentials$/, names: 'the application credentials of user `acme-svc`' },
] as const

test.each(optionalLists.flatMap((list) => refusals.map((refusal) => ({ ...list, ...refusal }))))(
  '$how to $names is told, and is never green',
  async ({ path, names, answer }) => {
    const cloud = auditedCloud()
    grant(cloud, {
      actor: 'groups',
      actorId: groupId('acme-people'),
      targetId: idOf(cloud, 'projects', 'acme-prod'),
      roleId: idOf(cloud, 'roles', 'member'),
    })
    federate(cloud)
    const wire: Fetch = (url, init) => (path.test(new URL(url).pathname) ? answer() : cloud.fetch(url, init))
    expect(isAsTheTableSays(await auditOf(operatorOn(cloud)))).toBe(true)
    const found = await auditOf(operatorOn(cloud, wire))
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        code: 'audit/unread',
        severity: 'unknown',
        message: expect.stringContaining(names) as string,
      }),
    )
    expect(verdictOf(found.findings)).toBe('not shown')
    expect(says(found)).not.toContain('as the table says')
  },
)

test.each([/\/v3\/users$/, /\/v3\/domains$/, /\/v3\/role_assignments$/, /\/v3\/roles$/, /\/v3\/projects$/])(
  'without the list %s there is nothing to compare: the audit ends with the refusal',
  async (path) => {
    const cloud = auditedCloud()
    const wire: Fetch = (url, init) =>
      path.test(new URL(url).pathname) ? Promise.reject(new TypeError('fetch failed')) : cloud.fetch(url, init)
    await expect(auditOf(operatorOn(cloud, wire))).rejects.toThrow('got no answer')
  },
)

test('a directory that does not answer makes its domain unread, and no account of it absent', async () => {
  const cloud = auditedCloud()
  const acme = idOf(cloud, 'domains', 'acme')
  // domain-specific drivers: a list without a filter has the token's own domain alone
  const wire: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url)
    if (!/\/v3\/users(\/|$)/.test(pathname)) return cloud.fetch(url, init)
    const isOfAcme = cloud.state.users.get(pathname.split('/users/')[1] ?? '')?.domain_id === acme
    if (searchParams.get('domain_id') === acme || isOfAcme) return new Response('{}', { status: 504 })
    if (pathname.includes('/users/') || searchParams.has('domain_id')) return cloud.fetch(url, init)
    return cloud.fetch(`${url}?domain_id=default`, init)
  }
  const { findings } = await auditOf(operatorOn(cloud, wire), {
    tenants: [tenantOf(parseSpec('acme.yaml', await exampleTenant('acme')), {})],
  })
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(findings.map(({ message }) => message).join('\n')).toContain('the users of domain `acme` could not be read')
})

test.each([
  {
    what: 'a trust of a trustor whom no directory knows',
    code: 'audit/unmatched-trust',
    plant: (cloud: Cloud) => {
      const id = 't1'
      cloud.state.trusts.set(id, trust(cloud, id, stranger, idOf(cloud, 'users', 'ann')))
      return () => cloud.state.trusts.delete(id)
    },
  },
  {
    what: 'a trust on a project that is gone',
    code: 'audit/unmatched-trust',
    plant: (cloud: Cloud) => {
      const id = 't2'
      const [ann, svc] = [idOf(cloud, 'users', 'ann'), idOf(cloud, 'users', 'acme-svc')]
      cloud.state.trusts.set(id, { ...trust(cloud, id, ann, svc), project_id: gone })
      return () => cloud.state.trusts.delete(id)
    },
  },
  {
    what: 'a trust to somebody outside',
    code: 'audit/trust-outside',
    plant: (cloud: Cloud) => {
      const id = 't3'
      const consultant = 'consultant'
      const domain_id = idOf(cloud, 'domains', 'Default')
      const ann = cloud.state.users.find(({ name }) => name === 'ann')
      if (ann === undefined) throw new Error('not seeded')
      cloud.state.users.set(consultant, { ...ann, id: consultant, name: consultant, domain_id })
      cloud.state.trusts.set(id, trust(cloud, id, ann.id, consultant))
      return () => cloud.state.trusts.delete(id)
    },
  },
  {
    what: 'an EC2 key of a user whom no directory knows',
    code: 'audit/unmatched-credential',
    plant: (cloud: Cloud) => {
      const project_id = idOf(cloud, 'projects', 'acme-prod')
      cloud.state.credentials.set('c1', { id: 'c1', user_id: stranger, project_id, type: 'ec2', blob: '{}' })
      return () => cloud.state.credentials.delete('c1')
    },
  },
  {
    what: 'an EC2 key for a project that is gone',
    code: 'audit/unmatched-credential',
    plant: (cloud: Cloud) => {
      const user_id = idOf(cloud, 'users', 'ann')
      cloud.state.credentials.set('c2', { id: 'c2', user_id, project_id: gone, type: 'ec2', blob: '{}' })
      return () => cloud.state.credentials.delete('c2')
    },
  },
  {
    what: 'a user of a tenant in a group of the operator that holds something',
    code: 'audit/foreign-member',
    plant: (cloud: Cloud) => {
      const key = grant(cloud, {
        actor: 'groups',
        actorId: groupId('operators'),
        targetId: idOf(cloud, 'projects', 'admin'),
        roleId: idOf(cloud, 'roles', 'admin'),
      })
      const userId = idOf(cloud, 'users', 'ann')
      cloud.state.memberships.set(membership(cloud, 'operators', 'ann'), { groupId: groupId('operators'), userId })
      return () => [
        cloud.state.grants.delete(key),
        cloud.state.memberships.delete(membership(cloud, 'operators', 'ann')),
      ]
    },
  },
  {
    what: 'a user of another tenant in a group of a tenant',
    code: 'audit/foreign-member',
    plant: (cloud: Cloud) => {
      const key = grant(cloud, {
        actor: 'groups',
        actorId: groupId('acme-people'),
        targetId: idOf(cloud, 'projects', 'acme-prod'),
        roleId: idOf(cloud, 'roles', 'member'),
      })
      cloud.state.memberships.set(membership(cloud, 'acme-people', 'gus'), {
        groupId: groupId('acme-people'),
        userId: idOf(cloud, 'users', 'gus'),
      })
      return () => [
        cloud.state.grants.delete(key),
        cloud.state.memberships.delete(membership(cloud, 'acme-people', 'gus')),
      ]
    },
  },
])('$what is told, and without it the audit is green again', async ({ code, plant }) => {
  const cloud = auditedCloud()
  const operator = operatorOn(cloud)
  const remove = plant(cloud)
  const found = await auditOf(operator)
  expect(found.findings).toMatchObject([{ code, severity: 'error' }])
  expect(isAsTheTableSays(found)).toBe(false)
  expect(found.counted.rows.filter(({ read, matched }) => read !== matched)).toHaveLength(1)
  remove()
  expect(isAsTheTableSays(await auditOf(operator))).toBe(true)
})

test('an audit that an earlier release recorded is read, and shows no counted rows', async () => {
  const counted = { tenants: 1, users: 1, assignments: 1, credentials: 0 }
  const earlier = { version: 1, at: '2026-05-04T10:00:00.000Z', findings: [], dependences: [], counted }
  await recordAudit(bed.folder, { cloud: 'prod', ...earlier, counted: { ...counted, owners: 1, rows: [] } })
  await writePrivate(join(bed.folder, 'prod', 'audit.json'), JSON.stringify(earlier))
  const read = await readRecordedAudit(bed.folder, 'prod')
  expect(read?.counted).toEqual({ ...counted, owners: 0, rows: [] })
})

test('an expiry that the table requires and nobody read is not shown', async () => {
  const cloud = auditedCloud()
  const table = { ...defaultTable, credentialsExpire: true }
  const operator = operatorOn(cloud)
  expect((await auditOf(operator, { table })).findings).toMatchObject([{ code: 'audit/unread', severity: 'unknown' }])
  expect(isAsTheTableSays(await auditOf(operator, { table, isDeep: true }))).toBe(true)
})

async function textOf({ body }: Awaited<ReturnType<Fetch>>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function membership(cloud: Cloud, group: string, user: string): string {
  return `${groupId(group)}/${idOf(cloud, 'users', user)}`
}

function trust(cloud: Cloud, id: string, trustor: string, trustee: string) {
  return {
    id,
    trustor_user_id: trustor,
    trustee_user_id: trustee,
    project_id: idOf(cloud, 'projects', 'acme-prod'),
    impersonation: true,
    expires_at: null,
    remaining_uses: null,
    redelegated_trust_id: null,
    redelegation_count: 0,
    extra: {},
    roleIds: [idOf(cloud, 'roles', 'member')],
  }
}

/** A provider of the tenant's own, whose people come into the tenant's own group. */
function federate(cloud: Cloud): void {
  const { identityProviders, federationProtocols, mappings } = cloud.state
  const domain_id = idOf(cloud, 'domains', 'acme')
  identityProviders.set('sso', {
    id: 'sso',
    domain_id,
    enabled: true,
    description: null,
    remote_ids: [],
    authorization_ttl: null,
  })
  federationProtocols.set('sso/openid', { id: 'openid', idp_id: 'sso', mapping_id: 'people' })
  mappings.set('people', {
    id: 'people',
    rules: [{ local: [{ group: { id: groupId('acme-people') } }], remote: [{ type: 'REMOTE_USER' }] }],
  })
}

let bed: SimulatedTestBed
let file: string

beforeAll(async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  file = await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/ {4}template:[^]*$/, '')))
  const { code, err } = await bed.run('apply', file, '--yes')
  if (code !== 0) throw new Error(err)
})

afterAll(() => bed.remove())

test('the command says no while a stranger has admin, and yes without', async () => {
  expect(await bed.run('audit', file)).toMatchObject({
    code: 0,
    out: expect.stringContaining('as the table says') as string,
  })
  const key = grant(bed.cloud, {
    actorId: stranger,
    targetId: idOf(bed.cloud, 'projects', 'acme-prod'),
    roleId: idOf(bed.cloud, 'roles', 'admin'),
  })
  for (const argv of [['audit', file], ['audit']]) {
    const { code, out } = await bed.run(...argv)
    expect(code).toBe(3)
    expect(out).toContain(stranger)
    expect(out).not.toContain('as the table says')
  }
  const document = JSON.parse((await bed.run('audit', file, '-o', 'json')).out) as unknown
  expect(document).toMatchObject({
    ok: false,
    counted: { rows: expect.arrayContaining([{ kind: 'trusts', read: 0, matched: 0 }]) as unknown },
  })
  bed.cloud.state.grants.delete(key)
  expect((await bed.run('audit', file)).code).toBe(0)
})
