/** `preflight` and `handover` with a dashboard beside a simulated cloud. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { csrf, fakeHorizon, session } from './fake-horizon.ts'
import type { FakeHorizon } from './fake-horizon.ts'

const address = 'https://cloud.example.com/horizon'
let bed: SimulatedTestBed
afterEach(() => bed.remove())

async function open(options: FakeHorizon = {}, cloudFile = `horizon_url: ${address}\n`) {
  const horizon = fakeHorizon(options)
  bed = await openSimulated(undefined, {
    fetch: (url, init) =>
      url.startsWith('https://cloud.example.com/') ? horizon.fetch(url, init) : bed.cloud.fetch(url, init),
  })
  const folder = join(bed.folder, 'tenant-onboard', 'lab')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'cloud.yaml'), `version: 1\n${cloudFile}`)
  return { ...horizon, folder: join(folder, 'acme'), file: await bed.write('tenant.yaml', await exampleTenant('acme')) }
}

const codesIn = (out: string): readonly string[] =>
  (JSON.parse(out) as { findings: { code: string }[] }).findings
    .map(({ code }) => code)
    .filter((code) => code.startsWith('dashboard/'))

test('preflight looks at the sign-in page, and with --probe as a throwaway domain manager, of which nothing stays', async () => {
  const { file, sent, sessions } = await open({ showsMembers: false })
  const before = bed.cloud.state.domains.map(({ name }) => name)
  const read = await bed.run('preflight', file, '-o', 'json')
  expect(codesIn(read.out)).toEqual(['dashboard/not-signed-in'])
  expect(sent.filter(({ method }) => method === 'POST')).toEqual([])
  const probed = await bed.run('preflight', file, '--probe', '-o', 'json')
  expect(codesIn(probed.out)).toEqual(['dashboard/members-refused'])
  const form = new URLSearchParams(sent.find(({ method }) => method === 'POST')?.body)
  expect(form.get('domain')).toMatch(/dashboard/)
  expect(form.get('password')?.length).toBeGreaterThan(16)
  expect(probed.out + probed.err).not.toContain(form.get('password'))
  expect(sessions.size).toBe(0)
  expect(bed.cloud.state.domains.map(({ name }) => name)).toEqual(before)
  // a warning: the cloud has what the tenant needs
  expect([read.code, probed.code]).toEqual([0, 0])
})

test('preflight asks no dashboard where cloud.yaml names none', async () => {
  const { file, sent } = await open({}, '')
  expect(codesIn((await bed.run('preflight', file, '--probe', '-o', 'json')).out)).toEqual([])
  expect(sent).toEqual([])
})

test('plan and apply do not ask it', async () => {
  const { file, sent } = await open()
  await bed.run('plan', file)
  expect((await bed.run('apply', file, '--yes', '--until', 'domain')).code).toBe(0)
  expect(sent).toEqual([])
})

test('handover signs in as the manager, warns, and delivers; neither password nor cookie is in a file or on the screen', async () => {
  const { file, sent, folder } = await open({ knowsPersona: false })
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const { code, out, err } = await bed.run('handover', file, '-o', 'json')
  expect(code, err).toBe(0)
  expect(codesIn(out)).toEqual(['dashboard/persona-hidden'])
  const form = new URLSearchParams(sent.find(({ method }) => method === 'POST')?.body)
  expect([form.get('domain'), form.get('username')]).toEqual(['acme', 'acme-domain-admin'])
  const files = [...(await filesBelow(folder))].filter(([path]) => !/secure\.yaml$|domain-admin\.password$/.test(path))
  for (const text of [out, err, ...files.map(([, content]) => content)])
    for (const secret of [form.get('password') ?? '', session, csrf]) expect(text).not.toContain(secret)
})

test('its README says where to land, what to grant, and what to leave alone', async () => {
  const { file, folder } = await open()
  await bed.run('apply', file, '--yes', '--until', 'domain')
  expect(codesIn((await bed.run('handover', file, '-o', 'json')).out)).toEqual([])
  const readme = await readFile(join(folder, 'handover', 'README.md'), 'utf8')
  expect(readme).toContain(`${address}/identity/`)
  expect(readme).toContain('Grant `member` and `load-balancer_member` and no other role')
  expect(readme).toContain('no role on a project')
  expect(readme).toContain('Use the `clouds.yaml` of this folder')
})

test('without an address the handover and the command say so', async () => {
  const { file, folder } = await open({}, '')
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const { code, out } = await bed.run('handover', file, '-o', 'json')
  expect([code, codesIn(out)]).toEqual([0, ['dashboard/no-address']])
  expect(await readFile(join(folder, 'handover', 'README.md'), 'utf8')).toContain('has named no dashboard')
})
