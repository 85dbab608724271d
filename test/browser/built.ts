import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** Below node_modules, so that the program finds its packages. */
export const builtFolder = 'node_modules/.cache/browser-dist'

export type Program = ChildProcessByStdio<null, Readable, Readable>

/** Starts the built program as a user would, with an environment of its own. */
export function start(argv: readonly string[], env: Readonly<Record<string, string>>): Program {
  return spawn(process.execPath, [join(builtFolder, 'tenant-onboard.js'), ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Its exit code, also when it has ended already; `null` when it was killed. */
export async function endOf(program: Program): Promise<number | null> {
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit')
  return program.exitCode
}

/** Runs it to its end. */
export async function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const program = start(argv, env)
  let out = ''
  let err = ''
  program.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  program.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  await once(program, 'close')
  return { code: program.exitCode, out, err }
}
