import { writeFile } from 'node:fs/promises'
import { InputError } from '../errors.ts'

/**
 * Writes a file that the user named. A new one is readable by its owner alone, unless it is a policy, which Keystone has to
 * read; the mode of an existing one stays.
 */
export async function save(
  path: string,
  content: string | Uint8Array,
  kind: 'private' | 'policy' = 'private',
): Promise<void> {
  await writeFile(path, content, { mode: kind === 'policy' ? 0o644 : 0o600 }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable'
    throw new InputError(`cannot write \`${path}\`: ${code}`, { cause: error })
  })
}
