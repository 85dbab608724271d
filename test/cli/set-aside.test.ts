/** A broken chain of evidence has a way on: it is kept beside, and a new one begins. */
import { createHash } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { custodyOf } from '../../src/tenant/custody.ts'
import { openEvidence, readBroken, readEvidence } from '../../src/tenant/evidence.ts'
import { setAside } from '../../src/tenant/set-aside.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/    template:[^]*$/, '')))
})

afterEach(() => bed.remove())

const home = (): string => join(bed.folder, 'tenant-onboard', 'lab', 'acme')
const evidence = (): string => join(home(), 'evidence.jsonl')
const argv = ['evidence', 'set-aside', 'tenant.yaml', '--note', 'the disk failed on Monday']

async function breakLine(line: number): Promise<string> {
  const lines = (await readFile(evidence(), 'utf8')).split('\n')
  lines[line - 1] = (lines[line - 1] ?? '').replace('"at":"2', '"at":"3')
  const text = lines.join('\n')
  await writeFile(evidence(), text)
  return text
}

test('kept beside; nothing counts as proved until it is proved again; the new chain and the report say so', async () => {
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  expect((await bed.run('status', 'tenant.yaml', '--exit-code')).code).toBe(0)
  const broken = await breakLine(3)
  const stopped = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(stopped.code).toBe(2)
  expect(stopped.err).toContain('evidence.jsonl:3: the chain of evidence is broken here')
  expect(stopped.err).toContain('`evidence set-aside`')

  expect((await bed.run(...argv)).code).toBe(2)
  expect(await readFile(evidence(), 'utf8')).toBe(broken)
  const done = await bed.run(...argv, '--yes')
  expect(done.code, done.err).toBe(0)
  const [kept = ''] = (await readdir(home())).filter((name) => name.startsWith('evidence-set-aside-'))
  expect(await readFile(join(home(), kept), 'utf8')).toBe(broken)
  expect(done.out).toContain(kept)

  const status = await bed.run('status', 'tenant.yaml', '--exit-code')
  expect(status.code).toBe(3)
  expect(status.out).not.toContain('validated')
  const again = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(again.code, again.out + again.err).toBe(0)
  expect(again.out).toContain('nothing had to be changed')
  expect((await bed.run('status', 'tenant.yaml', '--exit-code')).code).toBe(0)
  await bed.run('report', 'tenant.yaml', '--out', 'report.md')
  const report = await readFile(join(bed.folder, 'report.md'), 'utf8')
  expect(report).toContain('the disk failed on Monday')
  expect(report).toContain(createHash('sha256').update(broken).digest('hex'))
})

test('a chain that is whole is not set aside', async () => {
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  const before = await readFile(evidence(), 'utf8')
  const { code, err } = await bed.run(...argv, '--yes')
  expect(code).toBe(2)
  expect(err).toContain('is whole')
  expect(await readFile(evidence(), 'utf8')).toBe(before)
})

test('who holds the secrets is carried over, as far as the old chain is whole', async () => {
  const path = await bed.write('evidence.jsonl', '')
  const now = () => new Date('2026-06-01T00:00:00Z')
  const chain = await openEvidence(path, now)
  await chain.append({ kind: 'note', text: 'before' })
  await chain.append({ kind: 'handover', recipient: 'age1tenant', sha256: 'abc', files: ['README.md'] })
  await chain.append({ kind: 'rotated', account: 'domain-admin', by: 'operator', old: 'refused', requestIds: [] })
  const custody = custodyOf(chain.records)
  expect(custody).toMatchObject({ kind: 'handed over', isReset: true })
  await writeFile(path, `${await readFile(path, 'utf8')}not a record\n`)
  const broken = await readBroken(path)
  if (broken === undefined) throw new Error('it is broken')
  const options = { by: 'alice@jump', note: 'why', now }
  const kept = await setAside(path, broken, options)
  expect(custodyOf(await readEvidence(path))).toEqual(custody)
  // as after a crash between the two writings
  await writeFile(path, broken.text)
  expect(await setAside(path, broken, options)).toBe(kept)
  expect(await readBroken(path)).toBeUndefined()
})
