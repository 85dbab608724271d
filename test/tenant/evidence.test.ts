import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEvidence, readEvidence } from '../../src/tenant/evidence.ts'
import type { Digests, Entry } from '../../src/tenant/evidence.ts'
import type { StageName } from '../../src/tenant/stage.ts'
import { statusOf } from '../../src/tenant/status.ts'

const now = (): Date => new Date('2026-11-23T10:00:00Z')
const digests = { spec: 'sha256:a', cloud: 'sha256:b' }

function gate(
  ok: boolean,
  stage: 'domain' | 'cluster' = 'domain',
  name: 'accepted' | 'complete' = 'complete',
  claims = ['domain acme is enabled'],
): Entry {
  const checks = claims.map((claim) => {
    return { claim, ok, value: {}, actor: 'operator', reach: 'perimeter', requestIds: ['req-1'] } as const
  })
  return { kind: 'gate', stage, gate: name, ok, digests, checks, findings: [], milliseconds: 5 }
}

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'))
  path = join(folder, 'evidence.jsonl')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('records form a chain that a reader can follow', async () => {
  const evidence = await openEvidence(path, now)
  await Promise.all([evidence.append(gate(true)), evidence.append(gate(true, 'cluster', 'accepted'))])
  const again = await readEvidence(path)
  expect(again.map((record) => record.seq)).toEqual([1, 2])
  expect(again[1]?.prev).toBe(again[0]?.hash)
})

test('a changed record breaks the chain, and says where', async () => {
  const evidence = await openEvidence(path, now)
  await evidence.append(gate(false))
  await evidence.append(gate(true))
  await expect(readEvidence(path)).resolves.toHaveLength(2)
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('"ok":false', '"ok":true'), { mode: 0o600 })
  await expect(readEvidence(path)).rejects.toThrow(`${path}:1: the chain of evidence is broken here`)
})

test('a record is the same in another spelling of its JSON, and nothing can be slipped into it', async () => {
  const evidence = await openEvidence(path, now)
  await evidence.append(gate(true, 'domain', 'complete', ['a name with \u202e in it']))
  const { hash } = await evidence.append(gate(true))
  const text = await readFile(path, 'utf8')
  const change = async (from: string, to: string) => {
    expect(text).toContain(from)
    await writeFile(path, text.replace(from, to), { mode: 0o600 })
    return readEvidence(path)
  }
  await expect(change('"ok":true', '"ok": true')).resolves.toHaveLength(2)
  await expect(change('\\u202e', '\u202e')).resolves.toHaveLength(2)
  for (const more of [`"hash":"${hash}",`, '"more":1,'])
    await expect(change('"value":{}', `"value":{${more.slice(0, -1)}}`)).rejects.toThrow('broken here')
  await expect(change(`"hash":"${hash}",`, `"hash":"${hash}","more":1,`)).rejects.toThrow(`${path}:2:`)
})

test('a removed record breaks the chain', async () => {
  const evidence = await openEvidence(path, now)
  for (let i = 0; i < 3; i++) await evidence.append(gate(true))
  const lines = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [lines[0], lines[2], ''].join('\n'), { mode: 0o600 })
  await expect(readEvidence(path)).rejects.toThrow(`${path}:2:`)
})

test.each(['{"kind":"gate","stage":"doma', '{"kind":"gate"}'])(
  'a half-written last record is left out and said: %j',
  async (torn) => {
    const evidence = await openEvidence(path, now)
    await evidence.append(gate(true))
    await appendFile(path, torn)
    expect(await readEvidence(path)).toHaveLength(1)
    const again = await openEvidence(path, now)
    await again.append(gate(false))
    const records = await readEvidence(path)
    expect(records.map((record) => record.kind)).toEqual(['gate', 'note', 'gate'])
  },
)

test.each([
  ['is no JSON any more', (line: string) => line.replace('{', '(')],
  ['is JSON with another value', (line: string) => line.replace('"ok":true', '"ok":null')],
  ['is JSON of another shape', () => '{"kind":"gate"}'],
  ['is empty', () => ''],
])('a complete last line that %s breaks the chain, for readers and for writers', async (_, change) => {
  const evidence = await openEvidence(path, now)
  await evidence.append(gate(true))
  await evidence.append(gate(true))
  const [first = '', last = ''] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, `${first}\n${change(last)}\n`, { mode: 0o600 })
  await expect(readEvidence(path)).rejects.toThrow(`${path}:2: the chain of evidence is broken here`)
  await expect(openEvidence(path, now)).rejects.toThrow(`${path}:2: the chain of evidence is broken here`)
})

test('status follows from evidence and today alone', async () => {
  const evidence = await openEvidence(path, now)
  await evidence.append(gate(false))
  await evidence.append(gate(true))
  await evidence.append(gate(true, 'cluster', 'accepted'))
  const states = (today: Digests) =>
    Object.fromEntries(
      statusOf(evidence.records, today, undefined).map(({ stage, state, gate }) => [
        stage,
        gate === undefined ? state : `${gate} ${state}`,
      ]),
    )
  expect(states(digests)).toMatchObject({ domain: 'validated', cluster: 'accepted validated', network: 'never run' })
  expect(states({ ...digests, spec: 'sha256:c' })).toMatchObject({ domain: 'stale', cluster: 'accepted stale' })
  expect(states({ ...digests, policy: 'another' })).toMatchObject({ domain: 'stale', cluster: 'accepted stale' })
  await evidence.append(gate(false))
  expect(states(digests)).toMatchObject({ domain: 'failed' })
})

test('a stage that the tenant file does not ask for is not validated, whatever its gate did not read', async () => {
  const evidence = await openEvidence(path, now)
  await evidence.append(gate(true))
  await evidence.append(gate(true, 'cluster', 'complete', []))
  const stateOf = (asked: ReadonlySet<StageName> | undefined) =>
    statusOf(evidence.records, digests, asked).find(({ stage }) => stage === 'cluster')?.state
  expect(stateOf(new Set(['domain']))).toBe('not asked')
  expect(stateOf(undefined)).toBe('not asked')
  expect(stateOf(new Set(['domain', 'cluster']))).toBe('never run')
  await evidence.append(gate(true, 'cluster'))
  expect(stateOf(new Set(['domain', 'cluster']))).toBe('validated')
})

test('an end that moved is not appended to: two writers never share a chain', async () => {
  const first = await openEvidence(path, now)
  const second = await openEvidence(path, now)
  await first.append({ kind: 'note', text: 'the first' })
  await expect(second.append({ kind: 'note', text: 'the second' })).rejects.toThrow('another command has written to it')
  await first.append({ kind: 'note', text: 'and on' })
  expect((await readEvidence(path)).map((record) => record.kind === 'note' && record.text)).toEqual([
    'the first',
    'and on',
  ])
})
