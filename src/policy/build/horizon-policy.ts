/**
 * Horizon's own copy of Keystone's rules: which buttons of its identity pages it shows to whom. It guards nothing, because Keystone decides each
 * request. No packaged file knows the domain manager, so it would see no button (horizon 23.0.0 and 25.3.0, default_policies/keystone.yaml).
 *
 * Keystone's override cannot serve: Horizon's credentials have no `token.domain.id`, and it passes no `target.*` where something is created
 * (openstack_auth/policy.py, check and _user_to_credentials).
 */
import { classOf } from '../model/actions.ts'
import type { Keystone } from '../releases/keystone.ts'
import { renderSections } from './render.ts'
import { rule } from './section.ts'
import type { Section } from './section.ts'

/**
 * What the override lets a domain manager do in its domain, as far as Horizon has pages for it: none for tags. Not `list_domains` and
 * `get_domain`: Horizon would offer a page and a choice of domains that has one row.
 */
export const managerActions: readonly string[] = [
  'list_projects get_project create_project update_project delete_project',
  'list_users get_user create_user update_user delete_user list_user_projects',
  'list_groups get_group create_group update_group delete_group',
  'list_users_in_group check_user_in_group add_user_to_group remove_user_from_group list_groups_for_user',
  'list_roles list_grants check_grant create_grant revoke_grant list_role_assignments list_role_assignments_for_tree',
].flatMap((line) => line.split(' ').map((name) => `identity:${name}`))

/** Everybody may do these for their own account, a domain manager for each of its domain. */
const ownAsWell = new Set(['get_user', 'list_user_projects', 'list_groups_for_user'].map((name) => `identity:${name}`))

/** As it is typed, without the place of the result, which is the folder. It stands in the head of the file. */
export const horizonCommand = 'tenant-onboard policy build --horizon .'

/** The file for Horizon's `POLICY_FILES_PATH/keystone_policy.yaml`, for any release: `keystones` are the releases whose actions it knows. */
export function horizonPolicy(keystones: readonly Keystone[]): string {
  return renderSections(head, sectionsFor(keystones))
}

/** Whether a policy file is this one, which Keystone itself must not load: it would make every manager an admin. */
export function isHorizonPolicy(text: string): boolean {
  return /^# +tenant-onboard policy build .*--horizon\b/m.test(text)
}

const head = [
  'The identity pages of the dashboard (Horizon): who is shown which button. For Horizon only: Keystone must never load this file. It guards ' +
    'nothing, because Keystone decides about every request.',
  'Made by',
  `  ${horizonCommand}`,
  "For every Keystone from 22 to 30. docs/dashboard.md says where it belongs: POLICY_FILES_PATH/keystone_policy.yaml, or the charm's zip.",
]

function sectionsFor(keystones: readonly Keystone[]): readonly Section[] {
  const names = new Set(
    keystones.flatMap(({ registered, unasked }) => [...registered.map(({ name }) => name), ...unasked]),
  )
  const actions = [...names].filter((name) => name.startsWith('identity:')).sort()
  const open = new Set(
    keystones.flatMap(({ registered }) => registered.filter(({ check }) => check === '').map(({ name }) => name)),
  )
  const opened = new Set(managerActions)
  const isOwn = (name: string): boolean => ['own', 'user'].includes(classOf(name)?.of ?? '')
  const rest = actions.filter((name) => !opened.has(name))
  return [
    {
      why:
        'Horizon asks `admin_required` before it uses its client for administration, and `admin_and_matching_domain_id` before it uses the token of ' +
        'the domain. Both must hold for the manager. So every rule that would follow from them is spelled out below.',
      rules: [
        rule('cloud_admin', 'role:admin'),
        rule('domain_manager', 'role:manager'),
        rule('admin_or_manager', 'rule:cloud_admin', 'rule:domain_manager'),
        rule('admin_required', 'rule:admin_or_manager'),
        rule('admin_and_matching_domain_id', 'rule:admin_or_manager'),
      ],
    },
    {
      why: 'What a domain manager does in its own domain.',
      rules: actions
        .filter((name) => opened.has(name))
        .map((name) => rule(name, 'rule:admin_or_manager', ...(ownAsWell.has(name) ? [owner] : []))),
    },
    {
      why: 'What everybody does for the own account.',
      rules: rest.filter((name) => isOwn(name) && !open.has(name)).map((name) => rule(name, 'rule:cloud_admin', owner)),
    },
    {
      why: 'What Keystone lets everybody read.',
      rules: rest.filter((name) => open.has(name)).map((name) => rule(name, '@')),
    },
    {
      why:
        'Everything else, for admins of the cloud. Horizon takes a missing rule for permission (openstack_auth/policy.py, _check_credentials), and it ' +
        'adds the rule of an older release to each that is not written here.',
      rules: rest.filter((name) => !isOwn(name) && !open.has(name)).map((name) => rule(name, 'rule:cloud_admin')),
    },
  ]
}

const owner = 'user_id:%(user_id)s'
