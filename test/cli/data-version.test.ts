/** A data directory has a version: a later one is refused, and an earlier one is migrated before anything is changed. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { migrateData } from '../../src/tenant/data-version.ts'
import { version } from '../../src/cli/version.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

const beds: SimulatedTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

async function open(): Promise<SimulatedTestBed & { readonly root: string; readonly file: string }> {
  const bed = await openSimulated()
  beds.push(bed)
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/ {4}cluster:\n( {6}.*\n)+/, '')))
  const root = join(bed.folder, 'tenant-onboard')
  return { ...bed, root, file: join(root, '_version.json') }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

test('the first command that changes something records the version, and one that only reads does not', async () => {
  const bed = await open()
  expect((await bed.run('plan', 'tenant.yaml')).code).toBe(0)
  expect(await isThere(bed.root)).toBe(false)
  const { code, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, err).toBe(0)
  expect(err).not.toContain('data version')
  expect(JSON.parse(await readFile(bed.file, 'utf8'))).toEqual({ version: 1, program: version })
  expect((await stat(bed.file)).mode & 0o777).toBe(0o644)
})

test('a directory of before is read as it is, and migrated once by the first command that may change it', async () => {
  const bed = await open()
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  await rm(bed.file)
  const read = await bed.run('status', 'tenant.yaml')
  expect(read.code).toBe(0)
  expect(read.err).toBe('')
  expect(await isThere(bed.file)).toBe(false)
  const changed = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(changed.code).toBe(0)
  expect(changed.err).toContain(`\`${bed.root}\`: data version 0 is now 1: its version is recorded\n`)
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).err).not.toContain('data version')
})

test('a directory in which only its user wrote is not called old', async () => {
  const bed = await open()
  await mkdir(join(bed.root, 'lab'), { recursive: true })
  await writeFile(join(bed.root, 'lab', 'cloud.yaml'), 'version: 1\n')
  const { code, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, err).toBe(0)
  expect(err).not.toContain('data version')
  expect(await isThere(bed.file)).toBe(true)
})

const lines = [
  'plan tenant.yaml',
  'apply tenant.yaml --yes',
  'preflight tenant.yaml',
  'status tenant.yaml',
  'verify tenant.yaml',
  'report tenant.yaml',
  'handover tenant.yaml',
  'rotate tenant.yaml --account svc',
  'diagnose tenant.yaml',
  'audit tenant.yaml',
  'offboard tenant.yaml --confirm acme',
  'evidence set-aside tenant.yaml --note x',
  'cloud move lab',
  'export acme',
  'init --tenant other',
  'list',
  'show acme',
  'fleet plan .',
  'fleet status .',
  'policy gate',
  'policy advise',
]

test('a directory of a later program is refused by every command, before anything is sent or written', async () => {
  const bed = await open()
  await mkdir(join(bed.root, 'lab', 'acme'), { recursive: true })
  await writeFile(bed.file, '{"version": 2, "program": "0.3.0", "more": []}\n')
  const before = await filesBelow(bed.root)
  const sent = bed.sent.length
  for (const line of lines) {
    const { code, out, err } = await bed.run(...line.split(' '))
    expect(out, line).toBe('')
    expect(err.replaceAll(/\s+/g, ' '), line).toContain(
      `\`${bed.root}\` was written by tenant-onboard 0.3.0 and has data version 2; this program knows versions up to 1 (update this program, or give another folder with \`--home\`; nothing was changed)`,
    )
    expect(code, line).toBe(2)
  }
  expect(bed.sent.length).toBe(sent)
  expect(await filesBelow(bed.root)).toEqual(before)
  const json = await bed.run('list', '-o', 'json')
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, exitCode: 2 })
})

test('a version that is no version ends the command with its file', async () => {
  const bed = await open()
  await mkdir(bed.root)
  await writeFile(bed.file, '{"version": "one"}\n')
  const { code, err } = await bed.run('list')
  expect(code).toBe(2)
  expect(err).toContain('_version.json')
})

test('migrations are made in order, each is recorded, and an interrupted one is made again', async () => {
  const bed = await open()
  await mkdir(bed.root)
  await writeFile(bed.file, '{"version": 1, "program": "0.1.0"}\n')
  const made: number[] = []
  let isCut = true
  const migration = (to: number, what: string) => ({
    to,
    what,
    migrate: () => {
      made.push(to)
      return to === 3 && isCut ? Promise.reject(new Error('cut')) : Promise.resolve()
    },
  })
  const versions = { known: 3, migrations: [migration(2, 'two'), migration(3, 'three')] }
  await expect(migrateData(bed.root, '0.3.0', versions)).rejects.toThrow('cut')
  expect(JSON.parse(await readFile(bed.file, 'utf8'))).toEqual({ version: 2, program: '0.3.0' })
  isCut = false
  expect(await migrateData(bed.root, '0.3.0', versions)).toEqual([`\`${bed.root}\`: data version 2 is now 3: three`])
  expect(made).toEqual([2, 3, 3])
  expect(await migrateData(bed.root, '0.3.0', versions)).toEqual([])
})
