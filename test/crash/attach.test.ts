/**
 * A real process and a real SIGKILL before, in and after each call that changes something on disk: Keystone's file is the old one or the
 * new one, and the next command continues from there.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorOf } from '../onboarding/test-bed.ts'
import { openDeliveryTestBed, override, usual } from '../policy-delivery/test-bed.ts'
import type { DeliveryTestBed } from '../policy-delivery/test-bed.ts'
import { isSwept } from '../sweep-share.ts'

// below the repository, so that its packages are found
const bundle = resolve('node_modules/.cache', `delivery-kill-${process.pid}`)
const preload = resolve('test/crash/kill-at.mjs')
const old = '"identity:list_endpoints": "rule:admin_required"\n'

beforeAll(async () => {
  await build({
    entryPoints: { command: 'src/cli/main.ts' },
    outdir: bundle,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
  })
})
afterAll(() => rm(bundle, { recursive: true, force: true }))

type Kill = { readonly at: number; readonly when: 'before' | 'half' | 'after' }

async function openGround(): Promise<DeliveryTestBed> {
  const bed = await openDeliveryTestBed()
  await writeFile(bed.file, old)
  await chmod(bed.file, 0o640)
  await bed.write('good.yaml', await override())
  return bed
}

const attach = (bed: DeliveryTestBed): readonly string[] => [
  'attach',
  join(bed.folder, 'good.yaml'),
  '--policy-dir',
  bed.policyDir,
  ...usual.ground,
  '--yes',
  '--no-gate',
]
const rollback = (bed: DeliveryTestBed): readonly string[] => [
  'rollback',
  '--policy-dir',
  bed.policyDir,
  '--yes',
  '--no-gate',
]

/** In a process of its own; how it ended. */
async function inChild(bed: DeliveryTestBed, argv: readonly string[], kill?: Kill): Promise<NodeJS.Signals | number> {
  const child = spawn(process.execPath, ['--import', preload, join(bundle, 'command.mjs'), 'policy', ...argv], {
    env: {
      PATH: process.env['PATH'],
      HOME: bed.folder,
      ...operatorOf(bed.cloud),
      ...(kill === undefined
        ? { KILL_COUNT: join(bed.folder, 'count') }
        : { KILL_AT: String(kill.at), KILL_WHEN: kill.when }),
    },
    stdio: 'ignore',
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? code ?? -1
}

async function callsOf(
  prepare: (bed: DeliveryTestBed) => Promise<unknown>,
  argv: typeof attach,
): Promise<readonly string[]> {
  const bed = await openGround()
  await prepare(bed)
  expect(await inChild(bed, argv(bed))).toBe(0)
  const names = (await readFile(join(bed.folder, 'count'), 'utf8')).trim().split('\n')
  await bed.remove()
  return names
}

/** The file as Keystone would read it this very moment, and what it must be. */
async function wholeOrWrong(bed: DeliveryTestBed, good: string): Promise<readonly string[]> {
  const text = await readFile(bed.file, 'utf8').catch(() => 'no file at all')
  const mode = (await stat(bed.file)).mode & 0o777
  return [
    ...(text === old || text === good ? [] : [`neither old nor new: ${text.slice(0, 40)}`]),
    ...(mode === 0o640 ? [] : [`mode ${mode.toString(8)}`]),
  ]
}

async function afterwards(bed: DeliveryTestBed, good: string, isAgain: boolean): Promise<readonly string[]> {
  const wrong: string[] = []
  const type = (argv: readonly string[]) => bed.type('policy', ...argv)
  if (isAgain) {
    const again = await type(attach(bed))
    if (again.code !== 0) wrong.push(`attach again ended with ${again.code}: ${again.err.slice(-300)}`)
    if ((await readFile(bed.file, 'utf8')) !== good) wrong.push('attach again did not attach')
  }
  const back = await type(rollback(bed))
  // a kill before the record was written leaves nothing to bring back, and nothing was changed then
  if (back.code !== 0 && (isAgain || !back.err.includes('nothing was attached')))
    wrong.push(`rollback ended with ${back.code}: ${back.err.slice(-300)}`)
  if ((await readFile(bed.file, 'utf8')) !== old) wrong.push('rollback did not bring back the old file')
  if (((await stat(bed.file)).mode & 0o777) !== 0o640) wrong.push('rollback did not bring back the mode')
  const names = await readdir(bed.policyDir)
  if (isAgain && names.length !== 1) wrong.push(`left in the folder: ${names.join(', ')}`)
  return wrong
}

async function sweep(
  calls: readonly string[],
  argv: typeof attach,
  prepare: (bed: DeliveryTestBed) => Promise<unknown>,
): Promise<readonly string[]> {
  const good = await override()
  const wrong: string[] = []
  for (const [way, when] of (['before', 'half', 'after'] as const).entries()) {
    for (let at = 1; at <= calls.length; at++) {
      // few calls write, so each is killed in the middle
      if (when !== 'half' && !isSwept(at + way, 4)) continue
      if (when === 'half' && calls[at - 1] !== 'writeFile') continue
      const bed = await openGround()
      await prepare(bed)
      const ended = await inChild(bed, argv(bed), { at, when })
      const found = [
        ...(ended === 'SIGKILL' ? [] : [`it was not killed but ended with ${ended}`]),
        ...(await wholeOrWrong(bed, good)),
        ...(await afterwards(bed, good, at % 2 === 0)),
      ]
      wrong.push(...found.map((one) => `killed ${when} call ${at}: ${one}`))
      await bed.remove()
    }
  }
  return wrong
}

test('an attach that is killed leaves the old file or the new one, and the next command continues', async () => {
  const nothing = (): Promise<void> => Promise.resolve()
  const calls = await callsOf(nothing, attach)
  expect(calls.length).toBeGreaterThan(15)
  expect(await sweep(calls, attach, nothing)).toEqual([])
}, 900_000)

test('a rollback that is killed does too', async () => {
  const prepare = (bed: DeliveryTestBed) => bed.type('policy', ...attach(bed))
  const calls = await callsOf(prepare, rollback)
  expect(calls.length).toBeGreaterThan(8)
  expect(await sweep(calls, rollback, prepare)).toEqual([])
}, 900_000)
