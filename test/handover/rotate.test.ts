import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSession } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { signsIn } from '../../src/tenant/sessions.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed
let file: string
let home: string

beforeEach(async () => {
  bed = await openSimulated()
  home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
})

afterEach(() => bed.remove())

const secret = async (name: string): Promise<string> => (await readFile(join(home, 'secrets', name), 'utf8')).trim()

function works(user: string, password: string): Promise<boolean> {
  return signsIn(
    openSession({
      actor: 'somebody',
      endpoint: { authUrl: bed.cloud.url, region: bed.cloud.region },
      auth: {
        kind: 'password',
        user: { name: user, domain: { name: 'acme' } },
        password: new Secret(password),
        scope: { kind: 'unscoped' },
      },
      fetch: bed.cloud.fetch,
    }),
  )
}

test.each([
  ['domain-admin', 'acme-domain-admin', 'domain-admin.password', 'operator'],
  ['cluster', 'acme-cluster', 'cluster.password', 'manager'],
] as const)('the password of %s is a new one, and the old one is dead', async (account, user, name, by) => {
  const old = await secret(name)
  expect(await works(user, old)).toBe(true)
  const { code, out, err } = await bed.run('rotate', file, '--account', account, '--yes')
  expect(code, err).toBe(0)
  expect(out).toContain(`set by ${by}; the old one is refused`)
  const renewed = await secret(name)
  expect(renewed).not.toBe(old)
  expect(await works(user, renewed)).toBe(true)
  expect(await works(user, old)).toBe(false)
  expect(out + err).not.toContain(renewed)
  expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
})

test('the manager sets it where the operator cannot sign in any more', async () => {
  const { users } = bed.cloud.state
  const admin = users.find(({ name }) => name === bed.cloud.admin.name)
  if (admin === undefined) throw new Error('every cloud has an admin')
  users.set(admin.id, { ...admin, enabled: false })
  const { code, out, err } = await bed.run('rotate', file, '--account', 'cluster', '--yes')
  expect(code, err).toBe(0)
  expect(out).toContain('set by manager; the old one is refused')
})

test('a cluster lives on through a rotation of its account, and is named before', async () => {
  const { clusters, trusts } = bed.cloud.state
  const before = trusts.map((trust) => trust.id)
  const { err } = await bed.run('rotate', file, '--account', 'cluster', '--yes')
  expect(err).toMatch(/by the credential of acme-cluster:\n {4}cluster acme-cluster [0-9a-f-]{36} CREATE_COMPLETE/)
  expect(err).toContain('without the role the trust ends')
  expect(trusts.map((trust) => trust.id)).toEqual(before)
  expect(clusters.map((cluster) => cluster.status)).toEqual(['CREATE_COMPLETE'])
})

test('the application credential of svc is replaced, and one of that name exists', async () => {
  const old = await secret('acme-svc.secret')
  const oldIds = bed.cloud.state.applicationCredentials.map((one) => one.id)
  const { code, err } = await bed.run('rotate', file, '--account', 'svc', '--yes')
  expect(code, err).toBe(0)
  expect(await secret('acme-svc.secret')).not.toBe(old)
  const now = bed.cloud.state.applicationCredentials.map((one) => ({ name: one.name, id: one.id }))
  expect(now.map(({ name }) => name)).toEqual(['acme-svc'])
  expect(oldIds).not.toContain(now[0]?.id)
  expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
})

test('nothing is done without a yes, and what would end is said', async () => {
  const old = await secret('cluster.password')
  const { code, err } = await bed.run('rotate', file, '--account', 'cluster')
  expect(code).toBe(2)
  expect(err).toContain('all tokens of acme-cluster end')
  expect(await secret('cluster.password')).toBe(old)
  expect(await works('acme-cluster', old)).toBe(true)
})

describe('when the data directory is lost', () => {
  beforeEach(() => rm(home, { recursive: true }))

  test('the operator resets the manager, and the manager the others', async () => {
    const first = await bed.run('rotate', file, '--account', 'svc', '--yes')
    expect(first.code).toBe(3)
    expect(first.out).toContain('`rotate --account domain-admin` first')
    for (const account of ['domain-admin', 'cluster', 'svc']) {
      const { code, out, err } = await bed.run('rotate', file, '--account', account, '--yes')
      expect(code, err).toBe(0)
      expect(out).toContain('the old one was not known here')
    }
    expect(await works('acme-cluster', await secret('cluster.password'))).toBe(true)
    // the private half of the keypair is no password: nobody can set it again
    const { out } = await bed.run('plan', file)
    expect(out).toContain('its private half is not in the data directory')
    expect(out).not.toContain('plan/cannot-look')
  })
})

test('an account of that name that somebody else made is left alone', async () => {
  const user = bed.cloud.state.users.find((one) => one.name === 'acme-cluster')
  if (user === undefined) throw new Error('apply made no account')
  bed.cloud.state.users.set(user.id, { ...user, extra: { ...user.extra, description: 'mine' } })
  const old = await secret('cluster.password')
  const { code, out } = await bed.run('rotate', file, '--account', 'cluster', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('rotate/not-ours')
  expect(await works('acme-cluster', old)).toBe(true)
})

test('a password that was delivered is delivered again after it was reset, and only when told so', async () => {
  await bed.run('handover', file)
  await bed.run('rotate', file, '--account', 'domain-admin', '--yes')
  expect((await bed.run('handover', file)).code).toBe(3)
  const { code } = await bed.run('handover', file, '--again')
  expect(code).toBe(0)
  const files = await filesBelow(join(home, 'handover'))
  expect(files.get(join(home, 'handover', 'secure.yaml'))).toContain(await secret('domain-admin.password'))
})
