import { generateIdentity, identityToRecipient } from 'age-encryption'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { unseal } from '../../src/handover/seal.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let identity: string
let recipient: string
let bed: SimulatedTestBed
let file: string
let home: string

beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})

beforeEach(async () => {
  bed = await openSimulated()
  home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  file = await bed.write('tenant.yaml', await sealed('acme'))
})

afterEach(() => bed.remove())

function sealed(tenant: string): Promise<string> {
  return exampleTenant(tenant, (text) => `${text}handover:\n  recipient: ${recipient}\n`)
}

const sealedFile = (): string => join(home, 'handover', 'acme-handover.zip.age')

test('sealed, only the recipient can read it, and nothing readable stays in the data directory', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const password = (await readFile(join(home, 'secrets', 'domain-admin.password'), 'utf8')).trim()
  const { code, out, err } = await bed.run('handover', file, '--yes')
  expect(code, err).toBe(0)
  const bytes = await readFile(sealedFile())
  expect(out).toContain(createHash('sha256').update(bytes).digest('hex'))
  expect(out).toContain(recipient)
  expect([...(await filesBelow(home)).keys()].map((path) => path.slice(home.length + 1)).sort()).toEqual([
    'evidence.jsonl',
    'handover/acme-handover.zip.age',
    'keystone.json',
    'progress.jsonl',
  ])
  for (const text of (await filesBelow(bed.folder)).values()) expect(text).not.toContain(password)
  expect((await stat(sealedFile())).mode & 0o777).toBe(0o600)

  const files = await unseal(bytes, [identity])
  expect([...files.keys()]).toEqual(['README.md', 'clouds.yaml', 'secure.yaml'])
  expect(files.get('secure.yaml')?.reveal()).toContain(password)
  await expect(unseal(bytes, [await generateIdentity()])).rejects.toThrow(/cannot be opened: no identity matched/)
})

test('status then says that the tenant holds what the operator cannot see', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  expect((await bed.run('status', file)).out).toMatch(/self-service +never run/)
  await bed.run('handover', file, '--yes')
  const { out } = await bed.run('status', file)
  expect(out).toMatch(/domain +validated/)
  for (const stage of ['self-service', 'isolation', 'credentials', 'network', 'template', 'cluster'])
    expect(out).toMatch(new RegExp(`${stage} +held by the tenant +.*handed over to ${recipient}`))
})

test('it is delivered once, and every later call says when, to whom and which sum', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const first = await bed.run('handover', file, '--yes', '-o', 'json')
  const bytes = await readFile(sealedFile(), 'utf8')
  const second = await bed.run('handover', file, '--yes', '-o', 'json')
  // what the tenant will meet is said when it is delivered
  const { findings, ...delivery } = JSON.parse(first.out) as { findings: { code: string }[] }
  expect(findings.map(({ code }) => code)).toEqual(['dashboard/no-address'])
  expect(JSON.parse(second.out)).toEqual({ ...delivery, findings: [] })
  expect(second.code).toBe(0)
  const again = await bed.run('handover', file, '--yes', '--again')
  expect(again.code).toBe(3)
  expect(again.out).toContain('handover/delivered-before')
  expect(await readFile(sealedFile(), 'utf8')).toBe(bytes)
})

test('without a recipient it is four files that name the head of the evidence', async () => {
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const { head } = JSON.parse((await bed.run('status', file, '-o', 'json')).out) as { head: string }
  const { code, out } = await bed.run('handover', file)
  expect(code).toBe(0)
  expect(out).toContain('anyone who has the folder')
  const readme = await readFile(join(home, 'handover', 'README.md'), 'utf8')
  expect(readme).toContain(head)
  expect(readme.match(/openstack --os-cloud acme-domain-admin/g)?.length).toBeGreaterThanOrEqual(3)
  // apply continues from there, and leaves alone what went out
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  expect(await readFile(join(home, 'handover', 'README.md'), 'utf8')).toBe(readme)
})

test('what an operator made for the tenant goes along, the private key above all', async () => {
  await bed.run('apply', file, '--yes')
  const key = await readFile(join(home, 'secrets', 'acme-key.pem'), 'utf8')
  const kept = await readdir(join(home, 'secrets'))
  const { code, err } = await bed.run('handover', file, '--yes')
  expect(code, err).toBe(0)
  const files = await unseal(await readFile(sealedFile()), [identity])
  expect(files.get('secrets/acme-key.pem')?.reveal().trim()).toBe(key.trim())
  const rest = [...kept].filter((name) => name !== 'domain-admin.password').map((name) => `secrets/${name}`)
  expect([...files.keys()].filter((name) => name.startsWith('secrets/')).sort()).toEqual(rest.sort())
  expect(rest).toContain('secrets/cluster.password')
})

test('what a crash left readable goes with the next call, and what is not sealed is left and named', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const path = join(home, 'secrets', 'domain-admin.password')
  const password = await readFile(path, 'utf8')
  await bed.run('handover', file, '--yes')
  await writeFile(path, password, { mode: 0o600 })
  await writeFile(join(home, 'secrets', 'notes.txt'), 'mine', { mode: 0o600 })
  const { err } = await bed.run('handover', file)
  expect(err).toContain('not in the handover, so not removed')
  expect([...(await filesBelow(join(home, 'secrets'))).keys()]).toEqual([join(home, 'secrets', 'notes.txt')])
})

test('a password that does not sign in is not delivered', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  await writeFile(join(home, 'secrets', 'domain-admin.password'), 'another one\n')
  const { code, out } = await bed.run('handover', file, '--yes')
  expect(code).toBe(3)
  expect(out).toContain('handover/sign-in-refused')
  expect((await filesBelow(home)).has(sealedFile())).toBe(false)
})

test('an account that holds admin is no tenant, and is not handed over', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const { state } = bed.cloud
  const admin = state.roles.find((role) => role.name === 'admin')
  const user = state.users.find((one) => one.name === 'acme-domain-admin')
  const grant = state.grants.find((one) => one.actorId === user?.id)
  if (admin === undefined || grant === undefined) throw new Error('apply made no manager')
  state.grants.set('by mistake', { ...grant, roleId: admin.id })
  const { code, out } = await bed.run('handover', file, '--yes')
  expect(code).toBe(3)
  expect(out).toContain('handover/operator-session')
})

test('a password that was reset stays in the data directory until it is delivered, and then goes', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  await bed.run('handover', file, '--yes')
  expect((await bed.run('rotate', file, '--account', 'domain-admin', '--yes')).code).toBe(0)
  const path = join(home, 'secrets', 'domain-admin.password')
  const password = (await readFile(path, 'utf8')).trim()
  expect((await bed.run('handover', file, '--yes')).code).toBe(3)
  expect((await readFile(path, 'utf8')).trim()).toBe(password)
  const status = (await bed.run('status', file)).out.replaceAll(/\s+/g, ' ')
  expect(status).toContain('`handover --again` delivers the new one')
  const { code, err } = await bed.run('handover', file, '--yes', '--again')
  expect(code, err).toBe(0)
  expect((await unseal(await readFile(sealedFile()), [identity])).get('secure.yaml')?.reveal()).toContain(password)
  for (const text of (await filesBelow(home)).values()) expect(text).not.toContain(password)
})

test('verify then attacks from a throwaway tenant, and removes it', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  await bed.run('handover', file, '--yes')
  const domains = bed.cloud.state.domains.map(({ name }) => name)
  const { code, out, err } = await bed.run('verify', file, '-o', 'json')
  expect(err).toContain('a throwaway domain with its own manager is tested in its place')
  expect(code, out.slice(0, 2000)).toBe(0)
  expect(bed.cloud.state.domains.map(({ name }) => name)).toEqual(domains)
  expect(bed.sent.map(({ user }) => user)).not.toContain('acme-svc')
})
