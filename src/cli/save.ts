import { access, writeFile } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { disk } from '../tenant/private-file.ts'

const reasons: Readonly<Record<string, string>> = {
  ...disk,
  EACCES: 'you may not write there',
  EISDIR: 'it is a folder: name a file in it',
  ENOENT: 'its folder is not there',
  ENOTDIR: 'a part of its path is no folder',
}

/**
 * Writes a file that the user named. A new one is readable by its owner alone, unless others have to read it: Keystone a policy,
 * `man` a page; the mode of an existing one stays.
 */
export async function save(
  path: string,
  content: string | Uint8Array,
  kind: 'private' | 'policy' | 'page' = 'private',
): Promise<void> {
  await writeFile(path, content, { mode: kind === 'private' ? 0o600 : 0o644 }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable'
    throw new InputError(`cannot write \`${path}\`: ${reasons[code] ?? code}`, { cause: error })
  })
}

/** Before a file is written that a person then edits: an existing one would lose their work. */
export async function assertNew(path: string, named: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere)
    throw new InputError([{ message: `\`${named}\` exists already`, hint: 'give another name with `--out`' }])
}
