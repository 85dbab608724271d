/**
 * Sentences of success on real services: each is said, and one change of the world turns it. The change is a row of a
 * database, a rule, an account, a network: what a stranger or an accident leaves. Then it is undone, and the sentence is back.
 */
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../src/openstack/http.ts'
import { findDomain, updateDomain } from '../../src/openstack/keystone/domains.ts'
import { listIdentityProviders, listMappings } from '../../src/openstack/keystone/federation.ts'
import { createGrant, deleteGrant } from '../../src/openstack/keystone/grants.ts'
import type { GrantScope } from '../../src/openstack/keystone/grants.ts'
import { createProject, deleteProject, findProject } from '../../src/openstack/keystone/projects.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { createUser, deleteUser, findUser, listUsers, updateUser } from '../../src/openstack/keystone/users.ts'
import { createNetwork, deleteNetwork } from '../../src/openstack/neutron/networks.ts'
import { deleteSecurityGroup, listSecurityGroups } from '../../src/openstack/neutron/security-groups.ts'
import { updateComputeQuota } from '../../src/openstack/nova.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { success } from '../../src/success.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, layOverride, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'
import { builtOverride } from './probing.ts'

const run = promisify(execFile)
const transport = createTransport()
let lab: Lab
let bed: TestBed
let operator: Session
let ids: { readonly domain: string; readonly project: string }

/** A tenant as far as its network: a cluster takes a minute, and no sentence but those of its own gates is about it. */
const withoutCluster = (text: string): string =>
  text.replace(/ {4}template:\n( {6}.*\n)+/, '').replace(/ {4}cluster:\n( {6}.*\n)+/, '')

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  operator = openOperator(lab, transport.fetch)
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  await bed.write('tenant.yaml', await exampleTenant('acme', withoutCluster))
  await mkdir(join(bed.folder, 'tenants'))
  await bed.write('tenants/acme.yaml', await exampleTenant('acme', withoutCluster))
  await bed.write('cluster.yaml', await exampleTenant('other', (text) => text.replace('10.20.24.0', '10.20.25.0')))
  expect(await bed.run('apply', 'tenant.yaml', '--yes')).toMatchObject({ code: 0 })
  const domain = (await findDomain(operator, 'acme'))?.id ?? ''
  ids = { domain, project: (await findProject(operator, 'acme-prod', domain))?.id ?? '' }
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

type Undo = () => Promise<unknown>

const user = async (name: string): Promise<string> => (await findUser(operator, name, ids.domain))?.id ?? ''

async function disabled(name: string): Promise<Undo> {
  const id = await user(name)
  await updateUser(operator, id, { enabled: false })
  return async () => {
    await updateUser(operator, id, { enabled: true })
    // Keystone refuses tokens of the second in which it disabled their user
    await new Promise((resolve) => setTimeout(resolve, 1100))
  }
}

async function granted(userId: string, roleName: string, on: GrantScope): Promise<Undo> {
  const role = await findRole(operator, roleName)
  const grant = { roleId: role?.id ?? '', to: { kind: 'user', id: userId }, on } as const
  await createGrant(operator, grant)
  return () => deleteGrant(operator, grant)
}

async function sql(statement: string): Promise<void> {
  await run('/usr/bin/mariadb', ['--socket', lab.databaseSocket, '--user', 'root', '--execute', statement])
}

/** Keystone keeps such rows: people of a directory come back with the same id. */
async function strangerInDatabase(): Promise<Undo> {
  const role = await findRole(operator, 'admin')
  const table = `${lab.keystones.main.database}.assignment`
  const stranger = 'e'.repeat(32)
  await sql(
    `INSERT INTO ${table} (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', '${stranger}', '${ids.project}', '${role?.id ?? ''}', 0)`,
  )
  return () => sql(`DELETE FROM ${table} WHERE actor_id = '${stranger}'`)
}

/** Of no tenant, and admin nowhere else. */
async function foreignAdmin(): Promise<Undo> {
  const domain = await findDomain(operator, 'Default')
  const fields = { name: 'passer-by', domain_id: domain?.id ?? '', password: new Secret('Aa1!passer-by-of-a-test') }
  const { id } = await createUser(operator, fields)
  await granted(id, 'admin', { kind: 'project', id: ids.project })
  return () => deleteUser(operator, id)
}

async function strangerIn(): Promise<Undo> {
  const [nova] = await listUsers(operator, { name: 'nova' })
  return granted(nova?.id ?? '', 'member', { kind: 'project', id: ids.project })
}

async function changedFile(): Promise<Undo> {
  const path = `${bed.folder}/tenant.yaml`
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('gigabytes: 1000 GiB', 'gigabytes: 900 GiB'))
  return () => writeFile(path, text)
}

async function openRule(): Promise<Undo> {
  const { text } = await builtOverride('debian-22', 'default')
  await layOverride(lab.keystones.main, text.replace(/"identity:create_grant": "[^"]*"/, '"identity:create_grant": ""'))
  return () => layManager(lab)
}

async function lostAdmin(): Promise<Undo> {
  const domain = await findDomain(operator, 'magnum')
  const admin = domain && (await findUser(operator, 'magnum_domain_admin', domain.id))
  const role = await findRole(operator, 'admin')
  const grant = {
    roleId: role?.id ?? '',
    to: { kind: 'user', id: admin?.id ?? '' },
    on: { kind: 'domain', id: domain?.id ?? '' },
  } as const
  await deleteGrant(operator, grant)
  return () => createGrant(operator, grant)
}

async function otherQuota(): Promise<Undo> {
  await updateComputeQuota(operator, ids.project, { cores: 1 })
  return () => bed.run('apply', 'tenant.yaml', '--yes')
}

/** Its project is gone: Keystone asks no other service before it deletes one. */
async function strayNetwork(): Promise<Undo> {
  const project = await createProject(operator, { name: 'acme-gone', domain_id: ids.domain, description: '' })
  const network = await createNetwork(operator, { name: 'stray', project_id: project.id })
  await deleteProject(operator, project.id)
  return async () => {
    await deleteNetwork(operator, network.id)
    for (const { id } of await listSecurityGroups(operator, { project_id: project.id }))
      await deleteSecurityGroup(operator, id)
  }
}

async function lostMarker(): Promise<Undo> {
  const { description = '' } = (await findDomain(operator, 'acme')) ?? {}
  await updateDomain(operator, ids.domain, { description: 'of somebody else' })
  return () => updateDomain(operator, ids.domain, { description })
}

/** Its rows need no plugin that signs people in. */
async function plantProvider(): Promise<void> {
  const put = (path: string, body: unknown): Promise<unknown> =>
    operator.request({ service: 'identity', method: 'PUT', path: `/OS-FEDERATION/${path}`, body })
  const local = [{ user: { name: '{0}' }, projects: [{ name: 'acme-prod', roles: [{ name: 'member' }] }] }]
  await put('mappings/acme-people', { mapping: { rules: [{ local, remote: [{ type: 'HTTP_OIDC_SUB' }] }] } })
  await put('identity_providers/acme-people', { identity_provider: { domain_id: ids.domain, enabled: true } })
  const protocol = { protocol: { mapping_id: 'acme-people' } }
  await put('identity_providers/acme-people/protocols/openid', protocol)
}

const freeze = ['offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze']

const systemReader = async (name: string): Promise<Undo> => granted(await user(name), 'reader', { kind: 'system' })

/** Nobody asks the cloud for a report: it says what the last `verify` saw. */
async function refutedByVerify(): Promise<Undo> {
  const undo = await openRule()
  const { code } = await bed.run('verify', 'tenant.yaml').finally(undo)
  expect(code).toBe(3)
  return async () => {
    expect((await bed.run('verify', 'tenant.yaml')).code).toBe(0)
  }
}

type Turn = readonly [
  sentence: string,
  command: readonly string[],
  change: () => Promise<Undo>,
  names: string,
  /** Of a command that writes whatever it says. */
  code?: number,
]

/** In order: each leaves the tenant as the next one needs it. */
const turns: readonly Turn[] = [
  [success.preflight(), ['preflight', 'cluster.yaml'], lostAdmin, 'preflight/magnum-domain-admin-missing'],
  [success.plan(), ['plan', 'tenant.yaml', '--exit-code'], otherQuota, 'compute quota'],
  [
    success.apply('acme'),
    ['apply', 'tenant.yaml', '--yes'],
    () => systemReader('acme-svc'),
    'acme-svc reaches nothing else',
  ],
  [
    success['apply --until']('acme', 'domain'),
    ['apply', 'tenant.yaml', '--yes', '--until', 'domain'],
    () => systemReader('acme-domain-admin'),
    'acme-domain-admin',
  ],
  [
    success['fleet apply'](1, '1 unchanged'),
    ['fleet', 'apply', 'tenants', '--yes'],
    () => systemReader('acme-svc'),
    'acme-svc reaches nothing else',
  ],
  [success.verify('acme'), ['verify', 'tenant.yaml'], openRule, 'create_grant'],
  [success.report(), ['report', 'tenant.yaml', '-o', 'markdown'], refutedByVerify, 'create_grant', 0],
  [success.audit(), ['audit', 'tenant.yaml'], foreignAdmin, 'audit/foreign-grant'],
  [success.audit(), ['audit', 'tenant.yaml'], strangerInDatabase, 'e'.repeat(32)],
  [success.diagnose(), ['diagnose', 'tenant.yaml'], () => disabled('acme-domain-admin'), 'acme-domain-admin'],
  [success.status(), ['status', 'tenant.yaml', '--exit-code'], changedFile, 'stale'],
  [success.handover('acme'), ['handover', 'tenant.yaml'], () => disabled('acme-domain-admin'), 'acme-domain-admin'],
  [
    success.rotate('acme-svc'),
    ['rotate', 'tenant.yaml', '--account', 'svc', '--yes'],
    () => disabled('acme-domain-admin'),
    'rotate/no-manager',
  ],
  [success['offboard --until freeze']('acme'), freeze, strangerIn, 'offboard/not-frozen'],
  [success['offboard --unfreeze']('acme'), ['offboard', 'tenant.yaml', '--unfreeze'], lostMarker, 'offboard/not-ours'],
  [
    success['offboard --keep-data']('acme'),
    ['offboard', 'tenant.yaml', '--confirm', 'acme', '--keep-data'],
    lostMarker,
    'offboard/not-ours',
  ],
  [success.offboard('acme'), ['offboard', 'tenant.yaml', '--confirm', 'acme'], strayNetwork, 'offboard/ownerless'],
]

test.each(turns.map((turn) => [turn[0], turn] as const))(
  '%s',
  async (sentence, [, command, change, names, code = 3]) => {
    const undo = await change()
    const turned = await bed.run(...command).finally(undo)
    expect(turned.out + turned.err).toContain(names)
    if (sentence !== success.status()) expect(turned.out).not.toContain(sentence)
    expect(turned.code, turned.err).toBe(code)
    const again = await bed.run(...command)
    expect(again.out, again.err).toContain(sentence)
    expect(again.code).toBe(0)
  },
)

test('an identity provider of a tenant is told, shut by a freeze, opened again, and goes with the tenant', async () => {
  expect((await bed.run('apply', 'tenant.yaml', '--yes', '--until', 'self-service')).code).toBe(0)
  ids = { ...ids, domain: (await findDomain(operator, 'acme'))?.id ?? '' }
  await plantProvider()
  const isEnabled = async (): Promise<readonly boolean[]> =>
    (await listIdentityProviders(operator)).filter(({ id }) => id === 'acme-people').map(({ enabled }) => enabled)
  const audited = await bed.run('audit', 'tenant.yaml')
  expect(audited.out).toContain('acme-people')
  expect((await bed.run(...freeze)).out).toContain('disabled identity providers: acme-people')
  expect(await isEnabled()).toEqual([false])
  expect((await bed.run('offboard', 'tenant.yaml', '--unfreeze')).code).toBe(0)
  expect(await isEnabled()).toEqual([true])
  const { code, out } = await bed.run('offboard', 'tenant.yaml', '--confirm', 'acme')
  expect(out).toContain(success.offboard('acme'))
  expect(code).toBe(0)
  expect(await isEnabled()).toEqual([])
  expect((await listMappings(operator)).filter(({ id }) => id === 'acme-people')).toEqual([])
})

test(success.accept('acme'), async () => {
  const identity = await generateIdentity()
  const sealed = `handover:\n  recipient: ${await identityToRecipient(identity)}\n`
  const maker = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  const tenant = await openTestBed({}, transport.fetch)
  try {
    const file = await maker.write('tenant.yaml', await exampleTenant('acme', (text) => withoutCluster(text) + sealed))
    expect((await maker.run('apply', file, '--yes', '--until', 'domain')).code).toBe(0)
    expect((await maker.run('handover', file, '--yes')).code).toBe(0)
    const name = 'acme-handover.zip.age'
    await cp(join(maker.folder, 'tenant-onboard', 'lab', 'acme', 'handover', name), join(tenant.folder, name))
    await cp(file, join(tenant.folder, 'tenant.yaml'))
    await tenant.write('identity.txt', identity)
    const accept = ['accept', name, 'tenant.yaml', '--identity', 'identity.txt', '--yes']
    ids = { ...ids, domain: (await findDomain(operator, 'acme'))?.id ?? '' }
    const undo = await disabled('acme-domain-admin')
    const turned = await tenant.run(...accept).finally(undo)
    expect(turned.out + turned.err).toContain('acme-domain-admin')
    expect(turned.out).not.toContain(success.accept('acme'))
    expect(turned.code).toBe(3)
    const { code, out, err } = await tenant.run(...accept)
    expect(out, err).toContain(success.accept('acme'))
    expect(code).toBe(0)
    expect((await maker.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  } finally {
    await maker.remove()
    await tenant.remove()
  }
})
