import { afterAll, beforeAll, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { isAsTheTableSays } from '../../src/audit/verdict.ts'
import type { Audit } from '../../src/audit/audit.ts'
import { renderAudit } from '../../src/cli/views/audit.ts'
import { auditJson } from '../../src/audit/render.ts'
import { defaultTable, extendTable } from '../../src/audit/role-table.ts'
import type { RoleTable } from '../../src/audit/role-table.ts'
import { createGrant } from '../../src/openstack/keystone/grants.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { Auth } from '../../src/openstack/auth.ts'
import { Secret } from '../../src/secret.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import type { Tenant } from '../../src/tenant/tenant.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { goodOverride } from '../isolation/tenant-cloud.ts'
import { deviations, disabledCreator } from './deviations.ts'
import type { AuditedCloud } from './deviations.ts'

const managedRoles = ['member', 'load-balancer_member']

function opener(cloud: Cloud): <Who extends string>(actor: Who, auth: Auth) => Session<Who> {
  return (actor, auth) =>
    openSession({ actor, endpoint: { authUrl: cloud.url, region: cloud.region }, auth, fetch: cloud.fetch })
}

function operatorOf(cloud: Cloud): Session<'operator'> {
  const { admin } = cloud
  return opener(cloud)('operator', {
    kind: 'password',
    user: { name: admin.name, domain: { name: admin.userDomain } },
    password: new Secret(admin.password),
    scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
  })
}

const codesOf = ({ findings }: Audit): readonly string[] => findings.map(({ code }) => code).toSorted()

let bed: SimulatedTestBed
let audited: AuditedCloud
let tenant: Tenant
let operator: Session<'operator'>

const look = (table?: RoleTable): Promise<Audit> =>
  audit({ operator, tenants: [tenant], managedRoles, ...(table === undefined ? {} : { table }) })

beforeAll(async () => {
  const globex = {
    name: 'globex',
    projects: ['globex-prod'],
    users: [{ name: 'globex-domain-admin', grants: [{ role: 'manager', domain: true }] }],
  } as const
  bed = await openSimulated({ ...(await seedWithOverride()), domains: [globex] })
  const text = await exampleTenant('acme')
  const file = await bed.write('tenant.yaml', text)
  const applied = await bed.run('apply', file, '--yes')
  if (applied.code !== 0) throw new Error(applied.err)
  tenant = tenantOf(parseSpec('tenant.yaml', text), {})
  operator = operatorOf(bed.cloud)
  audited = { operator, tenant: 'acme', neighbour: 'globex', open: opener(bed.cloud) }
})

afterAll(() => bed.remove())

async function seedWithOverride(): Promise<Seed> {
  return { preset: 'zed-patched', overrides: [(await goodOverride('debian-22+oct-2026', 'default')).text] }
}

test('a clean cloud has no findings, and says whom its clusters depend on', async () => {
  const clean = await look()
  // a stock Neutron has no address scopes
  expect(codesOf(clean)).toEqual(['exposure/no-address-scope'])
  expect(isAsTheTableSays(clean)).toBe(true)
  expect(clean.dependences).toEqual([
    { user: expect.objectContaining({ name: 'acme-cluster' }) as unknown, clusters: ['acme-cluster'] },
  ])
  expect(clean.counted).toMatchObject({ tenants: 2, credentials: 1 })
  expect(renderAudit({ hasColor: false, columns: 80 }, clean)).toMatch(
    /^DO NOT DISABLE OR DELETE +IT KEEPS ALIVE\nuser acme-cluster +cluster acme-cluster$/m,
  )
  expect(auditJson(clean)).toMatchObject({ ok: true })
})

test('a cluster that an admin made is found: its credential is inside', async () => {
  const cloud = bed.cloud
  const admin = await findRole(operator, 'admin')
  const project = cloud.state.projects.find(({ name }) => name === 'globex-prod')
  const cluster = [...cloud.state.clusters.values()][0]
  const { userId } = await operator.token()
  if (admin === undefined || project === undefined || cluster === undefined) throw new Error('not seeded')
  await createGrant(operator, {
    roleId: admin.id,
    to: { kind: 'user', id: userId },
    on: { kind: 'project', id: project.id },
  })
  cloud.state.clusters.set('by-admin', {
    ...cluster,
    uuid: '11111111-0000-4000-8000-000000000000',
    name: 'by-admin',
    project_id: project.id,
    user_id: userId,
  })
  const found = await audit({ operator, tenants: [], managedRoles })
  expect(found.findings.filter(({ code }) => code === 'audit/cluster-by-admin')).toEqual([
    expect.objectContaining({ where: 'cluster by-admin', severity: 'error' }),
  ])
})

test('each deviation that is planted is found, and adds nothing but its own findings', async () => {
  let before = codesOf(await look())
  for (const { what, plant, codes } of [disabledCreator, ...deviations]) {
    await plant(audited)
    const after = await look()
    const rest = [...codesOf(after)]
    for (const code of before) if (rest.includes(code)) rest.splice(rest.indexOf(code), 1)
    expect(rest, what).toEqual(codes)
    expect(
      after.findings.every(({ remedy }) => remedy !== undefined && remedy !== ''),
      what,
    ).toBe(true)
    before = codesOf(after)
  }
  expect(new Set(deviations.map(({ what }) => what)).size).toBeGreaterThanOrEqual(15)
})

test('the operator adds rows, and a rule that credentials expire', async () => {
  const table = extendTable(
    defaultTable,
    'roles.yaml',
    `
version: 1
credentials_expire: true
accounts:
  - account: keeper
    domain: acme
    on: own-projects
    roles: [creator]
    because: keeps the secrets of acme
  - account: backup
    domain: Default
    on: anywhere
    roles: [reader]
    because: makes the backups of the cloud
`,
  )
  const found = (await look(table)).findings
  expect(found.filter(({ code }) => code === 'audit/unmanaged-role')).toEqual([])
  expect(found.filter(({ code }) => code === 'audit/credential-unlimited').length).toBeGreaterThan(0)
  expect(found.map(({ message }) => message)).toContain(
    'there is no account `backup` in domain `Default`: makes the backups of the cloud',
  )
})

test('a table with an unknown key is refused with its place', () => {
  expect(() => extendTable(defaultTable, 'roles.yaml', 'version: 1\naccount: []\n')).toThrow('roles.yaml:2')
})

test('the charm writes `Admin`: roles match without regard to case', async () => {
  const cloud = createCloud({
    preset: 'caracal-charmed',
    domains: [
      {
        name: 'acme',
        projects: ['acme-prod'],
        users: [
          { name: 'acme-domain-admin', grants: [{ role: 'manager', domain: true }] },
          { name: 'mallory', grants: [{ role: 'admin', project: 'acme-prod' }] },
        ],
      },
    ],
  })
  const found = await audit({ operator: operatorOf(cloud), tenants: [], managedRoles })
  expect(codesOf(found)).toEqual(['audit/admin-in-tenant'])
})

test('a role that implies admin is admin by another name, and a managed role implies no other', async () => {
  const cloud = createCloud({ preset: 'zed-patched', overrides: [], roles: ['superuser'] })
  const id = (name: string): string => cloud.state.roles.find((role) => role.name === name)?.id ?? ''
  // Keystone refuses the first while `[assignment] prohibited_implied_role` is what it is by default
  for (const [prior, implied] of [
    ['superuser', 'admin'],
    ['member', 'creator'],
  ] as const)
    cloud.state.inferences.set(`${prior}/${implied}`, { priorId: id(prior), impliedId: id(implied) })
  const found = await audit({ operator: operatorOf(cloud), tenants: [], managedRoles })
  expect(codesOf(found)).toEqual(['audit/managed-role-implies', 'audit/role-implies-admin'])
})

test('what a managed role implies by way of reader counts as well', async () => {
  const cloud = createCloud({ preset: 'zed-patched', overrides: [], roles: ['manager'] })
  const id = (name: string): string => cloud.state.roles.find((role) => role.name === name)?.id ?? ''
  const { findings } = await audit({ operator: operatorOf(cloud), tenants: [], managedRoles })
  expect(findings).toEqual([])
  cloud.state.inferences.set('reader/manager', { priorId: id('reader'), impliedId: id('manager') })
  const found = await audit({ operator: operatorOf(cloud), tenants: [], managedRoles })
  expect(codesOf(found)).toEqual(['audit/managed-role-implies'])
  expect(found.findings[0]?.message).toContain('`member`, which domain managers grant, implies `manager` by `reader`')
  expect(found.findings[0]?.remedy).toBe('openstack implied role delete reader --implied-role manager')
})

test('a native domain manager needs what its role implies', async () => {
  const cloud = createCloud({ preset: 'epoxy' })
  const options = { operator: operatorOf(cloud), tenants: [], managedRoles, isPersonaNative: true }
  expect(codesOf(await audit(options))).toEqual([])
  cloud.state.inferences.clear()
  expect(codesOf(await audit(options))).toEqual(['audit/implied-role-missing', 'audit/implied-role-missing'])
})

test('a thousand tenants with ten thousand users are read with few requests', async () => {
  const tenants = Array.from({ length: 1000 }, (_, index) => `tenant-${index}`)
  const cloud = createCloud({
    preset: 'zed-patched',
    overrides: [],
    domains: tenants.map((name) => ({
      name,
      projects: [`${name}-prod`],
      users: [
        { name: `${name}-domain-admin`, grants: [{ role: 'manager', domain: true }] },
        ...Array.from({ length: 9 }, (_, person) => ({
          name: `${name}-person-${person}`,
          grants: [{ role: 'member', project: `${name}-prod` }],
        })),
      ],
    })),
  })
  let requests = 0
  const { admin } = cloud
  const counting = openSession({
    actor: 'operator',
    endpoint: { authUrl: cloud.url, region: cloud.region },
    auth: {
      kind: 'password',
      user: { name: admin.name, domain: { name: admin.userDomain } },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    },
    fetch: cloud.fetch,
    onExchange: () => (requests += 1),
  })
  const found = await audit({ operator: counting, tenants: [], managedRoles })
  expect(found.findings).toEqual([])
  expect(found.counted.tenants).toBe(1000)
  expect(found.counted.users).toBeGreaterThan(10_000)
  // thirteen for the identities, seven for what carries packets
  expect(requests).toBe(20)
})
