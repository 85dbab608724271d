import { afterEach, expect, test } from 'vitest'
import { acquireLock } from '../../src/tenant/lock.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { createAuthority } from '../openstack/certificates.ts'
import { exampleTenant, openSimulated, openTestBed, operatorOf } from './test-bed.ts'
import type { TestBed } from './test-bed.ts'

const opened: TestBed[] = []

async function open(seed?: Seed) {
  const bed = await openSimulated(seed)
  opened.push(bed)
  return bed
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((bed) => bed.remove()))
})

/** The same cloud with nothing wrong takes the tenant: a refusal below is of what was changed, not of everything. */
test('the tenant of these stories is taken by a cloud that lacks nothing', async () => {
  const bed = await open()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('preflight', file)
  expect(out).toContain('preflight passed')
  expect(code).toBe(0)
})

const good = { name: 'k8s', visibility: 'public', properties: { os_distro: 'ubuntu', kube_version: 'v1.30' } } as const

test.each<[string, Seed, (text: string) => string, string]>([
  ['no free floating IP', { faults: ['no-addresses'] }, same, 'addresses are free and 3 are needed'],
  [
    'no Magnum-ready image',
    { faults: ['image-without-kube-version'] },
    same,
    'no public image has `os_distro` and `kube_version`',
  ],
  ['two images of a name', { images: [good, good] }, withOverride('image: k8s'), '2 public images have this name'],
  ['a flavor too small', {}, withOverride('flavor: m1.tiny'), 'Kubernetes needs 2 and 2048'],
  [
    'an external network that is not there',
    {},
    withOverride('external_network: nowhere'),
    'there is no external network of this name',
  ],
  [
    'a prefix that overlaps one of the cloud',
    {},
    (text) => text.replace('10.20.24.0/24', '203.0.0.0/16'),
    '203.0.0.0/16 overlaps 203.0.113.0/24',
  ],
  [
    'a lost magnum_domain_admin',
    { faults: ['magnum-domain-admin-lost'] },
    same,
    'no account holds admin on it, so Magnum cannot make trustees',
  ],
  ['a wrong clock', { faults: ['clock-skew'] }, same, "the cloud's clock is"],
])('%s: exit 3, said plainly, nothing changed', async (_, seed, change, message) => {
  const bed = await open(seed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme', change))
  const domains = bed.cloud.state.domains.size
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(out + err).toContain(message)
  expect(code).toBe(3)
  expect(out).toContain('nothing was changed')
  expect(bed.cloud.state.domains.size).toBe(domains)
})

test.each<[string, (text: string) => string, string]>([
  [
    'an unknown key',
    (text) => text.replace('tenant: acme', 'tenant: acme\ntenannt: x'),
    'unknown key `tenannt` (did you mean `tenant`?)',
  ],
  ['a wrong prefix', (text) => text.replace('10.20.24.0/24', '10.20.24.0/33'), 'is not an IPv4 prefix'],
  ['a missing unit', (text) => text.replace('50 GiB', '51200'), 'has no unit; write `51200 GiB` or `51200 MiB`'],
  [
    'a duplicate key',
    (text) => text.replace('tenant: acme', 'tenant: acme\ntenant: other'),
    'key `tenant` is defined twice',
  ],
])('%s: exit 2, with its place, and nothing is asked', async (_, change, message) => {
  const bed = await open()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme', change))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(err).toContain(message)
  expect(err).toMatch(/tenant\.yaml:\d+:\d+: /)
  expect(code).toBe(2)
  expect(bed.sent).toEqual([])
})

test('a file that is not there: exit 2', async () => {
  const bed = await open()
  expect(await bed.run('plan', 'nowhere.yaml')).toMatchObject({ code: 2, err: 'there is no file `nowhere.yaml`\n' })
})

test('a wrong password: exit 4 in the words of Keystone', async () => {
  const right = await open()
  const wrong = await openTestBed(
    { ...operatorOf(right.cloud), OS_PASSWORD: 'wrong' },
    right.cloud.fetch,
    {},
    right.clock,
  )
  opened.push(wrong)
  const file = await wrong.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await wrong.run('preflight', file)
  expect(err).toMatch(
    /identity: POST \S+\/v3\/auth\/tokens answered 401 \(req-[0-9a-f-]+\) to admin@Default, project admin@Default: The request you have made requires authentication/,
  )
  expect(code).toBe(4)
  expect((await right.run('preflight', file)).code).toBe(0)
})

test('a CA that cannot be read, or is none: exit 2 before anything is asked', async () => {
  const bed = await open()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  for (const [text, message] of [
    [undefined, 'the CA cannot be read'],
    ['not a certificate', 'this file has no certificate'],
    [(await createAuthority({ days: -1 })).pem, 'expired'],
  ] as const) {
    const ca = text === undefined ? `${bed.folder}/nowhere.pem` : await bed.write('ca.pem', text)
    const other = await openTestBed({ ...operatorOf(bed.cloud), OS_CACERT: ca }, bed.cloud.fetch, {}, bed.clock)
    opened.push(other)
    const { code, err } = await other.run('preflight', file)
    expect(err).toContain(message)
    expect(code).toBe(2)
    expect(other.sent).toEqual([])
  }
})

test('an endpoint that does not answer: exit 4, and which', async () => {
  const bed = await openTestBed(
    {
      OS_AUTH_URL: 'http://127.0.0.1:9/v3',
      OS_USERNAME: 'a',
      OS_PASSWORD: 'b',
      OS_USER_DOMAIN_NAME: 'c',
      OS_PROJECT_NAME: 'd',
      OS_PROJECT_DOMAIN_NAME: 'c',
    },
    () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' })),
  )
  opened.push(bed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('preflight', file)
  expect(err).toContain('127.0.0.1:9 refuses the connection')
  expect(code).toBe(4)
})

test('a dead create rule is found before anything of the tenant is made', async () => {
  const bed = await open({ preset: 'caracal-charmed' })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('apply', file, '--yes')
  expect(code).toBe(3)
  expect(out).toContain('the gate of preflight does not hold')
  expect(out).toMatch(/cloud\/(dead-create-rule|persona-missing)/)
  expect(out).toContain('cloud/dead-trust-rule')
  expect(bed.cloud.state.domains.find((domain) => domain.name === 'acme')).toBeUndefined()
})

test('the second of two commands at once stops with exit 4 and says who holds the tenant', async () => {
  const bed = await open()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const lock = await acquireLock(`${bed.folder}/tenant-onboard/lab/acme`, 'apply, pid 42')
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(err).toContain('another command works on this tenant: apply, pid 42')
  expect(code).toBe(4)
  expect(bed.sent).toEqual([])
  await lock.release()
  expect((await bed.run('apply', file, '--yes', '--until', 'domain')).code).toBe(0)
})

test('a stage that does not exist is a usage error with a suggestion', async () => {
  const bed = await open()
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect(await bed.run('apply', file, '--until', 'netwrok')).toMatchObject({
    code: 2,
    err: 'there is no stage `netwrok` (did you mean `network`?)\n',
  })
  expect((await bed.run('aply', file)).code).toBe(2)
})

function same(text: string): string {
  return text
}

function withOverride(line: string): (text: string) => string {
  return (text) => text.replace('projects:', `overrides:\n  ${line}\nprojects:`)
}

test('what the operator accepts in cloud.yaml is told and goes through: a Keystone below the fixes', async () => {
  const bed = await open({ preset: 'caracal-unpatched', isPersonaBuilt: true })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const refused = await bed.run('apply', file, '--yes', '--until', 'domain')
  expect(refused.code).toBe(3)
  expect(refused.out).toContain('error cloud/forged-target')
  const accepting = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', withOverride('accepted_findings: [cloud/forged-target, cloud/escalation]')),
  )
  const { code, out } = await bed.run('apply', accepting, '--yes', '--until', 'domain', '-o', 'json')
  expect(code, out).toBe(0)
  expect(out).toContain('does not hold; accepted in cloud.yaml')
})
