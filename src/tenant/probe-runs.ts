import { join } from 'node:path'
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
