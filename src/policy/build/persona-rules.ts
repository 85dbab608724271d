/** The rules of every override with its own persona, over any base. */
import { hasFix } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { rule } from './section.ts'
import type { OverrideRule, Section } from './section.ts'

/**
 * A field of a domain-scoped token, compared with a domain of the target. Never None on both sides: see `sameDomain`.
 */
export function sameDomain(key: string): string {
  // `domain_id:%(..)s` would compare None with the None of a domain's own record. A token without a domain has no
  // `token.domain` at all, so this check is false. oslo.policy 4.0.0, _checks.py, GenericCheck.
  return `token.domain.id:%(${key})s`
}

export function managerSection(managedRoles: readonly string[]): Section {
  return {
    why:
      'The persona. Only a token scoped to a domain counts: `manager` on a project or on the system gives no rights. ' +
      'It grants and revokes exactly the managed roles, and only cloud-wide ones: a domain may have its own role ' +
      'with the same name, and that one may imply anything.',
    rules: [
      rule('domain_manager', 'role:manager and not domain_id:None'),
      rule('managed_role_name', ...managedRoles.map((role) => `'${role}':%(target.role.name)s`)),
      rule('managed_role', 'None:%(target.role.domain_id)s and rule:managed_role_name'),
    ],
  }
}

/** User or group and project or domain, all of the caller's own domain. */
export const grantInOwnDomain: OverrideRule = rule(
  'grant_in_own_domain',
  `(${sameDomain('target.user.domain_id')} or ${sameDomain('target.group.domain_id')}) and ` +
    `(${sameDomain('target.project.domain_id')} or ${sameDomain('target.domain.id')})`,
)

/**
 * How a manager may list domains: to find its own by name, which every client does first. With LP#2041611 Keystone
 * itself returns only the token's domain (keystone dd785ee69); without, it returns all of them unless the request names
 * one.
 */
export function ownDomainInList(release: KeystoneRelease): string {
  if (hasFix(release, 'lp-2041611')) return sameDomain('target.domain.id')
  const key = hasFix(release, 'ossa-2026-015') ? 'filter_attr.name' : 'name'
  return `token.domain.name:%(${key})s`
}
