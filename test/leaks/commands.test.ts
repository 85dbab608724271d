/**
 * A cloud that repeats every request, body and headers and query, in the errors of each service and beside each answer.
 * Whatever is printed, written, stored or bundled then is searched for every secret that was on the wire or is in the
 * 0600 files. Only these files and the sealed handover may hold one.
 */
import { unzipSync } from 'fflate'
import { createHash } from 'node:crypto'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { services } from '../../src/simulator/services.ts'
import { createClock } from '../clock.ts'
import { eventsOf, openDesk } from '../console/desk.ts'
import { isSwept } from '../sweep-share.ts'
import { small } from '../fleet/fleet-test-bed.ts'
import { override } from '../policy-delivery/test-bed.ts'
import { exampleTenant, openTestBed, simulate } from '../onboarding/test-bed.ts'
import type { SimulatedCloud, TestBed } from '../onboarding/test-bed.ts'
import { echoing, isSignIn } from './echo.ts'
import type { Echo } from './echo.ts'
import { SecretSearch } from './search.ts'

/** Every character that some encoding writes in another way. */
const adminPassword = `Op"era'tor & <\u00dcn\u00ef> \\ 100%+/=~ p4ss; key`

let bed: TestBed
let simulated: SimulatedCloud
let echo: Echo
let search: SecretSearch
let identity: string

beforeEach(async () => {
  search = new SecretSearch()
  // the override that is attached has the time of this machine, which must not be ahead of the cloud's
  simulated = simulate(undefined, { adminPassword, clock: createClock(Date.now() + 3_600_000) })
  echo = echoing(simulated.cloud.fetch, (secret) => {
    search.add(secret)
  })
  identity = await generateIdentity()
  search.add(identity)
  bed = await openTestBed({}, echo.fetch, {}, simulated.clock)
  await bed.write('clouds.yaml', renderClouds(simulated.cloud, { name: 'lab' }))
  const recipient = await identityToRecipient(identity)
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => `${text}handover:\n  recipient: ${recipient}\n`))
  await bed.write('identity.txt', `# created by age-keygen\n${identity}\n`)
  await bed.write('override.yaml', await override())
  for (const folder of ['fleet', 'policy.d']) await mkdir(join(bed.folder, folder))
  await bed.write('fleet/globex.yaml', small('globex', 'lab'))
})

afterEach(() => bed.remove())

const every = services.map(({ type }) => type).filter((type) => type !== 'placement' && type !== 'orchestration')
/** In an order in which each finds work, with the services that it asks; `accept` is another machine's. */
const commands: readonly (readonly [line: string, services: readonly string[], code?: number])[] = [
  ['init --cloud lab --tenant initech --out -', every],
  ['preflight tenant.yaml --probe', every],
  ['plan tenant.yaml', every],
  ['apply tenant.yaml --yes', every],
  ['status tenant.yaml', []],
  ['verify tenant.yaml --verbose --junit verify.xml', every],
  ['audit tenant.yaml --deep --record', every],
  ['diagnose tenant.yaml --verbose', every],
  ['policy gate --cloud lab', ['identity']],
  ['policy advise --cloud lab', ['identity'], 3],
  ['policy attach override.yaml --cloud lab --policy-dir policy.d --base debian-22+oct-2026 --yes', ['identity']],
  // with echoes it went back already
  ['policy rollback --cloud lab --policy-dir policy.d --yes', ['identity'], 2],
  ['rotate tenant.yaml --account cluster --yes', ['identity', 'container-infra']],
  ['rotate tenant.yaml --account svc --yes', ['identity', 'container-infra']],
  ['report tenant.yaml --out report.html --bundle bundle.zip', []],
  ['list', []],
  ['show acme', []],
  ['export acme --cloud lab', every],
  ['cloud move lab --yes', ['identity']],
  ['fleet plan fleet', every],
  ['fleet apply fleet --yes', every],
  ['fleet status fleet', []],
  ['handover tenant.yaml --yes', ['identity']],
  ['report tenant.yaml --out delivered.html --bundle delivered.zip', []],
  ['accept sealed.zip.age tenant.yaml --identity identity.txt --home tenant-side --yes', every],
  ['report tenant.yaml --home tenant-side --out own.md -o markdown --bundle own.zip', []],
  ['offboard tenant.yaml --confirm acme', every],
]

let turns = 0

/** What they write is a tenant file. */
const hasOneForm = /^(?:init|export) /

/** Types it in text and as JSON by turns, and searches what it says. */
let turn = 0
async function type(line: string, when: string, wanted?: number): Promise<number> {
  const { code, out, err } = await bed.run(
    ...line.split(' '),
    ...(turn++ % 2 === 0 || hasOneForm.test(line) ? [] : ['-o', 'json']),
  )
  const hits = [...search.hits(out), ...search.hits(err)]
  expect(hits, `${line} with ${when} (exit ${code})`).toEqual([])
  expect(err, `${line} with ${when}`).not.toContain('this is a bug')
  if (wanted !== undefined) expect.soft(code, err).toBe(wanted)
  return code
}

const mayHoldSecrets = /(?:^|\/)secrets\/|\.zip\.age$|(?:^|\/)secure\.yaml$|^clouds\.yaml$|^identity\.txt$/

/** What was searched already: by path, its content. What is written holds no secret that comes later. */
const searched = new Map<string, string>()

/** Everything on disk that is new, the content of zips as well. */
async function searchFiles(when: string): Promise<void> {
  for (const entry of await readdir(bed.folder, { recursive: true, withFileTypes: true })) {
    const path = relative(bed.folder, join(entry.parentPath, entry.name))
    if (!entry.isFile() || path.endsWith('.age')) continue
    const bytes = await readFile(join(bed.folder, path))
    if (mayHoldSecrets.test(path)) continue
    const content = createHash('sha256').update(bytes).digest('hex')
    if (searched.get(path) === content) continue
    searched.set(path, content)
    const texts = path.endsWith('.zip') ? Object.values(unzipSync(bytes)) : [bytes]
    for (const text of texts) expect(search.hits(Buffer.from(text).toString('utf8')), `${path} ${when}`).toEqual([])
  }
}

/** What the data directory holds becomes known to the search: keys and kubeconfigs are never on the wire. */
async function addStored(): Promise<void> {
  for (const entry of await readdir(bed.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.parentPath.endsWith('/secrets')) continue
    const text = (await readFile(join(entry.parentPath, entry.name), 'utf8')).trim()
    const key = /client-key-data: *(\S+)/.exec(text)?.[1]
    if (key !== undefined) search.add(Buffer.from(key, 'base64').toString('utf8').trim())
    for (const secret of key === undefined ? [text] : [key]) search.add(secret)
  }
}

/** What the pages of the console are sent about all of this. */
async function searchConsole(): Promise<void> {
  const desk = openDesk(join(bed.folder, 'tenant-onboard'))
  const sent: string[] = []
  for (const path of ['/api/tenants', '/api/fleets', '/api/tenants/lab/acme', '/api/tenants/lab/globex']) {
    const events = eventsOf(await desk.askInside(path))
    // of a tenant both its run and its evidence
    for (let count = path.split('/').length > 4 ? 2 : 1; count > 0; count--)
      sent.push(JSON.stringify((await events.next()).value))
    await events.return(undefined)
  }
  for (const path of ['/api/audits', '/api/evidence?q=acme', '/api/evidence?q=redacted'])
    sent.push(await (await desk.askInside(path)).text())
  desk.close()
  expect(sent.every((text) => text.length > 2)).toBe(true)
  expect(sent.flatMap((text) => search.hits(text))).toEqual([])
}

/** The data directory says that its cloud is at an address where it was before. */
async function moveAway(): Promise<void> {
  const path = join(bed.folder, 'tenant-onboard/lab/keystone.json')
  await writeFile(path, (await readFile(path, 'utf8')).replace(simulated.cloud.url, 'https://old.test/v3'))
}

async function deliver(): Promise<void> {
  const folder = join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'handover')
  const sealed = (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.age'))
  if (sealed !== undefined) await cp(join(folder, sealed), join(bed.folder, 'sealed.zip.age'))
}

test('a cloud that repeats requests in errors and answers gets no secret into any output or file', async () => {
  for (const [typed, asked, code = 0] of commands) {
    // the most that a command tells of its requests
    const line = asked.length === 0 ? typed : `${typed} --debug --trace trace.json`
    if (typed.startsWith('cloud move')) await moveAway()
    // first the errors of each service in turn, while there is something left to do
    const refusing = services.filter(({ type }, index) => asked.includes(type) && isSwept(index + turns, 3))
    turns++
    for (const { type: service, path } of refusing) {
      echo.mode = {
        kind: 'refuse',
        status: service === 'compute' ? 302 : 400,
        isRefused: (_, url) => url.pathname.startsWith(`${path}/`) && !isSignIn(url),
      }
      await type(line, `errors of ${service}`)
    }
    echo.mode = { kind: 'refuse', status: 401, isRefused: (_, url) => isSignIn(url) }
    if (asked.length > 0) await type(line, 'a refused sign-in')
    echo.mode = { kind: 'beside' }
    await type(line, 'echoes beside the answers')
    echo.mode = { kind: 'off' }
    await type(line, 'nothing wrong', code)
    await addStored()
    await deliver()
    await searchFiles(`after ${line}`)
  }
  await searchConsole()
  searched.clear()
  await searchFiles('in the end')
  // it did repeat, and there was something to find
  expect(echo.count).toBeGreaterThan(200)
  expect(search.count).toBeGreaterThan(50)
}, 3_600_000)
