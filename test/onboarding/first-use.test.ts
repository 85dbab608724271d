/** Clouds where a password that another account has set may only be exchanged. */
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cp, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import type { SecurityCompliance } from '../../src/simulator/profile.ts'
import { exampleTenant, openSimulated, openTestBed, operatorOf } from './test-bed.ts'
import type { SimulatedTestBed, TestBed } from './test-bed.ts'

const beds: TestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

const rules: SecurityCompliance = {
  change_password_upon_first_use: true,
  minimum_password_age: 1,
  unique_last_password_count: 5,
}

async function openStrict(securityCompliance = rules): Promise<SimulatedTestBed> {
  const bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, securityCompliance })
  beds.push(bed)
  await bed.write('acme.yaml', (await exampleTenant('acme')).replace(/    template:[^]*$/, ''))
  return bed
}

async function succeed(bed: TestBed, ...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await bed.run(...argv)
  expect(code, `${argv.join(' ')}: ${out}${err}`).toBe(0)
  return out
}

const secretsOf = ({ folder }: TestBed): string => join(folder, 'tenant-onboard', 'lab', 'acme', 'secrets')
const apply = ['apply', 'acme.yaml', '--yes'] as const

/** Of each account, whether Keystone takes the stored password, asked by name as its user would. */
async function signIns(bed: SimulatedTestBed): Promise<readonly number[]> {
  const accounts = { 'domain-admin': 'acme-domain-admin', cluster: 'acme-cluster', svc: 'acme-svc' }
  return Promise.all(
    Object.entries(accounts).map(async ([file, name]) => {
      const password = (await readFile(join(secretsOf(bed), `${file}.password`), 'utf8')).trimEnd()
      const user = { name, domain: { name: 'acme' }, password }
      const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } })
      const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
      const { status } = await bed.cloud.fetch(`${bed.cloud.url.replace(/\/v3$/, '')}/v3/auth/tokens`, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: new AbortController().signal,
      })
      return status
    }),
  )
}

/** Nothing of an unfinished exchange is left. */
async function isTidy(bed: TestBed): Promise<boolean> {
  return (await readdir(secretsOf(bed))).every((name) => !/\.(?:first|next)$/.test(name))
}

test('the whole way of a tenant', async () => {
  const bed = await openStrict()
  await succeed(bed, 'preflight', 'acme.yaml', '--probe')
  await succeed(bed, ...apply)
  expect(await signIns(bed)).toEqual([201, 201, 201])
  expect(await isTidy(bed)).toBe(true)
  expect(await succeed(bed, ...apply)).toContain('acme matches its file')
  await succeed(bed, 'diagnose', 'acme.yaml')
  await succeed(bed, 'verify', 'acme.yaml')
  await succeed(bed, 'audit', 'acme.yaml')
  for (const account of ['domain-admin', 'cluster', 'svc']) {
    await succeed(bed, 'rotate', 'acme.yaml', '--account', account, '--yes')
    expect(await signIns(bed), account).toEqual([201, 201, 201])
    expect(await isTidy(bed), account).toBe(true)
  }
  expect(await succeed(bed, ...apply)).toContain('acme matches its file')
  await succeed(bed, 'handover', 'acme.yaml')
  await succeed(bed, 'offboard', 'acme.yaml', '--confirm', 'acme')
})

test('a handover is accepted, and the tenant rotates its own accounts', async () => {
  const bed = await openStrict()
  const identity = await generateIdentity()
  const sealed = `handover:\n  recipient: ${await identityToRecipient(identity)}\n`
  await bed.write('acme.yaml', (await readFile(join(bed.folder, 'acme.yaml'), 'utf8')) + sealed)
  await succeed(bed, ...apply, '--until', 'domain')
  await succeed(bed, 'handover', 'acme.yaml', '--yes')
  const tenant = await openTestBed({}, bed.cloud.fetch, {}, bed.clock)
  beds.push(tenant)
  await cp(join(bed.folder, 'acme.yaml'), join(tenant.folder, 'acme.yaml'))
  await tenant.write('identity.txt', identity)
  const name = 'acme-handover.zip.age'
  await cp(join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'handover', name), join(tenant.folder, name))
  await succeed(tenant, 'accept', name, 'acme.yaml', '--identity', 'identity.txt', '--yes')
  await succeed(tenant, 'rotate', 'acme.yaml', '--account', 'cluster', '--yes')
  expect(await isTidy(tenant)).toBe(true)
  // what the operator sees of an account whose password it does not have is no change
  expect(await succeed(bed, 'plan', 'acme.yaml')).not.toContain('expired')
})

/** A process is killed at the change of a password: nothing that it sends later arrives. */
function cut(fetch: Fetch, when: 'after' | 'before', line: { isWhole: boolean; isArmed: boolean }): Fetch {
  return async (url, init) => {
    const lost = new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
    if (!line.isWhole) throw lost
    const isChange = init.method === 'POST' && /\/users\/[0-9a-f]+\/password$/.test(new URL(url).pathname)
    if (!isChange || !line.isArmed) return fetch(url, init)
    line.isWhole = false
    if (when === 'after') await fetch(url, init)
    throw lost
  }
}

test.each(['after', 'before'] as const)(
  'a run that ends %s the change is finished by the same command',
  async (when) => {
    const bed = await openStrict()
    const line = { isWhole: true, isArmed: false }
    const other = await openTestBed(operatorOf(bed.cloud), cut(bed.cloud.fetch, when, line), {}, bed.clock)
    beds.push(other)
    await cp(join(bed.folder, 'acme.yaml'), join(other.folder, 'acme.yaml'))
    // the throwaway accounts of its probes are changed here, and no other
    await succeed(other, 'preflight', 'acme.yaml', '--probe')
    line.isArmed = true
    expect((await other.run(...apply)).code).toBe(4)
    Object.assign(line, { isWhole: true, isArmed: false })
    const folder = other.folder
    expect(await isTidy(other)).toBe(false)
    expect((await other.run('handover', 'acme.yaml')).err).toContain('first run `apply` again')
    expect(await succeed(other, 'plan', 'acme.yaml')).toContain(
      when === 'after' ? 'password: exchanged, not confirmed -> confirmed' : 'password: expired -> a new one',
    )
    expect(await succeed(other, ...apply)).toContain('acme matches its file')
    expect(await signIns({ ...bed, folder })).toEqual([201, 201, 201])
    expect(await isTidy(other)).toBe(true)
  },
)

/** The answer to each change of a password is lost, after its effect or before it. */
function losing(fetch: Fetch, when: 'after' | 'before', left: { times: number }): Fetch {
  return async (url, init) => {
    const isChange = init.method === 'POST' && /\/users\/[0-9a-f]+\/password$/.test(new URL(url).pathname)
    if (!isChange || left.times === 0) return fetch(url, init)
    left.times -= 1
    if (when === 'after') await fetch(url, init)
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) })
  }
}

test.each(['after', 'before'] as const)('an answer lost %s the change', async (when) => {
  const bed = await openStrict()
  const left = { times: 0 }
  const lossy = await openTestBed(operatorOf(bed.cloud), losing(bed.cloud.fetch, when, left), {}, bed.clock)
  beds.push(lossy)
  await cp(join(bed.folder, 'acme.yaml'), join(lossy.folder, 'acme.yaml'))
  await succeed(lossy, ...apply, '--until', 'domain')
  left.times = 1
  const { code } = await lossy.run(...apply)
  expect(left.times).toBe(0)
  if (code !== 0) await succeed(lossy, ...apply)
  expect(await succeed(lossy, ...apply)).toContain('acme matches its file')
  expect(await signIns({ ...bed, folder: lossy.folder })).toEqual([201, 201, 201])
  expect(await isTidy(lossy)).toBe(true)
})

test('a password whose days are over is a change, and the next apply makes it', async () => {
  const bed = await openStrict({ password_expires_days: 1 })
  await succeed(bed, ...apply)
  expect(await succeed(bed, 'plan', 'acme.yaml')).not.toContain('expired')
  await bed.clock.sleep(25 * 3_600_000)
  expect(await signIns(bed)).toEqual([401, 401, 401])
  expect(await succeed(bed, 'plan', 'acme.yaml')).toContain('password: expired -> a new one')
  await succeed(bed, ...apply)
  expect(await signIns(bed)).toEqual([201, 201, 201])
  expect(await isTidy(bed)).toBe(true)
})

test('whether clusters can be made there is not shown, unless the operator accepts that', async () => {
  const bed = await openStrict()
  await bed.write('acme.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('preflight', 'acme.yaml', '--probe')
  expect(code, out).toBe(3)
  expect(out).toContain('not shown cloud/first-use')
  const accept = 'overrides:\n  accepted_findings: [cloud/first-use]\n'
  await bed.write('acme.yaml', await exampleTenant('acme', (text) => text + accept))
  await succeed(bed, 'preflight', 'acme.yaml', '--probe')
})

/** As Keystone answers whatever the password is. */
const expired = JSON.stringify({
  error: { code: 401, title: 'Unauthorized', message: 'The password is expired and needs to be changed for user: 1.' },
})

test.each([
  ['where an account may not change its password', /\/password$/],
  ['where no row tells that a password is expired', /\/auth\/tokens$/],
] as const)('%s, that is no verdict on a policy', async (_, path) => {
  const bed = await openStrict(path.test('/auth/tokens') ? {} : rules)
  const isAdmin = (body: string): boolean => body.includes(bed.cloud.admin.password)
  const stubborn: Fetch = (url, init) => {
    const body = Buffer.from(init.body ?? '').toString()
    if (init.method !== 'POST' || !path.test(new URL(url).pathname) || isAdmin(body)) return bed.cloud.fetch(url, init)
    return Promise.resolve({ status: 401, headers: new Headers(), body: bytes(expired) })
  }
  const refused = await openTestBed(operatorOf(bed.cloud), stubborn, {}, bed.clock)
  beds.push(refused)
  await cp(join(bed.folder, 'acme.yaml'), join(refused.folder, 'acme.yaml'))
  for (const command of [
    ['preflight', 'acme.yaml', '--probe'],
    ['diagnose', 'acme.yaml'],
    ['apply', 'acme.yaml', '--yes'],
  ]) {
    const { code, out, err } = await refused.run(...command)
    expect(out + err).toContain('password is expired')
    expect(out + err).not.toMatch(/dead-|refused: 401|OSSA-2026-015\) keeps|persona-missing|attach the/)
    expect(code, out + err).not.toBe(0)
  }
})

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}
