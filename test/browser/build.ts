import { execFileSync } from 'node:child_process'
import { builtFolder } from './built.ts'

/** Builds the program once for all files, beside nobody's dist. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', builtFolder], { stdio: 'inherit' })
}
