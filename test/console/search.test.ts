import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { idsOf, isWholeId, mayHaveId } from '../../src/console/evidence-ids.ts'
import { searchEvidence } from '../../src/console/search.ts'
import { openEvidence } from '../../src/tenant/evidence.ts'
import { recordAudit } from '../../src/audit/recorded.ts'
import { label } from '../../src/report/view/label.ts'
import { writePrivate } from '../../src/tenant/private-file.ts'
import { eventsOf, keepTenant, openDesk, scratchRoot } from './desk.ts'
import type { Desk } from './desk.ts'
import { gateEntry } from './entries.ts'

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

test('a request id leads to its record, its request and its tenant, and to no other', async () => {
  const request = { actor: 'operator', service: 'network', method: 'GET', path: '/v2.0/routers', status: 200, ms: 9 }
  const asked = [
    { ...request, id: 'req-1111-aaaa' },
    { ...request, id: 'req-2222-bbbb', path: '/v2.0/ports' },
  ]
  await keepTenant(scratch.root, 'prod', 'acme', [gateEntry('domain'), gateEntry('network', { requests: asked })])
  await keepTenant(scratch.root, 'prod', 'globex', [gateEntry('domain')])
  const answer = await desk.askInside('/api/evidence?q=REQ-1111')
  expect(await answer.json()).toMatchObject({
    hits: [
      {
        tenant: 'acme',
        seq: 2,
        title: 'gate of network holds',
        matched: ['req-1111-aaaa'],
        requests: [{ path: '/v2.0/routers' }],
      },
    ],
    isCut: false,
    problems: [],
  })
  expect(await (await desk.askInside('/api/evidence?q=req-3333')).json()).toMatchObject({ hits: [] })
})

const whole = 'req-11111111-2222-4333-8444-555555555555'

test('a whole id is looked for where the evidence has it, also in what was written since the list was read', async () => {
  const home = await keepTenant(scratch.root, 'prod', 'acme', [gateEntry('domain')])
  await keepTenant(scratch.root, 'prod', 'globex', [gateEntry('domain')])
  const events = eventsOf(await desk.askInside('/api/tenants'))
  await events.next()
  await events.return(undefined)
  expect(await (await desk.askInside(`/api/evidence?q=${whole}`)).json()).toMatchObject({ hits: [], unsearched: 0 })
  const evidence = await openEvidence(home.evidence, () => new Date('2026-05-04T11:00:00Z'))
  await evidence.append({ kind: 'rotated', account: 'svc', by: 'manager', old: 'refused', requestIds: [whole] })
  for (const text of [whole, whole.slice(4).toUpperCase()])
    expect(await (await desk.askInside(`/api/evidence?q=${text}`)).json()).toMatchObject({
      hits: [{ tenant: 'acme', seq: 2, matched: [whole] }],
      unsearched: 0,
    })
})

test('a record of a broken chain is never shown, also if its id is known', async () => {
  const home = await keepTenant(scratch.root, 'prod', 'acme', [
    gateEntry('domain'),
    { kind: 'note', text: `seen as ${whole}` },
    { kind: 'note', text: 'later' },
  ])
  const events = eventsOf(await desk.askInside('/api/tenants'))
  await events.next()
  await events.return(undefined)
  const { mtime, atime } = await stat(home.evidence)
  const text = await readFile(home.evidence, 'utf8')
  await writeFile(home.evidence, text.replace('later', 'LATER'))
  await utimes(home.evidence, atime, mtime)
  expect(await (await desk.askInside(`/api/evidence?q=${whole}`)).json()).toMatchObject({
    hits: [],
    problems: [expect.stringContaining('the chain of evidence is broken here')],
  })
})

test('ids are known whole, in any case and with or without the mark of a request', () => {
  const record = { kind: 'note', text: `${whole} and ${'ab'.repeat(16)}`, seq: 1, at: '', prev: '', hash: '' } as const
  const ids = idsOf([record])
  if (ids === undefined) throw new Error('too many')
  for (const id of [whole, whole.toUpperCase(), whole.slice(4), 'ab'.repeat(16)]) {
    expect(isWholeId(id)).toBe(true)
    expect(mayHaveId(ids, id)).toBe(true)
  }
  expect(mayHaveId(ids, 'cd'.repeat(16))).toBe(false)
  for (const part of [whole.slice(0, 20), 'router', `${whole}0`]) expect(isWholeId(part)).toBe(false)
})

test('a search ends when its client has left', async () => {
  for (const name of ['a', 'b', 'c']) await keepTenant(scratch.root, 'prod', name, [gateEntry('domain')])
  const left = new AbortController()
  let asked = 0
  const ledger = {
    idsIn: () => {
      if (++asked === 2) left.abort()
      return Promise.resolve(undefined)
    },
  }
  await searchEvidence({ root: scratch.root, ledger, signal: left.signal }, whole)
  expect(asked).toBe(2)
  await searchEvidence({ root: scratch.root, ledger, signal: new AbortController().signal }, whole)
  expect(asked).toBe(5)
})

test('a search of nothing asks for something', async () => {
  const answer = await desk.askInside('/api/evidence?q=%20r%20')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ error: 'give at least three characters' })
  expect((await desk.askInside('/api/evidence?q=req')).status).toBe(200)
})

test('an audit that was kept is told in the words of a report, a damaged one is said to be damaged', async () => {
  const finding = {
    code: 'audit/extra-role',
    severity: 'error',
    where: 'user acme-svc',
    message: 'it holds admin',
    owner: 'operator',
  } as const
  const audit = {
    cloud: 'prod',
    at: '2026-05-04T10:00:00.000Z',
    findings: [finding],
    dependences: [{ user: { id: 'u1', name: 'acme-cluster' }, clusters: ['acme-cluster'] }],
    counted: {
      tenants: 1,
      users: 4,
      owners: 2,
      assignments: 6,
      credentials: 1,
      rows: [{ kind: 'assignments', read: 6, matched: 6, outside: 4 }],
    },
  }
  await keepTenant(scratch.root, 'prod', 'acme')
  await keepTenant(scratch.root, 'lab', 'acme')
  await keepTenant(scratch.root, 'other', 'acme')
  await recordAudit(scratch.root, audit)
  await writePrivate(`${scratch.root}/other/audit.json`, '{"version":2}')
  expect(await (await desk.askInside('/api/audits')).json()).toEqual([
    { cloud: 'lab' },
    { cloud: 'other', problem: expect.stringContaining('is not a recorded audit') as string },
    {
      cloud: 'prod',
      audit: { ...audit, findings: [{ ...finding, severity: label('error', 'bad') }], isAsExpected: false },
    },
  ])
  // as `audit` itself says it
  await recordAudit(scratch.root, { ...audit, findings: [] })
  expect(await (await desk.askInside('/api/audits')).json()).toContainEqual(
    expect.objectContaining({ cloud: 'prod', audit: { ...audit, findings: [], isAsExpected: true } }),
  )
})
