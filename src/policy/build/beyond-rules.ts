/** What no override can close, because Keystone asks no rule or asks it about another object: only an update helps. */
import { hasFix } from '../releases/release.ts'
import type { Fix, KeystoneRelease } from '../releases/release.ts'

/** Without one of these no override holds every claim. */
export const decisiveFixes = ['ossa-2026-015', 'ossa-2025-002'] as const satisfies readonly Fix[]

const sentences: Readonly<Record<(typeof decisiveFixes)[number], string>> = {
  'ossa-2026-015':
    "this Keystone lacks the fixes of OSSA-2026-015. A key `target` in a request body replaces these rules' target, and " +
    'no rule can prevent that: do not give anybody the role manager on a domain before they are installed.',
  'ossa-2025-002':
    'this Keystone lacks the fix of OSSA-2025-002. It exchanges EC2 and S3 signatures for tokens without asking a rule, ' +
    'also for a caller that is not signed in, and no rule can prevent that: anyone who can make a key for an account acts as it.',
}

/** A sentence for each, worst first. */
export function beyondRules(release: KeystoneRelease): readonly string[] {
  return decisiveFixes.filter((fix) => !hasFix(release, fix)).map((fix) => sentences[fix])
}
