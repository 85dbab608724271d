import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { liveView, parseHolder } from '../../src/console/run-view.ts'
import { openProgressFile, readProgress } from '../../src/tenant/progress-file.ts'
import type { ProgressLine } from '../../src/tenant/progress-file.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed
let file: string
let home: string

beforeEach(async () => {
  bed = await openSimulated()
  file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => text.replace(/^cloud: .*$/m, 'cloud: sim')),
  )
  home = join(bed.folder, 'tenant-onboard', 'sim', 'acme')
})

afterEach(() => bed.remove())

test('an apply leaves what it did, for its owner alone, and none of its secrets', async () => {
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  const path = join(home, 'progress.jsonl')
  const { run } = liveView(await readProgress(path), undefined)
  expect(run).toMatchObject({ command: 'apply', state: 'done' })
  expect(run?.stages.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'done'))
  const steps = run?.stages.flatMap((stage) => stage.steps) ?? []
  expect(steps.map(({ name }) => name)).toContain('acme-router')
  expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['done']))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const text = await readFile(path, 'utf8')
  const secrets = [...(await filesBelow(join(home, 'secrets'))).values()]
  expect(secrets.length).toBeGreaterThan(3)
  for (const secret of secrets) expect(text).not.toContain(secret.trim())
  // the next run begins a new one
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  expect((await readProgress(path)).filter(({ kind }) => kind === 'begun')).toHaveLength(1)
})

test('a run whose progress cannot be written continues without it', async () => {
  await mkdir(join(home, 'progress.jsonl'), { recursive: true })
  const { code, out } = await bed.run('apply', file, '--yes')
  expect(code).toBe(0)
  expect(out).toContain('acme matches its file')
  expect(bed.cloud.state.routers.map(({ name }) => name)).toContain('acme-router')
})

test('what stops a run is written down in its own words', async () => {
  const stop = new AbortController()
  const stopped = await openSimulated(undefined, {
    stop: stop.signal,
    err: (text) => {
      if (text.startsWith('network: started')) stop.abort()
    },
  })
  const tenant = await stopped.write('tenant.yaml', await readFile(file, 'utf8'))
  expect((await stopped.run('apply', tenant, '--yes')).code).toBe(4)
  const path = join(stopped.folder, 'tenant-onboard', 'sim', 'acme', 'progress.jsonl')
  const { run } = liveView(await readProgress(path), undefined)
  expect(run).toMatchObject({
    state: 'interrupted',
    because: 'stopped as requested; run the same command again to continue',
  })
  expect(run?.stages.find(({ stage }) => stage === 'network')?.state).toBe('stopped')
  expect(run?.stages.find(({ stage }) => stage === 'template')?.state).toBe('not reached')
  await stopped.remove()
})

const at = '2026-05-04T10:00:00.000Z'
const router = {
  id: 'network/router',
  stage: 'network',
  action: 'create',
  actor: 'automation',
  kind: 'router',
  name: 'acme-router',
  because: 'missing',
} as const
const begun: ProgressLine = {
  kind: 'begun',
  at,
  command: 'apply',
  pid: 11,
  file: '/tenant.yaml',
  stages: ['network', 'template'],
  steps: [
    { ...router, id: 'network/network', kind: 'network', name: 'acme-net', needs: [] },
    { ...router, needs: [] },
    {
      ...router,
      id: 'network/interface',
      kind: 'interface',
      name: 'acme-if',
      needs: ['network/network', 'network/router'],
    },
  ],
}
const midway: readonly ProgressLine[] = [
  begun,
  { kind: 'stage', at, stage: 'network', state: 'started' },
  { kind: 'step', at, step: 'network/network', state: 'started' },
  { kind: 'step', at, step: 'network/router', state: 'started' },
  { kind: 'step', at, step: 'network/network', state: 'done' },
]

test('what waits says for what, and for nothing that is done', () => {
  const { run } = liveView(midway, parseHolder(`apply, pid 11, since ${at}`))
  expect(run).toMatchObject({
    state: 'running',
    stages: [
      {
        stage: 'network',
        state: 'running',
        because: 'create router acme-router',
        steps: [
          { name: 'acme-net', state: 'done' },
          { name: 'acme-router', state: 'running' },
          { name: 'acme-if', state: 'waiting', waitsFor: ['router acme-router'] },
        ],
      },
      { stage: 'template', state: 'waiting', because: 'waits for network' },
    ],
  })
})

test.each([
  { holder: undefined, who: 'nobody' },
  { holder: parseHolder(`verify, pid 12, since ${at}`), who: 'another command' },
])('a run without an end, with the lock held by $who, was cut off', ({ holder }) => {
  const { run } = liveView(midway, holder)
  expect(run?.state).toBe('interrupted')
  expect(run?.stages.map(({ state }) => state)).toEqual(['stopped', 'not reached'])
})

test('a gate that waits says what for', () => {
  const lines: readonly ProgressLine[] = [
    { ...begun, steps: [] },
    { kind: 'stage', at, stage: 'network', state: 'started' },
    { kind: 'waiting', at, stage: 'network', because: 'router acme-router is BUILD' },
  ]
  const { run } = liveView(lines, parseHolder(`apply, pid 11, since ${at}`))
  expect(run?.stages[0]).toMatchObject({ state: 'running', because: 'router acme-router is BUILD' })
})

test('a file of progress that is torn or foreign is read as far as it goes', async () => {
  const path = join(bed.folder, 'progress.jsonl')
  const progress = await openProgressFile(path)
  for (const line of midway) progress.add(line)
  await progress.close()
  const whole = await readProgress(path)
  expect(whole).toEqual(midway)
  await bed.write('torn.jsonl', (await readFile(path, 'utf8')).slice(0, -20))
  expect(await readProgress(join(bed.folder, 'torn.jsonl'))).toEqual(midway.slice(0, -1))
  expect(await readProgress(join(bed.folder, 'none.jsonl'))).toEqual([])
})
