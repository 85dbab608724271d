import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TenantSide } from '../../src/self-service/tenant-side.ts'
import { exampleTenant, filesBelow, openSimulated, openTestBed } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed, TestBed } from '../onboarding/test-bed.ts'

let identity: string
let recipient: string
let operator: SimulatedTestBed
let tenant: TestBed
let file: string

beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})

beforeEach(async () => {
  operator = await openSimulated()
  // another machine, on which anyone who reads an operator's variable or clouds.yaml is found out
  tenant = await openTestBed(trapped(), operator.cloud.fetch, {}, operator.clock)
  await tenant.write('clouds.yaml', 'clouds: [this is no clouds.yaml')
  const text = await exampleTenant('acme', (old) => `${old}handover:\n  recipient: ${recipient}\n`)
  file = await operator.write('tenant.yaml', text)
  await tenant.write('tenant.yaml', text)
  await tenant.write('identity.txt', `# created by age-keygen\n${identity}\n`)
})

afterEach(async () => {
  await operator.remove()
  await tenant.remove()
})

function trapped(): Record<string, string> {
  return new Proxy<Record<string, string>>(
    {},
    {
      get(_, name) {
        if (typeof name === 'string' && name.startsWith('OS_')) throw new Error(`the variable ${name} was read`)
        return undefined
      },
    },
  )
}

async function deliver(): Promise<string> {
  await operator.run('apply', file, '--yes', '--until', 'domain')
  const { code, err } = await operator.run('handover', file, '--yes')
  expect(code, err).toBe(0)
  const path = join(tenant.folder, 'acme-handover.zip.age')
  await cp(join(operator.folder, 'tenant-onboard', 'lab', 'acme', 'handover', 'acme-handover.zip.age'), path)
  return path
}

const accept = (handover: string, ...more: readonly string[]) =>
  tenant.run('accept', handover, 'tenant.yaml', '--identity', 'identity.txt', '--yes', ...more)

describe('from the sealed handover and the tenant file alone', () => {
  test('the tenant gets to its cluster, and no request is an operator`s', async () => {
    const path = await deliver()
    const { code, out, err } = await accept(path)
    expect(code, err + out).toBe(0)
    expect(out).toContain('acme was onboarded from its handover alone')
    expect(operator.cloud.state.clusters.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'acme-cluster CREATE_COMPLETE',
    ])
    const users = new Set(tenant.sent.map(({ user }) => user))
    expect([...users].filter((user) => user !== undefined).sort()).toEqual([
      'acme-cluster',
      'acme-domain-admin',
      'acme-svc',
    ])
    // the same again finds everything as asked
    const before = tenant.sent.length
    const again = await accept(path)
    expect(again.code, again.err).toBe(0)
    expect(again.out).toContain('nothing had to be changed')
    const changing = tenant.sent
      .slice(before)
      .filter(({ method, path: of }) => method !== 'GET' && !of.endsWith('/auth/tokens'))
    expect(changing).toEqual([])
  })

  test('every place where an operator would read is listed, with its class and what was done', async () => {
    const { out } = await accept(await deliver(), '-o', 'json')
    const { withoutOperator, identities } = JSON.parse(out) as {
      withoutOperator: { stage: string; what: string; reach: string; instead: string }[]
      identities: { user: string; roles: string[] }[]
    }
    expect(new Set(withoutOperator.map(({ stage }) => stage))).toEqual(
      new Set(['preflight', 'domain', 'self-service', 'isolation', 'cluster']),
    )
    expect(new Set(withoutOperator.map(({ reach }) => reach))).toEqual(new Set(['perimeter', 'tenant could']))
    for (const { instead } of withoutOperator) expect(instead).not.toBe('')
    expect(identities.map(({ user }) => user)).toEqual(['acme-domain-admin', 'acme-cluster', 'acme-svc'])
    expect(identities.flatMap(({ roles }) => roles)).not.toContain('admin')
  })

  test('its data directory is its own: status, the three rotations, and a handover that works', async () => {
    const path = await deliver()
    await accept(path)
    const status = await tenant.run('status', 'tenant.yaml', '--exit-code')
    expect(status.code, status.out).toBe(0)
    for (const account of ['cluster', 'svc', 'domain-admin']) {
      const { code, err } = await tenant.run('rotate', 'tenant.yaml', '--account', account, '--yes')
      expect(code, err).toBe(0)
    }
    const home = join(tenant.folder, 'tenant-onboard', 'lab', 'acme')
    // the files still name the evidence that the operator handed over with
    const evidence = await readFile(join(operator.folder, 'tenant-onboard', 'lab', 'acme', 'evidence.jsonl'), 'utf8')
    const head = /`(sha256:[0-9a-f]{64})`/.exec(await readFile(join(home, 'handover', 'README.md'), 'utf8'))?.[1]
    expect(evidence).toContain(`"hash":"${head ?? 'none'}"`)
    const users = new Set(tenant.sent.map(({ user }) => user).filter((user) => user !== undefined))
    expect(users.has('admin')).toBe(false)
    // what was received no longer signs in, and the data directory has what does
    const again = await accept(path)
    expect(again.code, again.err).toBe(0)
    const password = (await readFile(join(home, 'secrets', 'domain-admin.password'), 'utf8')).trim()
    expect(await readFile(join(home, 'handover', 'secure.yaml'), 'utf8')).toContain(password)
    await rm(home, { recursive: true })
    const stale = await accept(path)
    expect(stale.code).toBe(3)
    expect(stale.out).toContain('handover/sign-in-refused')
  })

  test('quotas are the operator`s: a warning until it sets them, and then as asked', async () => {
    const path = await deliver()
    expect((await accept(path)).out).toContain('accept/quota-not-set')
    const { code, err } = await operator.run('apply', file, '--yes')
    expect(code, err).toBe(0)
    expect((await accept(path)).out).not.toContain('accept/quota-not-set')
  })
})

test('what an operator had made already stays as it is', async () => {
  await operator.run('apply', file, '--yes')
  const ids = operator.cloud.state.clusters.map(({ uuid }) => uuid)
  const path = await deliver()
  const { code, out, err } = await accept(path)
  expect(code, err + out).toBe(0)
  expect(out).toContain('nothing had to be changed')
  expect(operator.cloud.state.clusters.map(({ uuid }) => uuid)).toEqual(ids)
})

test('a handover that signs in as an operator is refused before anything is done', async () => {
  const { admin, url, region } = operator.cloud
  const folder = join(tenant.folder, 'given')
  await mkdir(folder)
  const auth = {
    auth_url: url,
    username: admin.name,
    user_domain_name: admin.userDomain,
    project_name: admin.project,
    project_domain_name: admin.projectDomain,
  }
  await writeFile(
    join(folder, 'clouds.yaml'),
    JSON.stringify({ clouds: { 'acme-domain-admin': { auth, region_name: region } } }),
  )
  await writeFile(
    join(folder, 'secure.yaml'),
    JSON.stringify({ clouds: { 'acme-domain-admin': { auth: { password: admin.password } } } }),
  )
  const { code, out } = await tenant.run('accept', folder, 'tenant.yaml', '--yes')
  expect(code).toBe(3)
  expect(out).toContain('handover/operator-session')
  expect(tenant.sent.filter(({ path }) => !path.endsWith('/auth/tokens'))).toEqual([])
  expect(await filesBelow(join(tenant.folder, 'tenant-onboard')).catch(() => new Map())).toEqual(new Map())
})

test('the data directory of an operator is no clean room', async () => {
  const path = await deliver()
  await operator.write('identity.txt', identity)
  const { code, err } = await operator.run('accept', path, file, '--identity', 'identity.txt', '--yes')
  expect(code).toBe(2)
  expect(err).toContain("is an operator's data directory")
})

test('in a tenant`s own data directory the commands of an operator are refused before they look for one', async () => {
  await accept(await deliver())
  for (const command of ['plan', 'apply']) {
    const { code, err } = await tenant.run(command, 'tenant.yaml')
    expect([command, code, err]).toEqual([
      command,
      2,
      expect.stringContaining("is the tenant's own data directory, made by `accept`"),
    ])
  }
  // the same command where there is an operator
  expect((await operator.run('plan', file)).code).toBe(0)
})

test('a sealed file wants the right identity', async () => {
  const path = await deliver()
  expect((await tenant.run('accept', path, 'tenant.yaml', '--yes')).err).toContain('give your age identity file')
  await tenant.write('other.txt', await generateIdentity())
  const { code, err } = await tenant.run('accept', path, 'tenant.yaml', '--identity', 'other.txt', '--yes')
  expect(code).toBe(2)
  expect(err).toContain('no identity matched')
})

test('the types hold no operator on the tenant`s side', () => {
  const open = (side: TenantSide) => {
    // @ts-expect-error an operator's session cannot be opened there
    side.open('operator', { kind: 'token', token: side.given, scope: { kind: 'default' } })
    // @ts-expect-error and there is none to take
    return side.operator as unknown
  }
  expect(open).toBeTypeOf('function')
})

test('a tenant that has lost its data directory is told how to get back, and does', async () => {
  const path = await deliver()
  await accept(path)
  const { clusters } = operator.cloud.state
  const ids = clusters.map(({ uuid }) => uuid)
  await rm(join(tenant.folder, 'tenant-onboard'), { recursive: true })
  const lost = await accept(path)
  expect(lost.code).toBe(3)
  expect(lost.out).toContain('`rotate --account cluster`')
  for (const account of ['cluster', 'svc']) {
    const { code, err } = await tenant.run('rotate', 'tenant.yaml', '--account', account, '--yes')
    expect(code, err).toBe(0)
  }
  // all but the private half of the keypair, which nobody can set again
  const back = await accept(path)
  expect(back.out).toContain('its private half is not in the data directory')
  expect(back.out).not.toContain('plan/cannot-look')
  expect(clusters.map(({ uuid }) => uuid)).toEqual(ids)
})
