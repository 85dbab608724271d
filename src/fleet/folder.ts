import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { readInput } from '../tenant/input-file.ts'

export type TenantFile = {
  /** As the user would write it. */
  readonly file: string
  readonly path: string
  readonly text: string
}

/** A file that is no tenant's, or that another file contradicts. It does not end a fleet. */
export type BadFile = { readonly file: string; readonly error: InputError }

/**
 * Every tenant file below a folder, in the order of their names, so that a fleet is the same on every machine. Skips
 * hidden files and folders. `shown` is the folder as the user wrote it.
 */
export async function readFolder(
  path: string,
  shown: string,
): Promise<{ readonly files: readonly TenantFile[]; readonly bad: readonly BadFile[] }> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new InputError(`\`${shown}\` is not a readable folder`, { cause: error })
  })
  const names = entries
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length).replace(/^\/+/, ''))
    .filter((name) => !name.split('/').some((part) => part.startsWith('.')))
    .sort(byName)
  if (names.length === 0) throw new InputError(`there is no tenant file (*.yaml) in \`${shown}\``)
  const files: TenantFile[] = []
  const bad: BadFile[] = []
  for (const name of names) {
    const one = join(path, name)
    const file = join(shown, name)
    try {
      const text = await readInput(one, { shown: file })
      if (text === undefined) throw new InputError([{ file, message: 'this file cannot be read' }])
      files.push({ file, path: one, text })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      bad.push({ file, error })
    }
  }
  return { files, bad }
}

/** By code units, because a locale would sort differently elsewhere. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
