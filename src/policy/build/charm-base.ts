/**
 * The override for a base that separates cloud admins from admins of one domain, as charm-keystone's policy.json does
 * with its `cloud_admin`. It never redefines that rule or `admin_required`: the charm intends to refuse such a file.
 */
import { hasFix } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { grantInOwnDomain, managerSection, ownDomainInList, sameDomain } from './persona-rules.ts'
import { magnumQuota } from './magnum-quota.ts'
import { rule } from './section.ts'
import type { OverrideRule, Section } from './section.ts'

export function charmBaseSections(
  release: KeystoneRelease,
  managedRoles: readonly string[],
  magnumDomain: string,
): readonly Section[] {
  return [
    managerSection(managedRoles),
    steward,
    look(release),
    users,
    projects,
    magnumQuota(magnumDomain),
    groups,
    grants,
    roles,
    system,
    owned,
    applicationCredentials,
    trusts(release),
  ]
}

const keep = (key: string): string => `(rule:domain_steward and ${sameDomain(key)})`

const steward: Section = {
  why:
    'The administrators of one domain: its manager, or an admin of it such as those of Heat and Magnum. The base reads ' +
    'their domain from the request body and from filters, where a Keystone with the fixes of OSSA-2026-015 no longer ' +
    'puts it; `target.*` holds it below and above those fixes.',
  rules: [
    rule('domain_admin', 'rule:admin_required and not domain_id:None'),
    rule('domain_steward', 'rule:domain_manager', 'rule:domain_admin'),
  ],
}

function look(release: KeystoneRelease): Section {
  return {
    why:
      'Look-ups by name, which every client does first. A manager finds its own domain and no other one; all managers see ' +
      'the names of roles, because Keystone cannot filter them.',
    rules: [
      rule(
        'identity:get_domain',
        'rule:cloud_admin',
        keep('target.domain.id'),
        'token.project.domain.id:%(target.domain.id)s',
      ),
      rule('identity:list_domains', 'rule:cloud_admin', `(rule:domain_manager and ${ownDomainInList(release)})`),
      rule('identity:list_roles', 'rule:admin_required', 'rule:domain_manager'),
      rule('identity:get_role', 'rule:admin_required', '(rule:domain_manager and rule:managed_role)'),
    ],
  }
}

const users: Section = {
  why: 'Users of the own domain.',
  rules: [
    cloudOr('list_users', keep('target.domain_id')),
    cloudOr('get_user', keep('target.user.domain_id'), 'user_id:%(user_id)s'),
    ...['create_user', 'update_user', 'delete_user'].map((action) => cloudOr(action, keep('target.user.domain_id'))),
  ],
}

const projects: Section = {
  why:
    'Projects of the own domain. Every domain is also a project, without a domain of its own. The base compares the ' +
    'domain of a project token, which is None, with the domain of such a record, also None. So an Admin of any ' +
    'project could rename, disable and delete any domain. Therefore nothing here compares a domain that may be None.',
  rules: [
    cloudOr('list_projects', keep('target.domain_id')),
    cloudOr(
      'get_project',
      keep('target.project.domain_id'),
      '(project_id:%(target.project.id)s and not None:%(target.project.domain_id)s)',
      'rule:magnum_project_check',
    ),
    ...['create_project', 'update_project', 'delete_project'].map((action) =>
      cloudOr(action, keep('target.project.domain_id')),
    ),
    cloudlessOr('list_user_projects', keep('target.user.domain_id')),
    rule(
      'project_of_own_domain',
      sameDomain('target.project.domain_id'),
      '(project_domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)',
    ),
    ...['list_project_tags', 'get_project_tag', ...tagChanges()].map((action) =>
      cloudOr(action, keep('target.project.domain_id'), '(rule:admin_required and rule:project_of_own_domain)'),
    ),
    cloudOr('list_role_assignments_for_tree', keep('target.project.domain_id')),
  ],
  losses: [
    'Admin on a project: domain records through `/v3/projects`, their tags, and the assignments below them',
    'Admin on a domain or a project: tags of projects in other domains',
  ],
}

function tagChanges(): readonly string[] {
  return ['create_project_tag', 'update_project_tags', 'delete_project_tag', 'delete_project_tags']
}

const member = `${sameDomain('target.group.domain_id')} and ${sameDomain('target.user.domain_id')}`

const groups: Section = {
  why:
    'Groups of the own domain. A manager adds only users of its own domain to them; an admin of the domain may add ' +
    'others, as in the base.',
  rules: [
    ...['list_groups', 'get_group', 'list_users_in_group', 'create_group', 'update_group', 'delete_group'].map(
      (action) => cloudOr(action, keep('target.group.domain_id')),
    ),
    cloudlessOr('list_groups_for_user', keep('target.user.domain_id')),
    ...['check_user_in_group', 'add_user_to_group', 'remove_user_from_group'].map((action) =>
      cloudOr(
        action,
        `(rule:domain_admin and ${sameDomain('target.group.domain_id')})`,
        `(rule:domain_manager and ${member})`,
      ),
    ),
  ],
}

const confinedGrant = '(rule:domain_admin_grant or rule:project_admin_grant)'

const grants: Section = {
  why:
    'Grants inside the own domain, direct or inherited: Keystone uses one action for both. An Admin of a domain or a ' +
    'project grants there what the base allows, except `service`: that role validates EC2 keys, and so turns any ' +
    "user's key into a token. Only a cloud admin grants on the record of a domain through " +
    '`/v3/projects`: inherited from there, Admin would reach every project of that domain, the admin project included.',
  rules: [
    grantInOwnDomain,
    rule(
      'domain_admin_grant',
      'rule:domain_admin and rule:global_or_own_role and ' +
        `(${sameDomain('target.domain.id')} or ${sameDomain('target.project.domain_id')})`,
    ),
    rule('global_or_own_role', 'None:%(target.role.domain_id)s', sameDomain('target.role.domain_id')),
    rule(
      'project_admin_grant',
      'rule:project_admin_on_target and ' +
        '(None:%(target.role.domain_id)s or project_domain_id:%(target.role.domain_id)s)',
    ),
    rule(
      'project_admin_on_target',
      'rule:admin_required and project_id:%(target.project.id)s and not None:%(target.project.domain_id)s',
    ),
    rule('manager_grant', 'rule:domain_manager and rule:grant_in_own_domain'),
    cloudOr('check_grant', 'rule:manager_grant', confinedGrant),
    cloudOr(
      'list_grants',
      'rule:manager_grant',
      `(rule:domain_admin and (${sameDomain('target.domain.id')} or ${sameDomain('target.project.domain_id')}))`,
      'rule:project_admin_on_target',
    ),
    cloudOr(
      'create_grant',
      '(rule:manager_grant and rule:managed_role)',
      `(not 'service':%(target.role.name)s and ${confinedGrant})`,
    ),
    cloudOr('revoke_grant', '(rule:manager_grant and rule:managed_role)', confinedGrant),
    cloudOr('list_role_assignments', keep('target.domain_id')),
  ],
  losses: ['Admin on a domain or a project: granting `service`; any grant on a domain record through `/v3/projects`'],
}

const roles: Section = {
  why:
    'Implied roles. The base compares the domain of the prior role, None for every cloud-wide role, with the domain ' +
    'of a project token, also None. So an Admin of any project could make `member` imply `service`.',
  rules: [
    cloudOr(
      'create_implied_role',
      `(rule:admin_required and ${sameDomain('target.prior_role.domain_id')} and ` +
        `(None:%(target.implied_role.domain_id)s or ${sameDomain('target.implied_role.domain_id')}) and ` +
        `not 'service':%(target.implied_role.name)s)`,
    ),
    cloudOr('delete_implied_role', `(rule:admin_required and ${sameDomain('target.prior_role.domain_id')})`),
  ],
  losses: ['Admin on a project: what cloud-wide roles imply'],
}

const system: Section = {
  why:
    'Escalation out of a domain: the base lets any Admin grant itself a role on the system, and any Admin exchange an ' +
    'EC2 key for a token, although it can make a key for any user (Heat needs that).',
  rules: [
    ...['list', 'check', 'create', 'revoke'].flatMap((verb) =>
      ['user', 'group'].map((whom) => cloudOr(`${verb}_system_grant${verb === 'list' ? 's' : ''}_for_${whom}`)),
    ),
    ...['ec2tokens_validate', 's3tokens_validate'].map((action) => cloudOr(action, 'rule:service_role')),
  ],
  losses: ['Admin on a domain or a project: system grants; EC2 and S3 validation'],
}

const owned: Section = {
  why:
    'The base treats a caller that sends its own token as X-Subject-Token as the owner, so any user could list any ' +
    "other user's EC2 secrets. The owner is the user in the URL and nobody else.",
  rules: [rule('identity:ec2_list_credentials', 'rule:admin_required', 'user_id:%(user_id)s')],
  losses: ['everybody: lists that sending an X-Subject-Token opened'],
}

const applicationCredentials: Section = {
  why:
    'A cloud admin sees and removes the application credentials of every account: an audit reads them, an offboarding ' +
    'ends them, and Magnum removes the one of a cluster with its own account, an Admin of the services project. The ' +
    'base names the owner by a key that the caller fills in (`rule:owner`), so that clause is not used.',
  rules: ['get', 'list', 'delete'].map((verb) =>
    rule(
      `identity:${verb}_application_credential${verb === 'list' ? 's' : ''}`,
      'rule:cloud_admin',
      'user_id:%(user_id)s',
    ),
  ),
}

function trusts(release: KeystoneRelease): Section {
  const key = hasFix(release, 'ossa-2026-015') ? 'target.trust.trustor_user_id' : 'trust.trustor_user_id'
  return {
    why:
      'A trust is made by its trustor. The base reads the trustor from the body, where a fixed Keystone no longer puts ' +
      'it: then nobody can make a trust, and neither Heat nor Magnum works.',
    rules: [rule('identity:create_trust', `user_id:%(${key})s`)],
  }
}

function cloudOr(action: string, ...anyOf: readonly string[]): OverrideRule {
  return rule(`identity:${action}`, 'rule:cloud_admin', ...anyOf)
}

/** What the base allows to the user itself and to the admin of its domain, but not to a cloud admin. */
function cloudlessOr(action: string, clause: string): OverrideRule {
  return rule(`identity:${action}`, 'user_id:%(user_id)s', clause)
}
