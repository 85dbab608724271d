import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chainOf, RequestTrace, waitsOf } from '../../src/cli/trace.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'

type Event = {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly cat: string
  readonly args: Readonly<Record<string, unknown>>
}

describe('which request waited for which', () => {
  // b and c at once after a; d after c; e after nothing
  const spans = [
    { began: 0, ended: 10 },
    { began: 11, ended: 20 },
    { began: 11, ended: 30 },
    { began: 31, ended: 40 },
    { began: 2, ended: 12 },
  ]
  test('is the one whose answer came last before it', () => {
    expect(waitsOf(spans)).toEqual([undefined, 0, 0, 2, undefined])
  })
  test('the chain ends with the last answer', () => {
    expect(chainOf(spans)).toEqual([0, 2, 3])
    expect(chainOf([])).toEqual([])
  })
})

test('a trace has a span for each request, by actor, and no two spans in one row at once', async () => {
  const bed = await openSimulated()
  try {
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    expect((await bed.run('apply', file, '--yes', '--until', 'template', '--trace', 'trace.json')).code).toBe(0)
    const path = join(bed.folder, 'trace.json')
    const text = await readFile(path, 'utf8')
    const { traceEvents } = JSON.parse(text) as { traceEvents: readonly Event[] }
    const spans = traceEvents.filter(({ ph }) => ph === 'X')
    expect(spans).toHaveLength(bed.sent.length)
    expect(spans.map(({ args }) => `${String(args['method'])} ${String(args['path'])}`).sort()).toEqual(
      bed.sent.map(({ method, path: sent }) => `${method} ${sent}`).sort(),
    )
    const actors = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args['name'])
    expect(actors).toEqual(expect.arrayContaining(['operator', 'manager', 'creator', 'automation']))
    expect(spans.every(({ args, cat }) => args['service'] === cat)).toBe(true)
    for (const one of spans)
      expect(
        spans.filter(
          (other) =>
            other !== one &&
            other.pid === one.pid &&
            other.tid === one.tid &&
            other.ts < one.ts + one.dur &&
            one.ts < other.ts + other.dur,
        ),
      ).toEqual([])
    const starts = traceEvents.filter(({ ph }) => ph === 's')
    expect(starts.length).toBeGreaterThan(10)
    expect(traceEvents.filter(({ ph }) => ph === 'f')).toHaveLength(starts.length)
    expect(spans.some(({ args }) => args['in_chain'] === true)).toBe(true)
    // neither the operator's secret nor one of the tenant, and nobody else may read it
    const files = await filesBelow(join(bed.folder, 'tenant-onboard'))
    const secrets = [...files]
      .filter(([name]) => /\.(password|secret)$/.test(name))
      .map(([, content]) => content.trim())
    expect(secrets.length).toBeGreaterThan(2)
    for (const secret of [bed.cloud.admin.password, ...secrets]) expect(text).not.toContain(secret)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  } finally {
    await bed.remove()
  }
})

test('a place that cannot be written ends the command before it sends anything', async () => {
  const bed = await openSimulated()
  try {
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const refused = await bed.run('apply', file, '--yes', '--trace', 'no-such-folder/trace.json')
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('cannot write')
    expect(bed.sent).toEqual([])
  } finally {
    await bed.remove()
  }
})

test('a command that fails leaves its trace, with the refusal in it', async () => {
  const bed = await openSimulated()
  try {
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const admin = bed.cloud.state.users.find(({ name }) => name === bed.cloud.admin.name)
    if (admin === undefined) throw new Error('the cloud has no admin')
    bed.cloud.state.users.set(admin.id, { ...admin, enabled: false })
    expect((await bed.run('plan', file, '--trace', 'trace.json')).code).not.toBe(0)
    const { traceEvents } = JSON.parse(await readFile(join(bed.folder, 'trace.json'), 'utf8')) as {
      traceEvents: readonly Event[]
    }
    expect(traceEvents.find(({ ph }) => ph === 'X')?.args).toMatchObject({ method: 'POST', status: 401 })
  } finally {
    await bed.remove()
  }
})

test('an answer that never came is said', () => {
  const trace = new RequestTrace()
  trace.note({ actor: 'operator', service: 'identity', method: 'GET', path: '/v3/x?y=1', attempt: 2, ms: 0 })
  const [, span] = (JSON.parse(trace.text()) as { traceEvents: readonly Event[] }).traceEvents
  expect(span?.args).toMatchObject({ status: 'no answer', attempt: 2, path: '/v3/x?y=1' })
  expect(span?.name).toBe('GET /v3/x')
})
