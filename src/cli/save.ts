import { writeFile } from 'node:fs/promises'
import { InputError } from '../errors.ts'

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
    throw new InputError(`cannot write \`${path}\`: ${code}`, { cause: error })
  })
}
