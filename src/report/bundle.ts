import { zipSync } from 'fflate'
import type { Secret } from '../secret.ts'

/** The files for a support case in one file. The same files give the same bytes. */
export type BundleFile = { readonly name: string; readonly text: string }

export type BundleOptions = {
  /** Every secret of the data directory: none should be in these files, and any that is gets removed here. */
  readonly secrets: readonly Secret[]
  /** The user's home folder, whose name is private. */
  readonly home: string
}

export function bundle(files: readonly BundleFile[], { secrets, home }: BundleOptions): Uint8Array {
  const hidden = secrets.flatMap((secret) => formsOf(secret.reveal()))
  const clean = (text: string): string =>
    hidden.reduce((so, form) => so.replaceAll(form, '[redacted]'), text).replaceAll(home, '~')
  const entries = [...files]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => [name, new TextEncoder().encode(clean(text))] as const)
  // a date without a clock: the format keeps local time, so it is made of local parts
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) })
}

/** Each line of a key is as secret as the key, except for the lines that every key has. */
function formsOf(secret: string): readonly string[] {
  return secret.split('\n').filter((line) => line.length >= 12 && !line.startsWith('-----'))
}
