import { expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { InputError } from '../../src/errors.ts'
import { parseCloudsYaml } from '../../src/openstack/clouds-yaml.ts'
import { loadCloud } from '../../src/openstack/clouds.ts'
import type { CloudChoice, CloudSources } from '../../src/openstack/clouds.ts'
import { cloudCases } from './clouds-cases.ts'
import { inWordsOfSdk } from './clouds-words.ts'
import { failure } from './fake.ts'

function sources(
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): CloudSources {
  const byPath = new Map(
    Object.entries(files).map(([path, text]) => [path.replace(/^~/, '/home/op').replace(/^(?!\/)/, '/srv/'), text]),
  )
  return {
    env,
    home: '/home/op',
    cwd: '/srv',
    readText: (path) => Promise.resolve(byPath.get(path.replace(/^(?!\/)/, '/srv/'))),
  }
}

test.each(cloudCases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const config = await loadCloud({ name: one.cloud }, sources(one.files, one.env))
  expect(inWordsOfSdk(config)).toEqual(one.expected)
})

async function problems(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  choice: CloudChoice = {},
): Promise<string[]> {
  const error = await failure(loadCloud(choice, sources(files, env)))
  expect(error).toBeInstanceOf(InputError)
  return String(error instanceof Error ? error.message : error).split('\n')
}

test('every problem of an entry is told at once, each with its place', async () => {
  const text = `clouds:
  acme:
    interface: outside
    verify: perhaps
    auth:
      auth_url: keystone.acme.example
      username: operator
      project_name: admin
`
  expect(await problems({ 'clouds.yaml': text })).toEqual([
    '/srv/clouds.yaml:6:17: `auth_url` `keystone.acme.example` is not an http URL',
    '/srv/clouds.yaml:6:7: `password` is missing',
    '/srv/clouds.yaml:3:16: `interface` is `outside` (public, internal or admin)',
    '/srv/clouds.yaml:4:13: `verify` is `perhaps` (true or false)',
  ])
})

test.each([
  ['clouds: [', 'clouds.yaml:'],
  ['clouds:\n  a: {auth: {}}\n  a: {auth: {}}\n', '/srv/clouds.yaml:3:3: Map keys must be unique'],
  ['- a\n', '/srv/clouds.yaml:1:1: this is not a mapping with `clouds:`'],
  [
    'clouds:\n  a:\n    auth: {auth_url: https://a/v2.0, user_id: u, password: p}\n',
    'is that of Keystone v2 (end it in `/v3`)',
  ],
  [
    'clouds:\n  a:\n    auth_type: v3oidcpassword\n    auth: {auth_url: https://a}\n',
    '`auth_type` `v3oidcpassword` is not supported',
  ],
  [
    'clouds:\n  a:\n    auth_type: v3applicationcredential\n    auth: {auth_url: https://a}\n',
    '`application_credential_secret` is missing',
  ],
  [
    'clouds:\n  a:\n    profile: nobody\n    auth: {username: u, password: p}\n',
    '`auth_url` is missing (no profile `nobody` with one is in clouds-public.yaml or in openstacksdk',
  ],
  [
    'clouds:\n  a:\n    profile: vexxhost\n    auth: {username: u, password: p}\n',
    '/srv/clouds.yaml:3:14: the profile `vexxhost` is at https://vexxhost.com, and is not fetched (write what https://vexxhost.com/.well-known/openstack/api says',
  ],
  [
    'clouds:\n  a:\n    auth: {auth_url: "https://{region_name}.a", user_id: u, password: p}\n',
    'has the name of the region in it, and none is chosen (`region_name` in the entry, or --region)',
  ],
  [
    'clouds:\n  a:\n    profile: https://cloud.example\n    auth: {username: u, password: p}\n',
    'the profile `https://cloud.example` is at https://cloud.example, and is not fetched',
  ],
  [
    'clouds:\n  a:\n    profile: rackspace\n    auth: {username: u, password: p}\n',
    'the profile rackspace of openstacksdk:1:',
  ],
  ['', 'no cloud is configured (a clouds.yaml in one of /srv, /home/op/.config/openstack'],
])('%j is refused with what is wrong', async (text, message) => {
  expect((await problems({ 'clouds.yaml': text })).join('\n')).toContain(message)
})

const two = 'clouds:\n  acme-prod: {auth: {auth_url: https://a}}\n  other: {auth: {auth_url: https://b}}\n'

test('a cloud that is not there is refused with a suggestion', async () => {
  expect(await problems({ 'clouds.yaml': two }, {}, { name: 'acme' })).toEqual([
    '/srv/clouds.yaml: there is no cloud `acme` (did you mean `acme-prod`?)',
  ])
})

test('of several clouds one must be chosen', async () => {
  expect(await problems({ 'clouds.yaml': two })).toEqual([
    'which cloud? (--cloud or OS_CLOUD, one of: acme-prod, other)',
  ])
})

test('a file that OS_CLIENT_CONFIG_FILE names must be there', async () => {
  const message = await problems({ 'clouds.yaml': two }, { OS_CLIENT_CONFIG_FILE: '/nowhere.yaml' })
  expect(message).toEqual([
    '/nowhere.yaml: this file cannot be read; OS_CLIENT_CONFIG_FILE names it (check that it exists and that you may read it)',
  ])
})

test('a region that the entry does not have is refused', async () => {
  const text =
    'clouds:\n  a:\n    regions: [R1, R2]\n    auth: {auth_url: https://a, user_id: u, password: p, project_id: q}\n'
  expect(await problems({ 'clouds.yaml': text }, {}, { region: 'R3' })).toEqual([
    '/srv/clouds.yaml:3:14: two regions are named: `R3` by --region, and `R1`, `R2` by the entry of clouds.yaml (omit --region, or add that region to the `regions` of the entry)',
  ])
  const chosen = await loadCloud({ region: 'R2' }, sources({ 'clouds.yaml': text }))
  expect(chosen.endpoint.region).toBe('R2')
})

test('a password is kept as it was written, however YAML would read it', async () => {
  for (const password of ['0123', '1e3', 'yes', '12_34', '0x1F', '2026-01-01']) {
    const text = `clouds:\n  a:\n    auth: {auth_url: https://a, user_id: u, password: ${password}, project_id: q}\n`
    const { auth } = await loadCloud({}, sources({ 'clouds.yaml': text }))
    expect(auth.kind === 'password' ? auth.password.reveal() : '').toBe(password)
  }
})

test('no message repeats a password', async () => {
  const text = 'clouds:\n  a:\n    auth: {auth_url: nonsense, username: u, password: hunter2, project_name: q}\n'
  expect((await problems({ 'clouds.yaml': text })).join()).not.toContain('hunter2')
})

test('a relative CA is that of the working directory, and `~` the home', async () => {
  const text =
    'clouds:\n  a:\n    cacert: CA\n    auth: {auth_url: https://a, user_id: u, password: p, project_id: q}\n'
  const at = async (ca: string): Promise<string | undefined> =>
    (await loadCloud({}, sources({ 'clouds.yaml': text.replace('CA', ca) }))).caFile
  expect(await at('ca.pem')).toBe('/srv/ca.pem')
  expect(await at('~/ca.pem')).toBe('/home/op/ca.pem')
  expect(await at('/ca.pem')).toBe('/ca.pem')
})

test('whatever a file holds, it is read or refused, never a crash', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json(), fc.constantFrom('*a', '&a [*a]', '<<: 1', '? [a]\n: b', '!!binary x')),
      (text) => {
        const { root, problems: found } = parseCloudsYaml(text, 'f')
        expect(root.kind).toBe('map')
        expect(Array.isArray(found)).toBe(true)
      },
    ),
    { numRuns: runs(300) },
  )
})

test('a bomb of aliases is not followed', () => {
  const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)
  expect(parseCloudsYaml(['a0: &a0 x', ...levels].join('\n'), 'f').root.entries.size).toBe(31)
})

test.each([
  ['90', 90_000],
  ['2.5', 2500],
])('`api_timeout: %s` is the deadline of one request', async (text, deadlineMs) => {
  const file = `clouds: {here: {auth: {auth_url: 'https://k:5000', token: t}, auth_type: token, api_timeout: ${text}}}`
  expect((await loadCloud({ name: 'here' }, sources({ 'clouds.yaml': file }))).deadlineMs).toBe(deadlineMs)
})

test('an `api_timeout` that is no time is told with its place', async () => {
  const file = 'clouds:\n  here:\n    auth: {auth_url: "https://k:5000", token: t}\n    api_timeout: [1]\n'
  const error = await failure(loadCloud({ name: 'here' }, sources({ 'clouds.yaml': file })))
  expect(String(error)).toContain('/srv/clouds.yaml:4:18: `api_timeout` is `list`')
})

test('without domains it is the default one, as the openstack command does', async () => {
  const env = { OS_AUTH_URL: 'https://a/v3', OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'q' }
  expect(inWordsOfSdk(await loadCloud({}, sources({}, env)))).toMatchObject({
    user_domain_id: 'default',
    project_domain_id: 'default',
  })
  const chosen = await loadCloud({}, sources({}, { ...env, OS_DEFAULT_DOMAIN: 'd' }))
  expect(inWordsOfSdk(chosen)).toMatchObject({ user_domain_id: 'd', project_domain_id: 'd' })
})

test('a password beside an application credential is the account, unless the entry says otherwise', async () => {
  const env = {
    OS_AUTH_URL: 'https://a/v3',
    OS_USERNAME: 'u',
    OS_PASSWORD: 'p',
    OS_USER_DOMAIN_NAME: 'd',
    OS_APPLICATION_CREDENTIAL_ID: 'stale',
    OS_APPLICATION_CREDENTIAL_SECRET: 'stale',
  }
  expect((await loadCloud({}, sources({}, env))).auth.kind).toBe('password')
  const { auth } = await loadCloud({}, sources({}, { ...env, OS_AUTH_TYPE: 'v3applicationcredential' }))
  expect(auth.kind).toBe('application-credential')
})
