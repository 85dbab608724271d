/**
 * The override for a Keystone with its release's own rules, from before the domain manager: up to 2024.1, and Debian's
 * 22. There `admin` means admin everywhere, whatever its scope.
 */
import { adminRoleNames } from '../model/cloud-facts.ts'
import { hasFix, packageOf } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { grantInOwnDomain, managerSection, ownDomainInList, sameDomain } from './persona-rules.ts'
import { magnumQuota } from './magnum-quota.ts'
import { rule } from './section.ts'
import type { OverrideRule, Section } from './section.ts'

export type DefaultBaseOptions = {
  /** Its name in the base's `admin_required`. */
  readonly adminRole: string
  readonly managedRoles: readonly string[]
  readonly magnumDomain: string
}

export function defaultBaseSections(
  release: KeystoneRelease,
  { adminRole, managedRoles, magnumDomain }: DefaultBaseOptions,
): readonly Section[] {
  return [
    confinedAdmin(adminRole),
    managerSection(managedRoles),
    steward(adminRole),
    look(release),
    users,
    projects,
    magnumQuota(magnumDomain),
    groups,
    grants(adminRole),
    tree(release),
    credentials,
  ]
}

const cloud = ['rule:admin_required', 'rule:cloud_reader']
const read = (key: string): string => `(rule:domain_reader and ${sameDomain(key)})`
const keep = (key: string): string => `(rule:domain_steward and ${sameDomain(key)})`

const confinedAdmin = (adminRole: string): Section => ({
  why:
    'An admin of one domain is not an admin of the cloud. Every rule of the base that requires `admin_required` now ' +
    'needs a project or the system as the scope; what an admin of a domain keeps is written out below. Without this ' +
    "it could reset any password, grant itself admin on the system, and exchange any user's EC2 key for a token.",
  rules: [rule('admin_required', `role:${adminRole} and domain_id:None`)],
  losses: [
    'admin on a domain: everything outside that domain; making something without naming its domain; granting `admin` ' +
      'or `service`; system grants; EC2 and S3 validation; reading and changing credentials. It keeps users, projects, groups, memberships, other grants, ' +
      'domain and role reads, and creating and deleting credentials, which Heat needs.',
  ],
})

const steward = (adminRole: string): Section => ({
  why: 'The administrators of one domain: its manager, or an admin of it such as those of Heat and Magnum.',
  rules: [
    rule('domain_admin', `role:${adminRole} and not domain_id:None`),
    rule('domain_steward', 'rule:domain_manager', 'rule:domain_admin'),
    rule('domain_reader', 'role:reader', 'rule:domain_steward'),
    rule('cloud_reader', 'role:reader and system_scope:all'),
  ],
})

function look(release: KeystoneRelease): Section {
  return {
    why:
      'Look-ups by name, which every client does first. A manager finds its own domain and no other one; all managers see ' +
      'the names of roles, because Keystone cannot filter them.',
    rules: [
      rule(
        'identity:list_domains',
        ...cloud,
        'rule:domain_admin',
        ...listedToReaders(release),
        `(rule:domain_manager and ${ownDomainInList(release)})`,
      ),
      rule('identity:list_roles', ...cloud, 'rule:domain_steward'),
      rule('identity:get_role', ...cloud, 'rule:domain_admin', '(rule:domain_manager and rule:managed_role)'),
      rule('identity:get_domain_role', ...cloud, `(rule:domain_admin and ${sameDomain('target.role.domain_id')})`),
      rule('identity:list_domain_roles', ...cloud, `(rule:domain_admin and ${sameDomain(domainFilter(release))})`),
    ],
  }
}

/** The key of the domain that a request names: this list has no target of its own. */
function domainFilter(release: KeystoneRelease): string {
  return hasFix(release, 'ossa-2026-015') ? 'filter_attr.domain_id' : 'domain_id'
}

/** With LP#2041611 a reader of a domain finds it in the list. */
function listedToReaders(release: KeystoneRelease): readonly string[] {
  return hasFix(release, 'lp-2041611') ? [`(role:reader and ${sameDomain('target.domain.id')})`] : []
}

const users: Section = {
  why: 'Users of the own domain.',
  rules: [
    rule('identity:list_users', ...cloud, read('target.domain_id')),
    rule('identity:get_user', ...cloud, read('target.user.domain_id'), 'user_id:%(target.user.id)s'),
    ...['create_user', 'update_user', 'delete_user'].map((action) => change(action, keep('target.user.domain_id'))),
  ],
}

const projects: Section = {
  why:
    'Projects of the own domain. Every domain is also a project, without a domain of its own. A check that compares ' +
    'the domain of a project token, which is None, with the domain of such a record, also None, lets every ' +
    'project reader read every domain (LP#2138295). Therefore nothing here compares a domain that may be None.',
  rules: [
    rule('identity:list_projects', ...cloud, read('target.domain_id')),
    rule(
      'identity:get_project',
      ...cloud,
      read('target.project.domain_id'),
      'rule:own_project',
      'rule:magnum_project_check',
    ),
    rule('own_project', 'project_id:%(target.project.id)s and not None:%(target.project.domain_id)s'),
    ...['create_project', 'update_project', 'delete_project'].map((action) =>
      change(action, keep('target.project.domain_id')),
    ),
    rule('identity:list_user_projects', ...cloud, read('target.user.domain_id'), 'user_id:%(target.user.id)s'),
    ...['list_project_tags', 'get_project_tag'].map((action) =>
      rule(
        `identity:${action}`,
        ...cloud,
        `((role:reader or rule:domain_steward) and ${sameDomain('target.project.domain_id')})`,
        'rule:own_project',
      ),
    ),
    ...['create_project_tag', 'update_project_tags', 'delete_project_tag', 'delete_project_tags'].map((action) =>
      change(action, keep('target.project.domain_id')),
    ),
  ],
  losses: ['everybody but cloud admins: domain records through `/v3/projects`'],
}

const member = `${sameDomain('target.group.domain_id')} and ${sameDomain('target.user.domain_id')}`

const groups: Section = {
  why: 'Groups of the own domain, and users of the own domain in them.',
  rules: [
    ...['list_groups', 'get_group', 'list_users_in_group'].map((action) =>
      rule(`identity:${action}`, ...cloud, read('target.group.domain_id')),
    ),
    rule('identity:list_groups_for_user', ...cloud, read('target.user.domain_id'), 'user_id:%(user_id)s'),
    ...['create_group', 'update_group', 'delete_group'].map((action) => change(action, keep('target.group.domain_id'))),
    rule('identity:check_user_in_group', ...cloud, `(rule:domain_reader and ${member})`),
    ...['add_user_to_group', 'remove_user_from_group'].map((action) =>
      change(action, `(rule:domain_steward and ${member})`),
    ),
  ],
}

const grants = (adminRole: string): Section => ({
  why:
    'Grants inside the own domain, direct or inherited: Keystone uses one action for both. An admin of a ' +
    'domain grants neither `admin`, which on a project is admin of the cloud, nor `service`, which validates EC2 keys.',
  rules: [
    grantInOwnDomain,
    rule('global_or_own_role', 'None:%(target.role.domain_id)s', sameDomain('target.role.domain_id')),
    rule(
      'cloud_role',
      ...[...adminRoleNames({ adminRole }), 'service'].map((name) => `'${name}':%(target.role.name)s`),
    ),
    rule(
      'identity:check_grant',
      ...cloud,
      '(rule:domain_reader and rule:grant_in_own_domain and rule:global_or_own_role)',
    ),
    rule('identity:list_grants', ...cloud, '(rule:domain_reader and rule:grant_in_own_domain)'),
    rule(
      'identity:create_grant',
      'rule:admin_required',
      '(rule:domain_manager and rule:grant_in_own_domain and rule:managed_role)',
      '(rule:domain_admin and rule:grant_in_own_domain and rule:global_or_own_role and not rule:cloud_role)',
    ),
    rule(
      'identity:revoke_grant',
      'rule:admin_required',
      '(rule:domain_manager and rule:grant_in_own_domain and rule:managed_role)',
      '(rule:domain_admin and rule:grant_in_own_domain and rule:global_or_own_role)',
    ),
    rule('identity:list_role_assignments', ...cloud, read('target.domain_id')),
  ],
})

/** Debian's rule compares a key for readers that its handler never fills, so readers are refused there. */
function tree({ name }: KeystoneRelease): Section {
  const who = packageOf(name).rules.includes('deb12') ? 'rule:domain_steward' : '(role:reader or rule:domain_steward)'
  return {
    why: 'The assignments on a project and below it, which a dashboard asks for to show the members of a project.',
    rules: [
      rule(
        'identity:list_role_assignments_for_tree',
        ...cloud,
        `(${who} and ${sameDomain('target.project.domain_id')})`,
      ),
    ],
  }
}

const credentials: Section = {
  why:
    "Heat's domain admin makes and removes EC2 keys for the users that it makes. Their domain is not in the target, so " +
    'no rule can confine this; the exchange of such a key is refused above.',
  rules: ['create_credential', 'delete_credential'].map((action) =>
    rule(`identity:${action}`, 'rule:admin_required', 'rule:domain_admin', 'user_id:%(target.credential.user_id)s'),
  ),
}

function change(action: string, clause: string): OverrideRule {
  return rule(`identity:${action}`, 'rule:admin_required', clause)
}
