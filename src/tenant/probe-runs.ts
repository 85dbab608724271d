import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { appendPrivate, readPrivate } from './private-file.ts'

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

export async function openProbeRuns(home: { readonly path: string }): Promise<ProbeRuns> {
  const path = join(home.path, 'probe-runs')
  const text = (await readPrivate(path)) ?? ''
  return {
    dead: text.split('\n').filter((line) => line !== ''),
    begin: async (run) => {
      await appendPrivate(path, run)
    },
    end: () => rm(path, { force: true }),
  }
}
