import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

/** The command line as a program of its own: what is killed is a real process. */
export async function buildCommand(): Promise<string> {
  // below node_modules, so that the packages that are not bundled are found
  const outdir = await mkdtemp(resolve('node_modules/.cache-fleet-'))
  await build({
    entryPoints: { 'tenant-onboard': 'src/cli/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  })
  return join(outdir, 'tenant-onboard.js')
}

export type Running = {
  readonly out: () => string
  readonly err: () => string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly kill: (signal: NodeJS.Signals) => void
}

export function start(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  ...args: readonly string[]
): Running {
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return {
    out: () => out,
    err: () => err,
    ended: new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal ?? ''))),
    kill: (signal) => child.kill(signal),
  }
}

/** Waits until it holds; fails after two minutes, with what `told` says. */
export async function until(holds: () => boolean | Promise<boolean>, told: () => string): Promise<void> {
  const end = Date.now() + 120_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to it: ${told()}`)
    await new Promise((later) => setTimeout(later, 50))
  }
}
