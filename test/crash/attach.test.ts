/**
 * A real process and a real SIGKILL before, in and after each call that changes something on disk: Keystone's file is the old one or the
 * new one, and the next command goes on from there.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorOf } from '../onboarding/stand.ts'
import { openDeliveryStand, override, usual } from '../policy-delivery/stand.ts'
import type { DeliveryStand } from '../policy-delivery/stand.ts'
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

async function openGround(): Promise<DeliveryStand> {
  const stand = await openDeliveryStand()
  await writeFile(stand.file, old)
  await chmod(stand.file, 0o640)
  await stand.write('good.yaml', await override())
  return stand
}

const attach = (stand: DeliveryStand): readonly string[] => [
  'attach',
  join(stand.folder, 'good.yaml'),
  '--policy-dir',
  stand.policyDir,
  ...usual.ground,
  '--yes',
  '--no-gate',
]
const rollback = (stand: DeliveryStand): readonly string[] => [
  'rollback',
  '--policy-dir',
  stand.policyDir,
  '--yes',
  '--no-gate',
]

/** In a process of its own; how it ended. */
async function inChild(stand: DeliveryStand, argv: readonly string[], kill?: Kill): Promise<NodeJS.Signals | number> {
  const child = spawn(process.execPath, ['--import', preload, join(bundle, 'command.mjs'), 'policy', ...argv], {
    env: {
      PATH: process.env['PATH'],
      HOME: stand.folder,
      ...operatorOf(stand.cloud),
      ...(kill === undefined
        ? { KILL_COUNT: join(stand.folder, 'count') }
        : { KILL_AT: String(kill.at), KILL_WHEN: kill.when }),
    },
    stdio: 'ignore',
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? code ?? -1
}

async function callsOf(
  prepare: (stand: DeliveryStand) => Promise<unknown>,
  argv: typeof attach,
): Promise<readonly string[]> {
  const stand = await openGround()
  await prepare(stand)
  expect(await inChild(stand, argv(stand))).toBe(0)
  const names = (await readFile(join(stand.folder, 'count'), 'utf8')).trim().split('\n')
  await stand.remove()
  return names
}

/** The file as Keystone would read it this very moment, and what it must be. */
async function wholeOrWrong(stand: DeliveryStand, good: string): Promise<readonly string[]> {
  const text = await readFile(stand.file, 'utf8').catch(() => 'no file at all')
  const mode = (await stat(stand.file)).mode & 0o777
  return [
    ...(text === old || text === good ? [] : [`neither old nor new: ${text.slice(0, 40)}`]),
    ...(mode === 0o640 ? [] : [`mode ${mode.toString(8)}`]),
  ]
}

async function afterwards(stand: DeliveryStand, good: string, isAgain: boolean): Promise<readonly string[]> {
  const wrong: string[] = []
  const type = (argv: readonly string[]) => stand.type('policy', ...argv)
  if (isAgain) {
    const again = await type(attach(stand))
    if (again.code !== 0) wrong.push(`attach again ended with ${again.code}: ${again.err.slice(-300)}`)
    if ((await readFile(stand.file, 'utf8')) !== good) wrong.push('attach again did not attach')
  }
  const back = await type(rollback(stand))
  // a kill before the record was written leaves nothing to bring back, and nothing was changed then
  if (back.code !== 0 && (isAgain || !back.err.includes('nothing was attached')))
    wrong.push(`rollback ended with ${back.code}: ${back.err.slice(-300)}`)
  if ((await readFile(stand.file, 'utf8')) !== old) wrong.push('rollback did not bring back the old file')
  if (((await stat(stand.file)).mode & 0o777) !== 0o640) wrong.push('rollback did not bring back the mode')
  const names = await readdir(stand.policyDir)
  if (isAgain && names.length !== 1) wrong.push(`left in the folder: ${names.join(', ')}`)
  return wrong
}

async function sweep(
  calls: readonly string[],
  argv: typeof attach,
  prepare: (stand: DeliveryStand) => Promise<unknown>,
): Promise<readonly string[]> {
  const good = await override()
  const wrong: string[] = []
  for (const [way, when] of (['before', 'half', 'after'] as const).entries()) {
    for (let at = 1; at <= calls.length; at++) {
      // few calls write, so each is killed in the middle
      if (when !== 'half' && !isSwept(at + way, 4)) continue
      if (when === 'half' && calls[at - 1] !== 'writeFile') continue
      const stand = await openGround()
      await prepare(stand)
      const ended = await inChild(stand, argv(stand), { at, when })
      const found = [
        ...(ended === 'SIGKILL' ? [] : [`it was not killed but ended with ${ended}`]),
        ...(await wholeOrWrong(stand, good)),
        ...(await afterwards(stand, good, at % 2 === 0)),
      ]
      wrong.push(...found.map((one) => `killed ${when} call ${at}: ${one}`))
      await stand.remove()
    }
  }
  return wrong
}

test('an attach that is killed leaves the old file or the new one, and the next command goes on', async () => {
  const nothing = (): Promise<void> => Promise.resolve()
  const calls = await callsOf(nothing, attach)
  expect(calls.length).toBeGreaterThan(15)
  expect(await sweep(calls, attach, nothing)).toEqual([])
}, 900_000)

test('a rollback that is killed does too', async () => {
  const prepare = (stand: DeliveryStand) => stand.type('policy', ...attach(stand))
  const calls = await callsOf(prepare, rollback)
  expect(calls.length).toBeGreaterThan(8)
  expect(await sweep(calls, rollback, prepare)).toEqual([])
}, 900_000)
