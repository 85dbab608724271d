import { resolve } from 'node:path'
import { defaultRoot } from '../tenant/home.ts'
import type { CommandContext } from './context.ts'
import type { PlanOptions } from './definitions/tenant.ts'

/** Where clouds and tenants are kept: as `--home` says, or in the usual place. */
export function homeRoot(options: Pick<PlanOptions, 'home'>, io: Pick<CommandContext, 'home' | 'cwd'>): string {
  return resolve(io.cwd, options.home ?? defaultRoot(io.home))
}

/** Of the demo: never among the clouds, because one of them may be called `demo`. */
export function demoRoot(options: Pick<PlanOptions, 'home'>, io: Pick<CommandContext, 'home' | 'cwd'>): string {
  return resolve(io.cwd, options.home ?? `${defaultRoot(io.home)}-demo`)
}
