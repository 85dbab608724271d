import { chmod, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { probeTraces } from '../isolation/tenant-cloud.ts'
import { codesOf, openDeliveryStand, override, usual } from './stand.ts'
import type { DeliveryStand } from './stand.ts'

const stands: DeliveryStand[] = []

async function open(...options: Parameters<typeof openDeliveryStand>): Promise<DeliveryStand> {
  const stand = await openDeliveryStand(...options)
  stands.push(stand)
  return stand
}

afterEach(async () => {
  for (const stand of stands.splice(0)) {
    expect(probeTraces(stand.cloud)).toEqual([])
    await stand.remove()
  }
})

const way = (stand: DeliveryStand): readonly string[] => ['--policy-dir', stand.policyDir, '--connections', '2']

async function attached(stand: DeliveryStand, text?: string): Promise<string> {
  const good = text ?? (await override())
  const file = await stand.write('good.yaml', good)
  const { code, err } = await stand.type('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes', '--no-gate')
  expect(code, err).toBe(0)
  return good
}

/** Under another name first, as whoever edits by hand should. */
async function lay(stand: DeliveryStand, text: string): Promise<void> {
  await writeFile(join(stand.policyDir, '.edit'), text)
  await rename(join(stand.policyDir, '.edit'), stand.file)
}

test('an override is attached, the gate holds, and the file is what was given', async () => {
  const stand = await open()
  const file = await stand.write('good.yaml', await override())
  const { code, document } = await stand.ask('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes')
  expect(codesOf(document.gate ?? {})).toEqual([])
  expect(code).toBe(0)
  expect(document.outcome).toBe('attached')
  expect(document.gate?.inForce?.verdict).toBe('override')
  expect(document.gate?.units?.verdict).toBe('agreed')
  const cases = document.gate?.cases ?? []
  for (const group of ['pass', 'deny', 'unaffected'])
    expect(cases.filter((one) => one.group === group).length).toBeGreaterThan(5)
  expect(cases.filter(({ requestIds, id }) => requestIds.length === 0 && !id.startsWith('others/'))).toEqual([])
  expect(await readFile(stand.file, 'utf8')).toBe(await override())
  expect(await readdir(stand.policyDir)).toEqual(['domain-manager.yaml'])
})

test('a dry run says what would be done and does nothing', async () => {
  const stand = await open()
  const file = await stand.write('good.yaml', await override())
  const { code, document } = await stand.ask('policy', 'attach', file, ...way(stand), ...usual.ground, '--dry-run')
  expect(code).toBe(0)
  expect(document.outcome).toBe('planned')
  expect(document.plan).toEqual([expect.stringContaining(`write ${stand.file}`)])
  expect(await readdir(stand.policyDir)).toEqual([])
  expect(await readdir(stand.folder)).toEqual(['good.yaml', 'policy.d'])
})

test('an override with an error is refused before anything is changed', async () => {
  const stand = await open()
  const file = await stand.write('bad.yaml', '"identity:create_user": "rule:admin_required or or role:manager"\n')
  const { code, document } = await stand.ask('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes')
  expect(code).toBe(3)
  expect(document.outcome).toBe('refused')
  expect(codesOf(document)).toEqual(expect.arrayContaining(['policy/malformed-rule', 'delivery/not-proved']))
  expect(await readdir(stand.policyDir)).toEqual([])
})

test('what Keystone runs with has to be said, and a terminal to ask on, and where to', async () => {
  const stand = await open()
  const file = await stand.write('good.yaml', await override())
  expect((await stand.type('policy', 'attach', file, ...way(stand), '--yes')).err).toContain('`--base`')
  expect((await stand.type('policy', 'attach', file, ...way(stand), ...usual.ground)).err).toContain('`--yes`')
  expect((await stand.type('policy', 'attach', file, ...usual.ground, '--yes')).err).toContain('`--policy-dir`')
  expect(await readdir(stand.policyDir)).toEqual([])
})

test('when the gate says no after an attach, what was there before is back', async () => {
  // this Keystone is below the level that the override was proved for: a forged target makes a manager admin
  const stand = await open({ preset: 'zed-patched', release: 'debian-22+base' })
  const before = '# nothing\n"identity:list_endpoints": "rule:admin_required"\n'
  await lay(stand, before)
  await chmod(stand.file, 0o640)
  const file = await stand.write('good.yaml', await override())
  const { code, document } = await stand.ask('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes')
  expect(code).toBe(3)
  expect(document.outcome).toBe('restored')
  expect(codesOf(document.gate ?? {})).toContain('cloud/forged-target')
  expect(document.restored?.isBack).toBe(true)
  expect(await readFile(stand.file, 'utf8')).toBe(before)
  expect((await stat(stand.file)).mode & 0o777).toBe(0o640)
})

test.each([
  [
    'a malformed rule',
    (good: string) => good.replace('"identity:list_users": "', '"identity:list_users": "rule:admin_required or or '),
    ['delivery/authority-lost', 'policy/malformed-rule', 'delivery/file-changed'],
  ],
  [
    'a dead target',
    (good: string) =>
      good.replaceAll('token.domain.id:%(target.user.domain_id)s)"', 'token.domain.id:%(user.domain_id)s)"'),
    ['cloud/persona-incomplete', 'cloud/dead-create-rule', 'policy/dead-target'],
  ],
  [
    'an escalation',
    (good: string) => `${good}"managed_role_name": "not role:nobody"\n`,
    ['cloud/escalation', 'isolation/escalation', 'delivery/not-proved'],
  ],
] as const)('the gate names %s', async (_, damage, codes) => {
  const stand = await open()
  const good = await attached(stand)
  expect(damage(good)).not.toBe(good)
  await lay(stand, damage(good))
  const { code, document } = await stand.ask('policy', 'gate', ...way(stand))
  expect(code).toBe(3)
  expect(codesOf(document)).toEqual(expect.arrayContaining([...codes]))
})

test('the gate names a file that was removed', async () => {
  const stand = await open()
  await attached(stand)
  await rm(stand.file)
  const { code, document } = await stand.ask('policy', 'gate', ...way(stand))
  expect(code).toBe(3)
  expect(document.inForce?.verdict).toBe('base')
  expect(codesOf(document)).toEqual(
    expect.arrayContaining(['delivery/not-in-force', 'delivery/file-missing', 'cloud/persona-missing']),
  )
})

test('who lost what they had is named, and what the override says it takes is not a loss', async () => {
  const stand = await open()
  const file = await stand.write('good.yaml', await override())
  expect((await stand.type('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes')).code).toBe(0)
  await lay(stand, `${await override()}"identity:get_user": "rule:admin_required"\n`)
  const { document } = await stand.ask('policy', 'gate', ...way(stand))
  const lost = document.findings?.filter(({ code }) => code === 'delivery/lost') ?? []
  expect(lost.map(({ where }) => where)).toEqual(expect.arrayContaining(['member', 'reader']))
  expect(lost.map(({ where }) => where)).not.toContain('cloud-admin')
})

test('units that do not agree are told as mixed', async () => {
  const stand = await open()
  await attached(stand)
  const bare = await open()
  let turn = 0
  // two Keystones on the same rows: one reads the folder, the other has nothing in its own
  const beside = await openDeliveryStand(
    usual.seed,
    {},
    {
      fetch: (url, init) => ((turn += 1) % 2 === 0 ? stand.fetch : stand.cloud.fetch)(url, init),
    },
  )
  const { code, document } = await beside.ask(
    'policy',
    'gate',
    '--policy-dir',
    stand.policyDir,
    ...usual.ground,
    '--settle',
    '0',
  )
  expect(code).toBe(3)
  expect(document.units?.verdict).toBe('mixed')
  expect(codesOf(document)).toContain('delivery/mixed')
  await beside.remove()
  expect(probeTraces(bare.cloud)).toEqual([])
})

test('a rollback is byte for byte, mode and owner as well, as often as there was an attach', async () => {
  const stand = await open()
  const oldest = new Uint8Array([0x23, 0x20, 0xff, 0xfe, 0x0a])
  await writeFile(stand.file, '"identity:list_endpoints": "rule:admin_required"\n')
  await writeFile(join(stand.policyDir, 'zz-other.yaml'), '')
  await chmod(stand.file, 0o604)
  await attached(stand)
  const second = await attached(stand, `${await override()}# again\n`)
  expect(await readFile(stand.file, 'utf8')).toBe(second)
  const back = async (): Promise<string> => {
    const { code, document } = await stand.ask('policy', 'rollback', ...way(stand), '--yes')
    expect(code).toBe(0)
    expect(document.isBack).toBe(true)
    return readFile(stand.file, 'utf8')
  }
  expect(await back()).toBe(await override())
  expect(await back()).toBe('"identity:list_endpoints": "rule:admin_required"\n')
  expect((await stat(stand.file)).mode & 0o777).toBe(0o604)
  const third = await stand.type('policy', 'rollback', ...way(stand), '--yes')
  expect(third.code).toBe(2)
  expect(third.err).toContain('nothing was attached')
  // bytes that are no text come back too
  await writeFile(stand.file, oldest)
  await attached(stand)
  expect((await stand.type('policy', 'rollback', ...way(stand), '--yes', '--no-gate')).code).toBe(0)
  expect(new Uint8Array(await readFile(stand.file))).toEqual(oldest)
})

test('a rollback keeps what somebody else put there meanwhile', async () => {
  const stand = await open()
  await attached(stand)
  await lay(stand, '# by hand\n')
  const { code, document } = await stand.ask('policy', 'rollback', ...way(stand), '--yes')
  expect(code).toBe(0)
  expect(codesOf(document)).toContain('delivery/changed-since')
  expect(await readdir(stand.policyDir)).toEqual([])
  const kept = join(stand.folder, 'tenant-onboard', 'envvars', '_policy', 'kept')
  const texts = await Promise.all((await readdir(kept)).map((name) => readFile(join(kept, name), 'utf8')))
  expect(texts).toContain('# by hand\n')
})

test('a time in the future hides every change from Keystone, so nothing is attached', async () => {
  const stand = await open()
  const other = join(stand.policyDir, 'other.yaml')
  await writeFile(other, '')
  const ahead = new Date(Date.now() + 3_600_000)
  await utimes(other, ahead, ahead)
  const file = await stand.write('good.yaml', await override())
  const { code, document } = await stand.ask('policy', 'attach', file, ...way(stand), ...usual.ground, '--yes')
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/time-ahead')
  expect(await readdir(stand.policyDir)).toEqual(['other.yaml'])
})
