/** Who comes in through an identity provider is in no list of users and in no assignment: the mapping says it. */
import { expect, test } from 'vitest'
import { isAsTheTableSays } from '../../src/audit/verdict.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { auditedCloud, auditOf, grant, groupId, idOf, operatorOn } from './audited-cloud.ts'

type Local = Readonly<Record<string, unknown>>

type World = {
  /** The domain of the provider's users. */
  readonly home: string
  readonly local: Local
  readonly remote?: readonly Local[]
  /** What `acme-people` holds on `acme-prod`. */
  readonly role?: string
}

function federated({ home, local, remote = [{ type: 'REMOTE_USER' }], role = 'member' }: World): Cloud {
  const cloud = auditedCloud()
  const { identityProviders, federationProtocols, mappings } = cloud.state
  const rest = { enabled: true, description: null, remote_ids: [], authorization_ttl: null }
  identityProviders.set('sso', { id: 'sso', domain_id: idOf(cloud, 'domains', home), ...rest })
  federationProtocols.set('sso/openid', { id: 'openid', idp_id: 'sso', mapping_id: 'people' })
  mappings.set('people', { id: 'people', rules: [{ local: [{ user: { name: '{0}' } }, local], remote }] })
  grant(cloud, {
    actor: 'groups',
    actorId: groupId('acme-people'),
    targetId: idOf(cloud, 'projects', 'acme-prod'),
    roleId: idOf(cloud, 'roles', role),
  })
  return cloud
}

const inPeople = { group: { name: 'acme-people', domain: { name: 'acme' } } }
const found = async (cloud: Cloud) =>
  (await auditOf(operatorOn(cloud))).findings.map(({ code, severity, message }) => ({ code, severity, message }))

test('who comes into a group is told with provider, mapping, role and place; as the table says it is while the row allows it', async () => {
  const cloud = federated({ home: 'acme', local: inPeople })
  const audited = await auditOf(operatorOn(cloud))
  expect(audited.findings).toMatchObject([{ code: 'audit/federated-access', severity: 'info' }])
  const [{ message } = { message: '' }] = audited.findings
  for (const part of ['`sso`', '`openid`', '`people`', '`acme-people`', 'member on project `acme-prod`'])
    expect(message).toContain(part)
  expect(isAsTheTableSays(audited)).toBe(true)
  cloud.state.mappings.clear()
  cloud.state.federationProtocols.clear()
  expect(await found(cloud)).toEqual([])
})

test.each([
  { what: 'by id', local: { group: { id: groupId('acme-people') } } },
  { what: 'by the name of the domain', local: inPeople },
  { what: 'by a list of names', local: { groups: 'acme-people', domain: { name: 'acme' } } },
  { what: 'by whatever name the provider gives', local: { groups: '{0}', domain: { name: 'acme' } } },
  { what: 'by a list of ids', local: { group_ids: `['${groupId('acme-people')}']` } },
])('a group is found $what', async ({ local }) => {
  expect(await found(federated({ home: 'acme', local }))).toMatchObject([
    { code: 'audit/federated-access', severity: 'info' },
  ])
})

test('a list of allowed names bounds what the provider gives', async () => {
  const local = { groups: '{0}', domain: { name: 'acme' } }
  const of = (whitelist: readonly string[]) => [{ type: 'GROUPS', whitelist }]
  // `any_one_of` hands nothing on, so `{0}` is the second requirement
  const strict = [{ type: 'ORG', any_one_of: ['acme'] }, ...of(['others'])]
  expect(await found(federated({ home: 'acme', local, remote: of(['acme-people']) }))).toMatchObject([
    { code: 'audit/federated-access' },
  ])
  expect(await found(federated({ home: 'acme', local, remote: strict }))).toMatchObject([
    { code: 'audit/federation-unmatched', severity: 'unknown' },
  ])
})

test.each([
  { what: 'the provider of another tenant', world: { home: 'globex', local: inPeople }, severity: 'error' },
  { what: 'a provider of the operator', world: { home: 'Default', local: inPeople }, severity: 'info' },
  {
    what: 'a group with a role beyond its row',
    world: { home: 'acme', local: inPeople, role: 'creator' },
    severity: 'warning',
  },
  { what: 'a group with admin', world: { home: 'acme', local: inPeople, role: 'admin' }, severity: 'error' },
])('$what is judged as $severity', async ({ world, severity }) => {
  expect(await found(federated(world))).toContainEqual(
    expect.objectContaining({ code: 'audit/federated-access', severity }) as unknown,
  )
})

test.each([
  { what: 'any group of the cloud', local: { group_ids: '{0}' } },
  { what: 'a group of any domain', local: { groups: '{0}', domain: { name: '{1}' } } },
  { what: 'any account of the operator', local: { user: { name: '{0}', type: 'local', domain: { name: 'Default' } } } },
])("a tenant's provider that reaches $what is an error", async ({ local }) => {
  const cloud = federated({ home: 'acme', local })
  cloud.state.mappings.set('people', { id: 'people', rules: [{ local: [local], remote: [{ type: 'REMOTE_USER' }] }] })
  expect(await found(cloud)).toMatchObject([{ code: 'audit/mapping-unbounded', severity: 'error' }])
})

test("a tenant's provider that signs in as the operator, or gets admin on a new project, is an error", async () => {
  const admin = { user: { name: 'admin', type: 'local', domain: { name: 'Default' } } }
  const cloud = federated({ home: 'acme', local: inPeople })
  const rules = (local: Local) => [{ local: [local], remote: [{ type: 'REMOTE_USER' }] }]
  cloud.state.mappings.set('people', { id: 'people', rules: rules(admin) })
  expect(await found(cloud)).toMatchObject([{ code: 'audit/federated-access', severity: 'error' }])
  const projects = [{ name: 'new', roles: [{ name: 'admin' }] }]
  cloud.state.mappings.set('people', { id: 'people', rules: rules({ projects }) })
  expect(await found(cloud)).toMatchObject([{ code: 'audit/federated-access', severity: 'error' }])
})

test.each([
  {
    what: 'a provider of a domain that is gone',
    plant: ({ state }: Cloud) => {
      const sso = state.identityProviders.get('sso')
      if (sso !== undefined) state.identityProviders.set('sso', { ...sso, domain_id: 'f'.repeat(32) })
    },
    names: 'sso',
    severity: 'unknown',
  },
  {
    what: 'a protocol whose mapping is gone',
    plant: ({ state }: Cloud) => state.mappings.delete('people'),
    names: 'people',
    severity: 'unknown',
  },
  {
    what: 'a mapping to a group that is gone',
    plant: ({ state }: Cloud) => state.groups.delete(groupId('operators')),
    local: { group: { id: groupId('operators') } },
    names: groupId('operators'),
    severity: 'unknown',
  },
  {
    what: 'a mapping that no protocol uses',
    plant: ({ state }: Cloud) => state.federationProtocols.clear(),
    names: 'people',
    severity: 'warning',
  },
])('$what is told and never as the table says', async ({ plant, names, severity, local = inPeople }) => {
  const cloud = federated({ home: 'Default', local })
  expect(isAsTheTableSays(await auditOf(operatorOn(cloud)))).toBe(true)
  plant(cloud)
  const audited = await auditOf(operatorOn(cloud))
  expect(audited.findings).toContainEqual(
    expect.objectContaining({ severity, message: expect.stringContaining(names) as string }) as unknown,
  )
  expect(isAsTheTableSays(audited)).toBe(false)
})
