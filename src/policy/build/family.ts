/** The kind of a Keystone's base: it decides who its cloud admins are, and how an override looks. */
import type { RuleSet } from '../engine/rules.ts'

/**
 * - `charm`: its `cloud_admin` separates admins of the cloud from admins of one domain or project
 * - `native`: a release with the domain manager in code, and no base that hides it; `admin` is admin of the cloud
 * - `default`: a release without the persona; `admin` means the same, whatever its scope
 */
export type Family = 'default' | 'charm' | 'native'

/** The rule that names the managed roles in Keystone 2024.2 and later: keystone 69d1897d0, common/policies/base.py. */
export const nativeManagedRole = 'domain_managed_target_role'

export function familyOf(base: RuleSet): Family {
  if (base.rules.has('cloud_admin')) return 'charm'
  // a base file with its own create_grant hides the persona, even if the release has it
  const isOwn = base.rules.get('identity:create_grant')?.source.kind === 'code'
  return isOwn && base.rules.has(nativeManagedRole) ? 'native' : 'default'
}
