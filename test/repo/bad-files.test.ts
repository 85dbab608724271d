/**
 * Files that are no such files: each ends a command with exit 2, the file, the line where there is one, and what to do. In less
 * than a second, and never as a bug.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { judgeCertificate, generateClientKey, isClientKey } from '../../src/kubernetes/client-certificate.ts'
import { checkCa } from '../../src/openstack/ca.ts'
import { parseCloudsYaml } from '../../src/openstack/clouds-yaml.ts'
import { zippedOverride } from '../../src/policy-delivery/backends/unzip.ts'
import { Secret } from '../../src/secret.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { unzip } from '../../src/tenant/unzip.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated()
})

afterEach(() => bed.remove())

const small = 'version: 1\ntenant: acme\ncloud: lab\nprojects:\n  - name: prod\n'
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij')
  .map((one, at) => `${one}: &${one} [${Array.from({ length: 9 }, () => `*${'abcdefghi'.charAt(at)}`).join(',')}]`)
  .join('\n')}\n${small}`

const texts: readonly (readonly [what: string, content: string | Buffer, says: RegExp])[] = [
  [
    'an alias without its anchor',
    small.replace('acme', '*nope'),
    /^tenant\.yaml:2:9: there is no anchor `&nope` .*needs quotes/,
  ],
  ['an alias bomb', bomb, /^tenant\.yaml:\d+: its aliases make too many copies \(write the values/],
  ['30 kB of brackets', `${small}x: ${'['.repeat(30_000)}`, /^tenant\.yaml:6: this is nested in more than 64 levels/],
  [
    '30 kB of maps in a row',
    `${small}x: ${'{a: '.repeat(8_000)}`,
    /^tenant\.yaml:6: this is nested in more than 64 levels/,
  ],
  [
    '30 kB of dashes',
    `${small}x:\n${'- '.repeat(15_000)}1\n`,
    /^tenant\.yaml:7: this is nested in more than 64 levels/,
  ],
  [
    'a staircase of keys',
    `${small}x:\n${Array.from({ length: 700 }, (_, at) => `${' '.repeat(at + 1)}a:\n`).join('')}`,
    /^tenant\.yaml:\d+: this is nested in more than 64 levels/,
  ],
  [
    'several documents',
    `${small}---\n${small}`,
    /^tenant\.yaml:6:1: this file has several documents \(one file is one document/,
  ],
  [
    '60,000 unknown keys',
    `${small}${Array.from({ length: 60_000 }, (_, at) => `key${at}: 1\n`).join('')}`,
    /^tenant\.yaml:20001: this file has more than 20000 lines/,
  ],
  [
    '15,000 unknown keys',
    `${small}${Array.from({ length: 15_000 }, (_, at) => `key${at}: 1\n`).join('')}`,
    /^tenant\.yaml:6:1: unknown key `key0`.*\n[^]*more problems/,
  ],
  [
    '15,000 times the same key',
    `${small}${'tenant: acme\n'.repeat(15_000)}`,
    /^tenant\.yaml:6:1: key `tenant` is defined twice[^]*more problems/,
  ],
  [
    'UTF-16',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(small, 'utf16le')]),
    /^tenant\.yaml:1: this file is UTF-16 \(save it as text in UTF-8\)/,
  ],
  [
    'Latin-1',
    Buffer.from(`${small}description: Z\xfcrich\n`, 'latin1'),
    /^tenant\.yaml:6: this file is not UTF-8 \(save it/,
  ],
  [
    'a program',
    Buffer.concat([Buffer.from('\x7fELF\x02\x01'), Buffer.alloc(4000)]),
    /^tenant\.yaml:1: this file is not text: it has a zero byte/,
  ],
  [
    'five megabytes',
    `${small}${'# a comment\n'.repeat(500_000)}`,
    /^tenant\.yaml: this file has 60000\d\d bytes, and at most 4194304 are read/,
  ],
]

test.each(texts)('a tenant file that is %s', async (_, content, says) => {
  await writeFile(join(bed.folder, 'tenant.yaml'), content)
  const started = process.cpuUsage()
  const { code, err } = await bed.run('status', 'tenant.yaml')
  expect(secondsSince(started)).toBeLessThan(1)
  expect(err.replaceAll(`${bed.folder}/`, '')).toMatch(says)
  expect(code).toBe(2)
})

test('anchors, aliases and merge keys are allowed, and a file with them is as good as one without', async () => {
  const written = `${small}    network: &net { cidr: 10.40.0.0/24, dns: [9.9.9.9] }\n  - name: dev\n    network: { <<: *net, cidr: 10.41.0.0/24 }\n`
  const spec = parseSpec('tenant.yaml', written)
  expect(spec.projects.map(({ network }) => network)).toEqual([
    { cidr: '10.40.0.0/24', dns: ['9.9.9.9'] },
    { cidr: '10.41.0.0/24', dns: ['9.9.9.9'] },
  ])
  await bed.write('tenant.yaml', written)
  expect((await bed.run('status', 'tenant.yaml')).code).toBe(0)
})

/** Of this process: others on the machine do not count. */
function secondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e6
}

const places: readonly (readonly [what: string, path: string, argv: string])[] = [
  ['the tenant file', 'tenant.yaml', 'status tenant.yaml'],
  ['cloud.yaml', 'tenant-onboard/lab/cloud.yaml', 'status tenant.yaml'],
  ['clouds.yaml', 'clouds.yaml', 'plan tenant.yaml --cloud lab'],
  ['secure.yaml', 'secure.yaml', 'plan tenant.yaml --cloud lab'],
  ['the evidence', 'tenant-onboard/lab/acme/evidence.jsonl', 'status tenant.yaml'],
  ['a secret', 'tenant-onboard/lab/acme/secrets/domain-admin.password', 'apply tenant.yaml --yes'],
  ['a policy', 'policy.yaml', 'policy lint policy.yaml'],
  ['a table of audit', 'table.yaml', 'audit tenant.yaml --table table.yaml'],
  ['a sealed handover', 'sealed.age', 'accept sealed.age tenant.yaml --identity identity.txt'],
  ['an identity', 'identity.txt', 'accept other.age tenant.yaml --identity identity.txt'],
  ['a report to check', 'report.html', 'report tenant.yaml --check report.html'],
  ['a seed', 'seed.yaml', 'simulator serve --port 0 --seed seed.yaml'],
]
const strange: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ['a FIFO', (path) => Promise.resolve(void execFileSync('mkfifo', [path]))],
  ['an endless device', (path) => symlink('/dev/zero', path)],
  ['a folder', (path) => mkdir(path).then(() => undefined)],
]

test.each(places.flatMap(([what, path, argv]) => strange.map(([name, make]) => ({ what, path, argv, name, make }))))(
  '$name in place of $what',
  async ({ path, argv, make }) => {
    // `lab` is an entry of clouds.yaml where one is asked for; elsewhere the variables say where it is
    const isEntry = argv.includes('--cloud')
    await bed.write('tenant.yaml', await exampleTenant('acme'))
    await bed.write('other.age', 'age-encryption.org/v1')
    if (isEntry)
      await bed.write(
        'clouds.yaml',
        'clouds: { lab: { auth: { auth_url: "https://x.test", username: a, password: "abcdefgh" } } }',
      )
    if (!argv.includes('identity.txt') || path !== 'identity.txt') await bed.write('identity.txt', '# none\n')
    const place = join(bed.folder, path)
    await mkdir(join(place, '..'), { recursive: true, mode: 0o700 })
    await rm(place, { force: true })
    await make(place)
    const started = process.cpuUsage()
    const { code, err } = await bed.run(...argv.split(' '))
    expect(secondsSince(started)).toBeLessThan(2)
    expect(err).toMatch(
      /not an ordinary file|is a link|is a folder|cannot be read|age identity|cannot read|is not sealed/,
    )
    expect(code).toBe(2)
  },
)

test('a zip is judged by its names and sizes, before a byte is unpacked', () => {
  // 200 MB of zeros in 200 kB
  const large = zipSync({ 'policy.yaml': new Uint8Array(200 << 20) }, { level: 9 })
  const before = process.memoryUsage().arrayBuffers
  expect(() => unzip(large)).toThrow('more than 16777216 bytes')
  expect(zippedOverride(large)).toBeUndefined()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20)
  const many = zipSync(Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.yaml`, new Uint8Array(1)])))
  expect(() => unzip(many)).toThrow('more than 200 files')
  expect([...unzip(zipSync({ 'a.yaml': new Uint8Array([65]) })).keys()]).toEqual(['a.yaml'])
})

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`

test('garbage for a certificate or a key is refused, and never a bug', async () => {
  for (const text of ['', 'garbage', pem('garbage'), pem('AAAA'), pem(Buffer.alloc(300, 48).toString('base64'))])
    expect(() => checkCa(text, 'ca.pem', new Date())).toThrow(InputError)
  const key = new Secret(generateClientKey())
  const damaged = new Secret('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
  expect(isClientKey(key)).toBe(true)
  expect(isClientKey(damaged)).toBe(false)
  const ca = await readFile('test/openstack/golden/ca.pem', 'utf8').catch(() => pem('AAAA'))
  for (const [certificate, own] of [
    [pem('AAAA'), key],
    [ca, damaged],
    ['', damaged],
  ] as const)
    expect(judgeCertificate(certificate, own, ca, new Date()).isUsable).toBe(false)
})

test('clouds.yaml that is nested, or has an alias bomb, is a problem with its file', () => {
  for (const text of [`clouds: ${'['.repeat(30_000)}`, 'clouds: *nope\n', `${'- '.repeat(15_000)}1`]) {
    const started = process.cpuUsage()
    expect(
      parseCloudsYaml(text, 'clouds.yaml').problems.length + parseCloudsYaml(text, 'clouds.yaml').root.entries.size,
    ).toBeGreaterThan(0)
    expect(secondsSince(started)).toBeLessThan(1)
  }
})
