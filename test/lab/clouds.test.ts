/** The real openstacksdk reads the same configurations, and comes to the same. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { loadCloud } from '../../src/openstack/clouds.ts'
import type { CloudConfig } from '../../src/openstack/clouds.ts'
import { fc } from '../fast-check.ts'
import { cloudCases } from '../openstack/clouds-cases.ts'
import type { CloudCase } from '../openstack/clouds-cases.ts'
import { vendorNames } from '../../src/openstack/vendor-profiles.ts'
import { inWordsOfSdk } from '../openstack/clouds-words.ts'
import { sweptOf } from '../sweep-share.ts'

/** One process for all questions: each import of the SDK takes seconds. */
const sdk = spawn('/usr/bin/python3', [join(import.meta.dirname, 'clouds-oracle.py')], {
  env: { PATH: '/usr/bin:/bin' },
  stdio: ['pipe', 'pipe', 'inherit'],
})
const answers = createInterface({ input: sdk.stdout })[Symbol.asyncIterator]()
afterAll(() => {
  sdk.kill()
})

/** What the SDK of this machine makes of it. */
async function askSdk(one: Pick<CloudCase, 'files' | 'env' | 'cloud'>): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(join(tmpdir(), 'clouds-'))
  const home = join(folder, 'home')
  const cwd = join(folder, 'work')
  await mkdir(cwd, { recursive: true })
  for (const [path, text] of Object.entries(one.files ?? {})) {
    const file = path.startsWith('~/') ? join(home, path.slice(2)) : join(cwd, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const env = { PATH: '/usr/bin:/bin', HOME: home, ...one.env }
  sdk.stdin.write(`${JSON.stringify({ cwd, env, cloud: one.cloud })}\n`)
  const answer = await answers.next()
  await rm(folder, { recursive: true })
  return z.record(z.string(), z.unknown()).parse(JSON.parse(String(answer.value)))
}

test.each(cloudCases.map((one) => [one.name, one] as const))('the SDK agrees: %s', async (_, one) => {
  expect(await askSdk(one)).toEqual(one.expected)
})

/** The entry `a` of these files, and nothing of this machine. */
function loadFrom(files: Readonly<Record<string, string>>): Promise<CloudConfig> {
  const readText = (path: string): Promise<string | undefined> =>
    Promise.resolve(new Map(Object.entries(files)).get(path.replace('/here/', '')))
  return loadCloud({ name: 'a' }, { env: {}, home: '/nowhere', cwd: '/here', readText })
}

/** An entry with any mixture of what people write; domains are always there, because only `openstack` fills them in. */
const entries = fc.record(
  {
    region_name: fc.constantFrom('R1', 'R1,R2'),
    regions: fc.constantFrom(
      ['R1', 'R2'],
      [{ name: 'R1', values: { network_endpoint_override: 'https://r1.example' } }, 'R2'],
    ),
    interface: fc.constantFrom('public', 'internal', 'admin'),
    endpoint_type: fc.constantFrom('internalURL', 'adminURL'),
    verify: fc.constantFrom(true, false, '/etc/ssl/v.pem'),
    insecure: fc.boolean(),
    cacert: fc.constant('/etc/ssl/c.pem'),
    network_endpoint_override: fc.constant('https://n.example/v2.0'),
    'image-endpoint-override': fc.constant('https://i.example'),
    volumev3_endpoint: fc.constant('https://v.example'),
    // rackspace and catalyst are of Keystone v2, and vexxhost is fetched: all three are refused
    profile: fc.constantFrom(
      'house',
      'nobody',
      ...vendorNames.filter((name) => !['rackspace', 'catalyst', 'vexxhost'].includes(name)),
    ),
    cert: fc.constant('/etc/ssl/me.pem'),
    key: fc.constant('/etc/ssl/me.key'),
    project_domain_name: fc.constant('beside'),
    auth: fc.record(
      {
        auth_url: fc.constantFrom('https://a.example/v3', 'https://{region_name}.example'),
        username: fc.constant('u'),
        password: fc.constant('p'),
        user_domain_name: fc.constant('d'),
        project_domain_id: fc.constant('pd'),
        'project-name': fc.constant('q'),
        tenant_name: fc.constant('old'),
      },
      { requiredKeys: ['auth_url', 'username', 'password', 'user_domain_name', 'project_domain_id', 'project-name'] },
    ),
  },
  { requiredKeys: ['auth'] },
)
const house = 'public-clouds:\n  house:\n    region_name: H\n    interface: internal\n'

/**
 * Two spellings of one meaning: a domain by id and by name is signed in to by its id (keystoneauth1 5.1, identity/v3/base.py,
 * `Auth.get_auth_ref`), and `internalURL` is `internal`.
 */
function inOneSpelling(found: Readonly<Record<string, unknown>>): unknown {
  const { project_domain_name, ...rest } = found
  return {
    ...rest,
    interface: String(found['interface']).replace(/URL$/, ''),
    ...(!('project_domain_id' in rest) && project_domain_name !== undefined && { project_domain_name }),
  }
}

test('the SDK agrees on generated entries', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (entry) => {
      const files = { 'clouds.yaml': JSON.stringify({ clouds: { a: entry } }), 'clouds-public.yaml': house }
      const theirs = await askSdk({ files, cloud: 'a' })
      // without a region the SDK writes nothing there; here that is refused
      if (theirs['auth_url'] === 'https://.example') {
        await expect(loadFrom(files)).rejects.toThrow('none is chosen')
        return
      }
      const ours = await loadFrom(files)
      expect(inWordsOfSdk(ours), JSON.stringify(entry)).toEqual(inOneSpelling(theirs))
    }),
    { numRuns: sweptOf(400, 60) },
  )
})

test.each(vendorNames.filter((name) => !['rackspace', 'catalyst', 'vexxhost', 'bluebox'].includes(name)))(
  'the SDK agrees on its profile %s',
  async (profile) => {
    const auth = { username: 'u', password: 'p', project_id: 'q' }
    const files = { 'clouds.yaml': JSON.stringify({ clouds: { a: { profile, auth } } }) }
    const ours = await loadFrom(files)
    // without a domain the SDK leaves that of the user to `openstack`
    const { user_domain_id, ...rest } = inWordsOfSdk(ours)
    const { project_domain_name, ...theirs } = await askSdk({ files, cloud: 'a' })
    expect(rest).toEqual(theirs)
    expect(user_domain_id ?? 'default').toBe('default')
    expect(project_domain_name ?? 'Default').toBe('Default')
  },
)
