import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ledger } from '../../src/console/ledger.ts'
import { openEvidence } from '../../src/tenant/evidence.ts'
import { acquireLock } from '../../src/tenant/lock.ts'
import { openProgressFile } from '../../src/tenant/progress-file.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { digestsOf, tenantOf } from '../../src/tenant/tenant.ts'
import { exampleTenant } from '../onboarding/test-bed.ts'
import { eventsOf, keepTenant, openDesk, scratchRoot } from './desk.ts'
import type { Desk, SentEvent } from './desk.ts'
import { digests, gateEntry, wholeTenant } from './entries.ts'

let desk: Desk
let scratch: Awaited<ReturnType<typeof scratchRoot>>

beforeEach(async () => {
  scratch = await scratchRoot()
  desk = openDesk(scratch.root)
})

afterEach(async () => {
  desk.close()
  await scratch.remove()
})

async function next(events: AsyncGenerator<SentEvent, void, undefined>): Promise<SentEvent> {
  const step = await events.next()
  if (step.done === true) throw new Error('the stream has ended')
  return step.value
}

test('the list tells every tenant of every cloud, then only what changed', async () => {
  const acme = await keepTenant(scratch.root, 'prod', 'acme', wholeTenant)
  await keepTenant(scratch.root, 'prod', 'globex', wholeTenant.slice(0, 3))
  await keepTenant(scratch.root, 'lab', 'initech')
  const events = eventsOf(await desk.askInside('/api/tenants'))
  expect(await next(events)).toMatchObject({
    event: 'rows',
    data: {
      isComplete: true,
      rows: [
        { cloud: 'lab', tenant: 'initech', state: 'never run' },
        { cloud: 'prod', tenant: 'acme', state: 'validated', at: '2026-05-04T10:00:00.000Z' },
        { cloud: 'prod', tenant: 'globex', state: 'unfinished' },
      ],
    },
  })
  const lock = await acquireLock(acme.path, 'verify, pid 7, since 2026-05-04T11:00:00.000Z')
  expect((await next(events)).data).toMatchObject({
    rows: [{ tenant: 'acme', state: 'at work', holder: { command: 'verify', pid: 7 } }],
    gone: [],
  })
  await lock.release()
  expect((await next(events)).data).toMatchObject({ rows: [{ tenant: 'acme', state: 'validated' }] })
  await rm(acme.path, { recursive: true })
  expect((await next(events)).data).toMatchObject({ rows: [], gone: [{ cloud: 'prod', tenant: 'acme' }] })
  await events.return()
})

test('a gate that fails is told while one looks on', async () => {
  const home = await keepTenant(scratch.root, 'prod', 'acme', wholeTenant)
  const events = eventsOf(await desk.askInside('/api/tenants/prod/acme'))
  expect(await next(events)).toMatchObject({ event: 'live', data: {} })
  expect(await next(events)).toMatchObject({ event: 'tenant', data: { records: 8, tenant: 'acme' } })
  const evidence = await openEvidence(home.evidence, () => new Date())
  const check = { claim: 'router acme-router is ACTIVE', ok: false, value: 'DOWN', requestIds: ['req-9'] }
  await evidence.append(
    gateEntry('network', { ok: false, checks: [{ ...check, actor: 'automation', reach: 'tenant could' }] }),
  )
  expect(await next(events)).toMatchObject({ event: 'live' })
  const { data } = await next(events)
  expect(data).toMatchObject({ records: 9 })
  expect(JSON.stringify(data)).toContain('"state":"failed","because":"router acme-router is ACTIVE"')
  await events.return()
})

test('a broken chain is said of its tenant and hides no other', async () => {
  const acme = await keepTenant(scratch.root, 'prod', 'acme', wholeTenant)
  await keepTenant(scratch.root, 'prod', 'globex', wholeTenant)
  await appendFile(acme.evidence, '{"kind":"note","text":"slipped in","prev":"sha256:0","hash":"sha256:1","seq":9}\n')
  await appendFile(acme.evidence, '{}\n')
  const events = eventsOf(await desk.askInside('/api/tenants'))
  const { data } = await next(events)
  expect(data).toMatchObject({
    rows: [
      { tenant: 'acme', state: 'unreadable' },
      { tenant: 'globex', state: 'validated' },
    ],
  })
  expect(JSON.stringify(data)).toContain('the chain of evidence is broken here')
  await events.return()
})

test('a data directory without tenants is an empty list, and not one that is still read', async () => {
  const events = eventsOf(await desk.askInside('/api/tenants'))
  expect(await next(events)).toEqual({ event: 'rows', data: { rows: [], gone: [], isComplete: true } })
  await events.return()
})

test('a tenant that is not there is said to be missing', async () => {
  await keepTenant(scratch.root, 'prod', 'acme')
  expect((await desk.askInside('/api/tenants/prod/nobody')).status).toBe(404)
  expect((await desk.askInside('/api/tenants/prod/acme')).status).toBe(200)
})

test('a tenant that left, one that was handed over, and one that is only begun are distinguished', async () => {
  const checks = { ok: true, checks: [], findings: [] }
  const absence = { kind: 'offboarding', stage: 'absence', ...checks } as const
  const given = { kind: 'handover', recipient: 'age1tenant', sha256: '0'.repeat(64), files: [] } as const
  const made = {
    kind: 'made',
    step: 'domain/domain',
    actor: 'operator',
    action: 'create',
    object: { kind: 'domain', name: 'begun' },
    requestIds: ['req-1'],
  } as const
  await keepTenant(scratch.root, 'prod', 'begun', [made])
  await keepTenant(scratch.root, 'prod', 'given', [...wholeTenant, given])
  const leaver = await keepTenant(scratch.root, 'prod', 'left', [made, ...wholeTenant, absence])
  // its latest apply was cut off, a day before it left
  const progress = await openProgressFile(leaver.progress)
  const at = '2026-05-03T10:00:00.000Z'
  progress.add({ kind: 'begun', at, command: 'apply', pid: 1, file: '/tenant.yaml', stages: ['network'], steps: [] })
  await progress.close()
  await keepTenant(scratch.root, 'prod', 'returned', [...wholeTenant, absence, gateEntry('preflight')])
  const events = eventsOf(await desk.askInside('/api/tenants'))
  expect((await next(events)).data).toMatchObject({
    rows: [
      { tenant: 'begun', state: 'unfinished' },
      { tenant: 'given', state: 'held by the tenant' },
      { tenant: 'left', state: 'offboarded' },
      { tenant: 'returned', state: 'unfinished' },
    ],
  })
  await events.return()
  // what was made before it left is no more
  const left = eventsOf(await desk.askInside('/api/tenants/prod/left'))
  await next(left)
  const { data } = await next(left)
  expect(data).toMatchObject({ records: 10 })
  expect(JSON.stringify(data)).not.toContain('domain/domain')
  await left.return()
})

test('a tenant whose file changes is stale at once, whatever its evidence says', async () => {
  const file = join(scratch.root, 'acme.yaml')
  const text = (await exampleTenant('acme')).replace(/^cloud: .*$/m, 'cloud: prod')
  await writeFile(file, text)
  const { spec } = digestsOf(tenantOf(parseSpec(file, text), {}), '', undefined)
  const gates = wholeTenant.flatMap((entry) =>
    entry.kind === 'gate' ? [{ ...entry, digests: { ...digests, spec } }] : [],
  )
  const home = await keepTenant(scratch.root, 'prod', 'acme', gates)
  const progress = await openProgressFile(home.progress)
  const at = '2026-05-04T09:00:00.000Z'
  progress.add({ kind: 'begun', at, command: 'apply', pid: 1, file, stages: [], steps: [] })
  progress.add({ kind: 'ended', at, outcome: 'done' })
  await progress.close()
  const events = eventsOf(await desk.askInside('/api/tenants'))
  expect((await next(events)).data).toMatchObject({ rows: [{ tenant: 'acme', state: 'validated' }] })
  await writeFile(file, text.replace('instances: 10', 'instances: 12'))
  expect((await next(events)).data).toMatchObject({ rows: [{ tenant: 'acme', state: 'stale' }] })
  await events.return()
  const page = eventsOf(await desk.askInside('/api/tenants/prod/acme'))
  await next(page)
  expect((await next(page)).data).toMatchObject({ file })
  await page.return()
})

test('the list is read no further when every page is gone', async () => {
  for (let at = 0; at < 40; at++) await keepTenant(scratch.root, 'prod', `t${String(at)}`, wholeTenant)
  const ledger = new Ledger(scratch.root)
  // gone after the first of them, whatever the others wait for
  const read = () => ledger.rows.filter(({ state }) => state !== 'not checked')
  await ledger.look(() => read().length > 0)
  expect(read().length).toBeLessThan(10)
  // one that stays sees all of them, also beside one that has left
  await Promise.all([ledger.look(() => true), ledger.look(() => false)])
  expect(read()).toHaveLength(40)
})

test('every row is there at once, and says nothing of evidence that nobody has verified', async () => {
  for (let at = 0; at < 40; at++) await keepTenant(scratch.root, 'prod', `t${String(at)}`, wholeTenant)
  const hasty = openDesk(scratch.root, 1)
  const events = eventsOf(await hasty.askInside('/api/tenants'))
  const { data } = await next(events)
  if (!isRows(data)) throw new Error('no rows')
  expect(data).toMatchObject({ isComplete: false })
  const states = new Map<string, unknown>()
  for (const row of data.rows) states.set(row.tenant, row.state)
  expect(states.size).toBe(40)
  expect(data.rows.at(-1)).toEqual({ cloud: 'prod', tenant: 't9', state: 'not checked', stages: [] })
  for await (const { data: later } of events) {
    if (!isRows(later)) continue
    for (const row of later.rows) states.set(row.tenant, row.state)
    if (later.isComplete) break
  }
  expect([...new Set(states.values())]).toEqual(['validated'])
  hasty.close()
})

test.each([
  ['a FIFO', (path: string) => Promise.resolve(void execFileSync('mkfifo', ['-m', '600', path]))],
  ['an endless device', (path: string) => symlink('/dev/zero', path)],
  ['a folder', (path: string) => mkdir(path)],
  ['brackets', (path: string) => writeFile(path, `${'['.repeat(200_000)}\n`, { mode: 0o600 })],
])('%s in place of evidence is told in its row, and ends no stream', async (_, make) => {
  const bad = await keepTenant(scratch.root, 'prod', 'bad')
  await rm(bad.evidence, { force: true, recursive: true })
  await make(bad.evidence)
  await keepTenant(scratch.root, 'prod', 'good', wholeTenant)
  const events = eventsOf(await desk.askInside('/api/tenants'))
  const rows = new Map<string, unknown>()
  for await (const { data } of events) {
    if (!isRows(data)) continue
    for (const row of data.rows) rows.set(row.tenant, row.state)
    if (rows.size === 2) break
  }
  expect(Object.fromEntries(rows)).toEqual({ bad: 'unreadable', good: 'validated' })
  const one = eventsOf(await desk.askInside('/api/tenants/prod/bad'))
  expect((await next(one)).event).toBe('live')
  await one.return()
})

function isRows(data: unknown): data is { rows: { tenant: string; state: string }[]; isComplete: boolean } {
  return typeof data === 'object' && data !== null && 'rows' in data
}

test('the page of a tenant says on which cloud its latest run was, and as whom', async () => {
  const cloud = { entry: 'prod', authUrl: 'https://keystone.test/v3', region: 'one', account: 'admin@Default, system' }
  await keepTenant(scratch.root, 'prod', 'acme', [{ kind: 'run', command: 'apply', cloud }, ...wholeTenant])
  const events = eventsOf(await desk.askInside('/api/tenants/prod/acme'))
  await next(events)
  expect((await next(events)).data).toMatchObject({
    usedCloud: 'cloud prod at https://keystone.test/v3, region one, as admin@Default, system',
  })
  await events.return()
})
