import { execFileSync } from 'node:child_process'
import { builtFolder } from './built.ts'

/** Builds the program once for all files, beside nobody's dist. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', builtFolder], { stdio: 'inherit' })
}
