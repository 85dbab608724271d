/**
 * Names of every object of a cloud that want to be more than names, through every output of every command: text, with and without
 * colours, JSON, JUnit, reports, bundles, and the messages of the console. test/browser/console-names.test.ts has its pages.
 */
import { unzipSync } from 'fflate'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { openDesk } from '../console/desk.ts'
import { small } from '../fleet/fleet-test-bed.ts'
import { exampleTenant, openTestBed, simulate } from '../onboarding/test-bed.ts'
import type { SimulatedCloud, TestBed } from '../onboarding/test-bed.ts'
import { addHostileObjects, forged, hostileDescription, hostileName } from './names.ts'

vi.setConfig({ testTimeout: 600_000 })

let bed: TestBed
let simulated: SimulatedCloud

/** What `paint` writes on a terminal with colours. */
const colored = /\u001b\[(?:1|2|31|32|33)m([^\u001b]*)\u001b\[0m/g

async function open(hasColor: boolean): Promise<void> {
  simulated = simulate()
  bed = await openTestBed({}, simulated.cloud.fetch, { hasColor }, simulated.clock)
  await bed.write('clouds.yaml', renderClouds(simulated.cloud, { name: 'lab' }))
  await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) =>
      text.replace('description: Acme Corporation', `description: ${JSON.stringify(hostileDescription)}`),
    ),
  )
  await mkdir(join(bed.folder, 'fleet'))
  await bed.write('fleet/globex.yaml', small('globex', 'lab'))
  const { code, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, err).toBe(0)
  expect(addHostileObjects(simulated.cloud)).toBeGreaterThan(20)
}

beforeEach(() => {
  shown = 0
})

afterEach(() => bed.remove())

/** How often a hostile name was shown, so that the test looks at something. */
let shown = 0

/** Nothing in it moves a cursor, changes a colour, reorders text or is a line that we did not write. */
function expectHarmless(text: string, what: string, hasColor = false): void {
  const bare = hasColor ? text.replaceAll(colored, '$1') : text
  if (bare.includes('HYPERLINK')) shown++
  expect
    .soft(bare.match(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu) ?? [], `${what}:\n${bare.slice(0, 3000)}`)
    .toEqual([])
  const begins = bare.split('\n').filter((line) => new RegExp(`^\\W*${forged}`).test(line))
  // a line break in HTML is a blank
  expect.soft(what.endsWith('.html') ? [] : begins, what).toEqual([])
}

const commands: readonly string[] = [
  'status tenant.yaml',
  'preflight tenant.yaml --probe --debug',
  'plan tenant.yaml',
  'audit tenant.yaml --deep --record --debug',
  'verify tenant.yaml --verbose --junit verify.xml',
  'diagnose tenant.yaml --verbose',
  'policy gate --cloud lab',
  'policy advise --cloud lab',
  'report tenant.yaml',
  'report tenant.yaml --out report.html --bundle bundle.zip',
  'report tenant.yaml --out report.md',
  'report tenant.yaml --out report.json',
  'fleet plan fleet',
  'fleet apply fleet --yes',
  'fleet status fleet',
  'apply tenant.yaml --yes',
  'rotate tenant.yaml --account svc --yes',
  'handover tenant.yaml --yes',
  'offboard tenant.yaml --confirm acme',
]

test.each([false, true])('text and JSON of every command, with colours: %s', { timeout: 900_000 }, async (hasColor) => {
  await open(hasColor)
  for (const line of commands) {
    // JSON has no colours
    for (const more of hasColor ? [[]] : [[], ['-o', 'json']]) {
      const { code, out, err } = await bed.run(...line.split(' '), ...more)
      // an answer, and no error of usage that shows nothing
      expect([0, 3], `${line} ${err}`).toContain(code)
      expectHarmless(out, `${line} ${more.join(' ')}`, hasColor)
      expectHarmless(err, `${line} ${more.join(' ')}`, hasColor)
      expect(err).not.toContain('this is a bug')
    }
  }
  // most commands name something of the cloud
  expect(shown).toBeGreaterThan(hasColor ? 5 : 15)
})

test('JSON is read back as the cloud said it', async () => {
  await open(false)
  const { out } = await bed.run('audit', 'tenant.yaml', '-o', 'json')
  expectHarmless(out, 'audit')
  expect(JSON.stringify(JSON.parse(out))).toContain(JSON.stringify(hostileName).slice(1, -1))
})

test('JUnit stays XML, whatever a name holds', async () => {
  await open(false)
  await bed.run('verify', 'tenant.yaml', '--junit', 'verify.xml')
  const text = await readFile(join(bed.folder, 'verify.xml'), 'utf8')
  expectHarmless(text, 'verify.xml')
  expect(text).toContain('HYPERLINK')
  // every `<` begins an element of ours, and every `&` one of the five entities
  expect(text).not.toMatch(/<(?!\/?(?:testsuites?|testcase|failure|error|skipped|system-out)\b|\?xml )/)
  expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/)
  // a character that no XML can have
  expect(text).not.toMatch(/[\ufffe\uffff\ud800-\udfff]/)
})

test('reports and the files of a bundle', async () => {
  await open(false)
  await bed.run('verify', 'tenant.yaml')
  for (const name of ['report.html', 'report.md', 'report.json']) {
    await bed.run('report', 'tenant.yaml', '--out', name, ...(name === 'report.html' ? ['--bundle', 'bundle.zip'] : []))
    const text = await readFile(join(bed.folder, name), 'utf8')
    expectHarmless(text, name)
    expect(text).toContain('HYPERLINK')
    // code in Markdown is text
    const markup = name.endsWith('.md') ? text.replaceAll(/`[^`\n]*`/g, '') : text
    if (!name.endsWith('.json')) expect(markup, name).not.toMatch(/(^|[^\\])<(script|img)/m)
    expect((await bed.run('report', 'tenant.yaml', '--check', name)).code, name).toBe(0)
  }
  const files = unzipSync(await readFile(join(bed.folder, 'bundle.zip')))
  for (const [name, bytes] of Object.entries(files)) {
    // what the operator wrote is bundled as it is
    if (name.endsWith('.yaml')) continue
    expectHarmless(Buffer.from(bytes).toString('utf8'), name)
  }
  expect(shown).toBeGreaterThan(3)
})

test('the messages of the console are JSON in one line each, of no type that a browser runs', async () => {
  await open(false)
  await bed.run('verify', 'tenant.yaml')
  await bed.run('audit', 'tenant.yaml', '--record')
  const desk = openDesk(join(bed.folder, 'tenant-onboard'))
  for (const path of ['/api/audits', '/api/evidence?q=HYPERLINK']) {
    const answer = await desk.askInside(path)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const text = await answer.text()
    expect(text).toContain('HYPERLINK')
    expect(text).not.toContain('\n')
  }
  desk.close()
})
