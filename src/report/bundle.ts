import { zipSync } from 'fflate'
import { maskText } from '../masking.ts'

/** The files for a support case in one file. The same files give the same bytes. */
export type BundleFile = { readonly name: string; readonly text: string }

export type BundleOptions = {
  /** The user's home folder, whose name is private. */
  readonly home: string
}

/** No secret should be in these files. One that this process has read is removed here in any case. */
export function bundle(files: readonly BundleFile[], { home }: BundleOptions): Uint8Array {
  const clean = (text: string): string => maskText(text).replaceAll(home, '~')
  const entries = [...files]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => [name, new TextEncoder().encode(clean(text))] as const)
  // a date without a clock: the format keeps local time, so it is made of local parts
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) })
}
