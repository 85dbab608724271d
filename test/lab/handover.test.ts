import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unseal } from '../../src/handover/seal.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { createApplicationCredential } from '../../src/openstack/keystone/application-credentials.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { findToken } from '../../src/openstack/keystone/tokens.ts'
import { listTrusts } from '../../src/openstack/keystone/trusts.ts'
import { findUser } from '../../src/openstack/keystone/users.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { Auth } from '../../src/openstack/auth.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { Secret } from '../../src/secret.ts'
import { signsIn } from '../../src/tenant/sessions.ts'
import { exampleTenant, filesBelow, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, layOverride, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'

/* From the operator's hands to the tenant's on real services: sealed, accepted on another machine, rotated there. */

const run = promisify(execFile)
const transport = createTransport()
let lab: Lab
let operator: TestBed
let tenant: TestBed
let admin: Session
let file: string
let identity: string
let sealed: string

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  const { main } = lab.keystones
  admin = open({
    kind: 'password',
    user: { name: main.admin.username, domain: { name: main.admin.userDomain } },
    password: new Secret(main.admin.password),
    scope: { kind: 'project', project: { name: main.admin.project, domain: { name: main.admin.projectDomain } } },
  })
  const keystone = await loadKeystone(parseRelease('debian-22'))
  await layOverride(main, buildOverride(keystone, { base: { kind: 'default' } }).text)
  identity = await generateIdentity()
  const recipient = await identityToRecipient(identity)
  const text = await exampleTenant('acme', (old) => `${old}handover:\n  recipient: ${recipient}\n`)
  operator = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await operator.write('tenant.yaml', text)
  // no variable, and no entry of an operator anywhere
  tenant = await openTestBed({}, transport.fetch)
  await tenant.write('tenant.yaml', text)
  await tenant.write('identity.txt', identity)
  sealed = join(tenant.folder, 'acme-handover.zip.age')
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await operator.remove()
  await tenant.remove()
  await transport.close()
})

function open(auth: Auth): Session {
  const { url } = lab.keystones.main
  return openSession({
    actor: 'somebody',
    endpoint: { authUrl: url, region: 'RegionOne' },
    auth,
    fetch: transport.fetch,
  })
}

async function receive(): Promise<void> {
  await cp(join(operator.folder, 'tenant-onboard', 'lab', 'acme', 'handover', 'acme-handover.zip.age'), sealed)
}

const accept = () => tenant.run('accept', sealed, 'tenant.yaml', '--identity', 'identity.txt', '--yes', '--no-wait')

const secretOf = async (name: string): Promise<string> =>
  (await readFile(join(tenant.folder, 'tenant-onboard', 'lab', 'acme', 'secrets', name), 'utf8')).trim()

test('sealed after the domain is made, the operator keeps nothing that can be read', async () => {
  const applied = await operator.run('apply', file, '--yes', '--until', 'domain')
  expect(applied.code, applied.err).toBe(0)
  const home = join(operator.folder, 'tenant-onboard', 'lab', 'acme')
  const password = (await readFile(join(home, 'secrets', 'domain-admin.password'), 'utf8')).trim()
  const { code, err } = await operator.run('handover', file, '--yes')
  expect(code, err).toBe(0)
  for (const text of (await filesBelow(operator.folder)).values()) expect(text).not.toContain(password)
  expect((await operator.run('status', file)).out).toMatch(/cluster +held by the tenant/)
  await receive()
})

test('the three commands of the README work for anyone who opens it', async () => {
  const folder = join(tenant.folder, 'opened')
  await mkdir(folder)
  for (const [name, text] of await unseal(await readFile(sealed), [identity]))
    await writeFile(join(folder, name), text.reveal())
  const readme = await readFile(join(folder, 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^ {4}openstack (--os-cloud .*)$/gm)].slice(0, 3).map((match) => match[1] ?? '')
  expect(commands).toHaveLength(3)
  const outputs = []
  for (const command of commands) {
    const env = { PATH: '/usr/bin:/bin', HOME: folder }
    outputs.push((await run('/usr/bin/openstack', command.split(' '), { cwd: folder, env })).stdout)
  }
  expect(outputs[0]).toContain('domain_id')
  expect(outputs[2]).toContain('manager')
})

test('on another machine, without an operator, accept gets to the cluster', async () => {
  const { code, out, err } = await accept()
  expect(code, err + out).toBe(0)
  expect(out).toContain('acme was onboarded from its handover alone')
  const users = new Set(tenant.sent.flatMap(({ user }) => user ?? []))
  expect([...users].sort()).toEqual(['acme-cluster', 'acme-domain-admin', 'acme-svc'])
  expect(out).toContain('accept/quota-not-set')
})

test('then the operator sets the quotas, and sees no more than that', async () => {
  const { code, out, err } = await operator.run('apply', file, '--yes')
  expect(code, err).toBe(0)
  expect(out).toMatch(/acme matches its file; [45] changes: [45] by operator/)
  const again = await accept()
  expect(again.code, again.err).toBe(0)
  expect(again.out).toContain('nothing had to be changed')
  expect(again.out).not.toContain('accept/quota-not-set')
})

test('a rotation ends the tokens of the account, and neither its trusts nor its application credentials', async () => {
  const domain = await findDomain(admin, 'acme')
  const user = await findUser(admin, 'acme-cluster', domain?.id ?? '')
  const name = { name: 'acme-cluster', domain: { name: 'acme' } }
  const project = { name: 'acme-prod', domain: { name: 'acme' } }
  const creator = open({
    kind: 'password',
    user: name,
    password: new Secret(await secretOf('cluster.password')),
    scope: { kind: 'project', project },
  })
  const token = await creator.bearer()
  const { secret } = await createApplicationCredential(creator, user?.id ?? '', { name: 'by hand' })
  const trusts = (await listTrusts(admin, { trustor_user_id: user?.id ?? '' })).map(({ id }) => id)
  expect(await findToken(admin, token)).toBeDefined()
  const { code, out, err } = await tenant.run('rotate', 'tenant.yaml', '--account', 'cluster', '--yes')
  expect(code, err).toBe(0)
  expect(err).toMatch(/by the credential of acme-cluster:\n +cluster acme-cluster/)
  expect(out).toContain('the old one is refused')
  expect(await findToken(admin, token)).toBeUndefined()
  // Heat may have made one of its own meanwhile
  const after = (await listTrusts(admin, { trustor_user_id: user?.id ?? '' })).map(({ id }) => id)
  expect(after).toEqual(expect.arrayContaining(trusts))
  const byHand = open({ kind: 'application-credential', credential: { name: 'by hand', user: name }, secret })
  expect(await signsIn(byHand)).toBe(true)
})

test('the other two secrets are rotated by the tenant itself, and everything is as asked', async () => {
  for (const account of ['svc', 'domain-admin']) {
    const { code, out, err } = await tenant.run('rotate', 'tenant.yaml', '--account', account, '--yes')
    expect(code, err).toBe(0)
    expect(out).toContain('the old one is refused')
  }
  const { code, out } = await accept()
  expect(code).toBe(0)
  expect(out).toContain('nothing had to be changed')
})

test('a tenant that has lost its data directory gets a new password from the operator, and continues', async () => {
  await rm(join(tenant.folder, 'tenant-onboard'), { recursive: true })
  const stale = await accept()
  expect(stale.code).toBe(3)
  expect(stale.out).toContain('handover/sign-in-refused')
  const refused = await operator.run('rotate', file, '--account', 'cluster', '--yes')
  expect(refused.code).toBe(3)
  expect(refused.out).toContain('rotate/held-by-the-tenant')
  expect((await operator.run('rotate', file, '--account', 'domain-admin', '--yes')).code).toBe(0)
  expect((await operator.run('handover', file, '--yes')).code).toBe(3)
  expect((await operator.run('handover', file, '--yes', '--again')).code).toBe(0)
  await receive()
  // the manager is back, and what it finds has secrets that only the lost home knew
  const { out } = await accept()
  expect(out).toContain('rotate --account cluster')
  for (const account of ['cluster', 'svc']) {
    const { code, err } = await tenant.run('rotate', 'tenant.yaml', '--account', account, '--yes')
    expect(code, err).toBe(0)
  }
})
