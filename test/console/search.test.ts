import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordAudit } from '../../src/audit/recorded.ts'
import { label } from '../../src/report/view/label.ts'
import { writePrivate } from '../../src/tenant/private-file.ts'
import { keepTenant, openDesk, scratchRoot } from './desk.ts'
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
    { cloud: 'prod', audit: { ...audit, findings: [{ ...finding, severity: label('error', 'bad') }] } },
  ])
})
