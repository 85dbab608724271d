import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../errors.ts'

/** Finds a file that comes with the program, in a checkout and in a package: in the nearest folder above that has it. */
export function shippedFile(...parts: readonly string[]): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, ...parts)
    if (existsSync(file)) return file
  }
  throw new InputError(
    `\`${parts.join('/')}\` should come with this program and is missing; in a checkout, run \`npm run build\``,
  )
}
