/**
 * The identities of the cloud: the ids in its base policy, and its Keystone's treatment of roles. Without them a
 * persona such as "the cloud's admin" means nothing.
 */
import type { Check } from '../engine/check.ts'
import { bootstrapInferences } from './role-inferences.ts'
import type { RoleInferences } from './role-inferences.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import type { RuleSet } from '../engine/rules.ts'

export type CloudFacts = {
  readonly adminRole: string
  readonly adminDomain: string
  readonly servicesProject: string
  /**
   * `[resource] admin_project_name` is set, as by the charm. Then only that project's tokens have `is_admin_project`;
   * otherwise all project tokens have it. keystoneauth1, access/access.py, is_admin_project.
   */
  readonly hasAdminProject: boolean
  /** What roles imply on this cloud, or what `keystone-manage bootstrap` of its release makes. */
  readonly inferences: RoleInferences
  /** The home of the persona `domain-admin`, by name and id. A policy may name Magnum's. */
  readonly magnumDomain: string
}

/** As charm-magnum, Kolla, OpenStack-Ansible and the installation guide call the domain of Magnum's trustees. */
export const usualMagnumDomain = 'magnum'

/** However this cloud writes it: the roles whose holder acts for the whole cloud. */
export function adminRoleNames({ adminRole }: Pick<CloudFacts, 'adminRole'>): readonly string[] {
  return [...new Set([adminRole, 'admin', 'Admin'])]
}

/**
 * Reads the facts from a base policy: the charm names them by constants in `cloud_admin`. `inferences`: those of the
 * cloud; without them those of bootstrap are assumed.
 */
export function cloudFactsOf(base: RuleSet, release: KeystoneRelease, inferences?: RoleInferences): CloudFacts {
  const cloudAdmin = constants(base, 'cloud_admin')
  const adminRole = constants(base, 'admin_required').get('role') ?? 'admin'
  return {
    adminRole,
    adminDomain: cloudAdmin.get('domain_id') ?? 'admin_domain',
    servicesProject: cloudAdmin.get('project_id') ?? 'services',
    hasAdminProject: cloudAdmin.has('is_admin_project'),
    inferences: inferences ?? bootstrapInferences(release, adminRole),
    magnumDomain: usualMagnumDomain,
  }
}

/** The constants in the comparisons of a rule: `role` -> `Admin`. The first one of each left-hand side. */
function constants(rules: RuleSet, name: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (check: Check): void => {
    switch (check.kind) {
      case 'rule': {
        if (seen.has(check.name)) return
        seen.add(check.name)
        const rule = rules.rules.get(check.name)
        if (rule !== undefined) visit(rule.check)
        return
      }
      case 'and':
      case 'or':
        check.checks.forEach(visit)
        return
      case 'role':
      case 'attribute': {
        const left = check.kind === 'role' ? 'role' : check.left
        if (check.format.kind === 'constant' && !found.has(left)) found.set(left, check.format.text)
        return
      }
      case 'not':
      case 'true':
      case 'false':
      case 'http':
      case 'bare-text':
        return
    }
  }
  const rule = rules.rules.get(name)
  if (rule !== undefined) visit(rule.check)
  return found
}
