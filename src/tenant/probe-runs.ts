import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, StopError } from '../errors.ts'
import { acquireLock } from './lock.ts'
import type { Lock, LockHolder } from './lock.ts'
import { appendPrivate, readPrivate, removePrivate } from './private-file.ts'

/** Where a run of probes makes things: in the cloud by the operator, or in the tenant's domain. */
export type ProbeScope = 'cloud' | 'domain'

/**
 * The probe runs that did not finish. Nobody else probes a tenant under its lock, so objects listed here are from a
 * process that has ended. They may be removed at any age.
 */
export type ProbeRuns = {
  readonly dead: readonly string[]
  /** Before the first object is made. */
  begin(run: string): Promise<void>
  /** When nothing is left of this run or of the dead ones. */
  end(): Promise<void>
}

/** The runs of a data directory that made things there. A file for each scope: a run looks only through its own scopes. */
export async function openProbeRuns(
  home: { readonly path: string },
  ...scopes: readonly ProbeScope[]
): Promise<ProbeRuns> {
  const paths = scopes.map((scope) => join(home.path, `probe-runs-${scope}`))
  const texts = await Promise.all(paths.map(async (path) => (await readPrivate(path)) ?? ''))
  return {
    dead: [...new Set(texts.flatMap((text) => text.split('\n')).filter((line) => line !== ''))],
    async begin(run) {
      await Promise.all(paths.map((path) => appendPrivate(path, run)))
    },
    async end() {
      await Promise.all(paths.map(removePrivate))
    },
  }
}

/**
 * The same for commands that hold no lock of their own and leave no file when they end: `diagnose`, `policy gate` and `policy advise`. Beside
 * another one, or where nothing can be written, a run is not recorded: what it leaves after a kill waits until it is old.
 */
export async function withProbeRuns<T>(
  folder: string,
  { command, pid, clock }: LockHolder,
  work: (runs: ProbeRuns) => Promise<T>,
): Promise<T> {
  const path = join(folder, 'probing')
  let lock: Lock
  try {
    lock = await acquireLock(path, `${command}, pid ${pid}, since ${clock.now().toISOString()}`)
  } catch (error) {
    return work(without(error))
  }
  try {
    const runs = await openProbeRuns({ path }, 'cloud').catch(without)
    return await work({ ...runs, begin: (run) => runs.begin(run).catch(() => undefined) })
  } finally {
    await lock.release()
    // a killed one made it
    await rmdir(path).catch(() => undefined)
  }
}

/** Whatever the disk has against it. Throws what is no fault of the disk. */
function without(error: unknown): ProbeRuns {
  if (error instanceof StopError || error instanceof InputError) return unrecorded
  if (error instanceof Error && 'code' in error) return unrecorded
  throw error
}

const unrecorded: ProbeRuns = { dead: [], begin: () => Promise.resolve(), end: () => Promise.resolve() }
