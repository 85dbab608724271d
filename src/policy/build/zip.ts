/** The flat zip that charm-keystone takes as its resource `policyd-override`: one file, the same bytes every time. */
import { zipSync } from 'fflate'

/** Under which name the charm keeps it in /etc/keystone/policy.d. */
export const overrideName = 'domain-manager.yaml'

export function zipOverride(text: string): Uint8Array {
  // Stored and not deflated, so that no version of a compressor changes the bytes; and a date that needs no clock:
  // the format keeps local time, so it is made of local parts.
  return zipSync({ [overrideName]: new TextEncoder().encode(text) }, { level: 0, mtime: new Date(1980, 0, 1) })
}
