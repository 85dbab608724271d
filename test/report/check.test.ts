import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edit, openReportTestBed, policyOptions } from './test-bed.ts'
import type { ReportTestBed } from './test-bed.ts'

/* `report --check`: whether a report says what the evidence says. */

let bed: ReportTestBed

beforeAll(async () => {
  bed = await openReportTestBed('verified')
})

afterAll(() => bed.remove())

test.each(['html', 'md', 'json'])('a report as %s that nobody touched is what the evidence says', async (format) => {
  await bed.report('--out', `good.${format}`, ...(await policyOptions(bed)))
  const { code, out } = await bed.check(`good.${format}`)
  expect(out).toContain('agrees with the evidence')
  expect(out).toContain('not checked')
  expect(code).toBe(0)
})

test.each([
  ['html', '203.0.113.10', '203.0.113.99', 'stage network'],
  ['html', '>acme-router<', '>acme-detour<', 'stage network'],
  ['html', 'Yes: this tenant is isolated', 'Yes: this tenant is more than isolated', 'summary'],
  ['md', 'CREATE\\_COMPLETE', 'CREATE\\_FAILED', 'stage cluster'],
  ['json', '"CREATE_COMPLETE"', '"CREATE_FAILED"', 'stage cluster'],
  ['json', '"isolated"', '"not isolated"', 'verdict'],
])('%s: one word changed from %s to %s is found in %s', async (format, from, to, part) => {
  const name = `forged.${format}`
  await bed.report('--out', name)
  await edit(join(bed.folder, name), from, to)
  const { code, out } = await bed.check(name)
  expect(out).toContain(part)
  expect(out).toContain('differs from the evidence')
  expect(code).toBe(3)
})

test('ends of lines that a mail changed are no words', async () => {
  await bed.report('--out', 'mailed.md')
  const path = join(bed.folder, 'mailed.md')
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'))
  expect((await bed.check('mailed.md')).code).toBe(0)
})

test('a part that the evidence knows nothing of, and one that was taken out, are found', async () => {
  await bed.report('--out', 'more.html')
  await edit(
    join(bed.folder, 'more.html'),
    '<footer id="end">',
    '<section id="praise">well done</section><footer id="end">',
  )
  expect((await bed.check('more.html')).out).toMatch(/praise +the evidence does not have it/)
  await bed.report('--out', 'less.md')
  await edit(join(bed.folder, 'less.md'), '## Findings', '## Remarks')
  expect((await bed.check('less.md')).out).toMatch(/Findings +it is missing/)
})

test('what it says of the policy is proved again only with the same options, and then a lie is found', async () => {
  const options = await policyOptions(bed)
  await bed.report('--out', 'policy.json', ...options)
  const honest = await bed.run('report', bed.file, '--check', 'policy.json', ...options)
  expect(honest.out).toContain('proved again, with the same result')
  expect(honest.code).toBe(0)
  const path = join(bed.folder, 'policy.json')
  // in both places: in what is shown, and in what the report says that it was made from
  const lie = (await readFile(path, 'utf8')).replaceAll('nobody below cloud admin gains admin', 'nobody gains anything')
  await writeFile(path, lie)
  expect((await bed.run('report', bed.file, '--check', 'policy.json', ...options)).code).toBe(3)
})

test('a report of another data directory names a head that this chain does not have', async () => {
  const other = await openReportTestBed('applied')
  await other.report('--out', 'other.html')
  await bed.write('other.html', await readFile(join(other.folder, 'other.html'), 'utf8'))
  await other.remove()
  const { code, out } = await bed.check('other.html')
  expect(out.replaceAll(/\s+/g, ' ')).toContain('does not have the head that the report names')
  expect(code).toBe(3)
})

test('more evidence that changes no state leaves a report true; a stage that fails since does not', async () => {
  const own = await openReportTestBed('applied')
  await own.report('--out', 'then.html')
  expect((await own.run('apply', own.file, '--yes')).code).toBe(0)
  const later = await own.check('then.html')
  expect(later.out).toMatch(/since +\d+ more records/)
  expect(later.code).toBe(0)
  // somebody switches SNAT off behind our back
  const router = own.cloud.state.routers.find(({ name }) => name === 'acme-router')
  if (router?.gateway === undefined) throw new Error('the router has a gateway')
  own.cloud.state.routers.set(router.id, { ...router, gateway: { ...router.gateway, enable_snat: false } })
  expect((await own.run('apply', own.file, '--yes')).code).toBe(3)
  const { code, out } = await own.check('then.html')
  expect(out).toMatch(/stage network +it was validated, and is failed now/)
  expect(code).toBe(3)
  await own.remove()
})

test('a changed line of evidence stops every report, and a file that is no report is said to be none', async () => {
  const own = await openReportTestBed('applied')
  await own.write('letter.html', '<!doctype html><p>dear auditor</p>')
  const letter = await own.check('letter.html')
  expect(letter.err).toContain('is not a report of tenant-onboard')
  expect(letter.code).toBe(2)
  await edit(join(own.home, 'evidence.jsonl'), '"ok":true', '"ok":false')
  const broken = await own.run('report', own.file)
  expect(broken.err).toContain('the chain of evidence is broken here')
  expect(broken.code).toBe(2)
  await own.remove()
})
