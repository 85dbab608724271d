import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed

beforeEach(async () => {
  bed = await openTestBed({}, undefined)
})

afterEach(() => bed.remove())

test('it has a place of its own, and the next one begins anew there', async () => {
  const kept = join(bed.folder, 'tenant-onboard', 'demo', 'acme')
  await mkdir(kept, { recursive: true })
  await writeFile(join(kept, 'evidence.jsonl'), 'of a cloud that is called demo')
  for (const _ of [1, 2]) {
    const { code, err } = await bed.run('demo')
    expect(code, err).toBe(0)
  }
  expect(await readdir(join(bed.folder, 'tenant-onboard-demo'))).toEqual(['_version.json', 'demo', 'made-by-demo'])
  expect(await readFile(join(kept, 'evidence.jsonl'), 'utf8')).toBe('of a cloud that is called demo')
})

test('the command that it prints for its report works as printed', async () => {
  const { out } = await bed.run('demo')
  const [, printed = ''] = /^check +tenant-onboard (.*)$/m.exec(out) ?? []
  const { code, out: said } = await bed.run(...printed.split(' '))
  expect(said).toContain('agrees with the evidence')
  expect(code).toBe(0)
})

test('what no demo has made stays', async () => {
  await bed.write('important', 'x')
  const { code, err } = await bed.run('demo', '--home', bed.folder)
  expect(err).toContain('was not made by a demo')
  expect(code).toBe(2)
  expect(await readdir(bed.folder)).toEqual(['important'])
})
