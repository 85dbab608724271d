/** The flat zip for charm-keystone's resource `policyd-override`: one file, always the same bytes. */
import { zipSync } from 'fflate'

/** Its name in /etc/keystone/policy.d on the charm's units. */
export const overrideName = 'domain-manager.yaml'

export function zipOverride(text: string): Uint8Array {
  // Stored and not deflated, so that no version of a compressor changes the bytes; and a date without a clock: the
  // format keeps local time, so it is made of local parts.
  return zipSync({ [overrideName]: new TextEncoder().encode(text) }, { level: 0, mtime: new Date(1980, 0, 1) })
}
