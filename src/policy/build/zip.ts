/** Zips for the charms: always the same bytes for the same files. */
import { zipSync } from 'fflate'

/** Its name in /etc/keystone/policy.d on the charm's units. */
export const overrideName = 'domain-manager.yaml'

/** The flat zip for charm-keystone's resource `policyd-override`: one file. */
export function zipOverride(text: string): Uint8Array {
  return storedZip({ [overrideName]: text })
}

/** Files by their paths in the zip. */
export function storedZip(files: Readonly<Record<string, string>>): Uint8Array {
  const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
  // Stored and not deflated, so that no version of a compressor changes the bytes; and a date without a clock: the
  // format keeps local time, so it is made of local parts.
  return zipSync(Object.fromEntries(bytes), { level: 0, mtime: new Date(1980, 0, 1) })
}
