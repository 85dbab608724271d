import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { appendPrivate, readPrivate } from './private-file.ts'

/**
 * The runs of probes that did not come to their end. Under a tenant's lock nobody else probes it, so what stands here was
 * made by a process that is gone, and may be removed however young it is.
 */
export type ProbeRuns = {
  readonly dead: readonly string[]
  /** Before the first thing is made. */
  begin(run: string): Promise<void>
  /** When nothing is left of this run or of the dead ones. */
  end(): Promise<void>
}

export async function openProbeRuns(home: { readonly path: string }): Promise<ProbeRuns> {
  const path = join(home.path, 'probe-runs')
  const text = (await readPrivate(path)) ?? ''
  return {
    dead: text.split('\n').filter((line) => line !== ''),
    begin: (run) => appendPrivate(path, run),
    end: () => rm(path, { force: true }),
  }
}
