import { join, resolve } from 'node:path'
import type { CommandContext } from './context.ts'
import type { PlanOptions } from './definitions/tenant.ts'

/** Where clouds and tenants are kept when nothing else is said: not hidden, because snaps read no hidden folder. */
export function defaultRoot(io: Pick<CommandContext, 'home'>): string {
  return join(io.home, 'tenant-onboard')
}

/** The same, or what `--home` says. */
export function homeRoot(options: Pick<PlanOptions, 'home'>, io: Pick<CommandContext, 'home' | 'cwd'>): string {
  return resolve(io.cwd, options.home ?? defaultRoot(io))
}

/** Of the demo: never among the clouds, because one of them may be called `demo`. */
export function demoRoot(options: Pick<PlanOptions, 'home'>, io: Pick<CommandContext, 'home' | 'cwd'>): string {
  return resolve(io.cwd, options.home ?? `${defaultRoot(io)}-demo`)
}
