import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { InputError } from '../errors.ts'

/*
 * Files that come with the program: in a checkout and in a package on the disk, in the single executable inside of it
 * (scripts/binary.mjs).
 */

/** Names all files that are inside of the executable. */
const indexKey = 'index.json'

/** Throws `InputError` if the file is missing. */
export async function readShipped(...parts: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  if (!isSea()) return new Uint8Array(await readFile(shippedFile(parts)))
  return new Uint8Array(getAsset(parts.join('/')))
}

export async function readShippedText(...parts: readonly string[]): Promise<string> {
  return new TextDecoder().decode(await readShipped(...parts))
}

/** Names of the files in the folder that has the file `member`. Throws `InputError` if it is missing. */
export async function shippedNames(folder: string, member: string): Promise<readonly string[]> {
  if (!isSea()) return readdir(dirname(shippedFile([folder, member])))
  const keys: unknown = JSON.parse(getAsset(indexKey, 'utf8'))
  const names = Array.isArray(keys) ? keys.map(String) : []
  return names.filter((key) => key.startsWith(`${folder}/`)).map((key) => key.slice(folder.length + 1))
}

/** In the nearest folder above that has it. */
function shippedFile(parts: readonly string[]): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, ...parts)
    if (existsSync(file)) return file
  }
  throw new InputError(
    `\`${parts.join('/')}\` should come with this program and is missing; in a checkout, run \`npm run build\``,
  )
}
