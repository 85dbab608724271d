/**
 * Rows that name what no list has. Keystone keeps an assignment when a user leaves its directory: nobody tells it. An id
 * of LDAP is computed from the entry, so one who is entered again has the roles again. keystone 22.0.2,
 * keystone/assignment/core.py, _get_names_from_role_assignments; keystone/identity/id_generators/sha256.py.
 */
import type { Finding } from '../finding.ts'
import type { Credential } from '../openstack/keystone/credentials.ts'
import { domainOf, renderPlace } from './holdings.ts'
import type { Holdings, UnmatchedAssignment } from './holdings.ts'
import type { CloudInventory, Unread } from './inventory.ts'

export type UnmatchedAudit = {
  readonly inventory: CloudInventory
  readonly holdings: Holdings
  readonly adminRoles: ReadonlySet<string>
  /** Ids of the domains of tenants. */
  readonly tenants: ReadonlySet<string>
  /** The name of the domain in which Magnum makes trustees. */
  readonly magnumDomain: string
}

export function unreadFinding({ what, because }: Unread): Finding {
  return {
    code: 'audit/unread',
    severity: 'unknown',
    where: what.replaceAll('`', ''),
    message: `${what} could not be read, so the audit says nothing about it: ${because}`,
    remedy: 'let an account audit that may read it, or repair the service that does not answer; then audit again',
    owner: 'operator',
  }
}

export function auditUnmatchedAssignments(audit: UnmatchedAudit): readonly Finding[] {
  return audit.holdings.unmatched.map((row): Finding => {
    const { assignment, role, isInherited } = row
    const kind = assignment.user === undefined ? 'group' : 'user'
    const id = (assignment.user ?? assignment.group)?.id ?? ''
    const { state, isGone } = stateOf(row, audit)
    return {
      code: 'audit/unmatched-assignment',
      severity: isGone && reachesTenant(row, audit) ? 'error' : 'unknown',
      where: `${kind} ${row.holder?.name ?? id}`,
      message: `${kind} \`${row.holder?.name ?? id}\` holds ${role?.name ?? `role \`${assignment.role.id}\``} on ${placeOf(row)}${isInherited ? ', inherited by the projects below' : ''}: ${state}`,
      remedy: removal(row),
      owner: 'operator',
    }
  })
}

/** What is wrong with it, and whether Keystone itself says that it knows no such id. */
function stateOf(
  { unknown }: UnmatchedAssignment,
  { inventory }: UnmatchedAudit,
): { readonly state: string; readonly isGone: boolean } {
  const isGone = !unknown.some(({ id }) => inventory.unreadIds.has(id))
  const parts = unknown.map(({ what, id }) => {
    if (inventory.unreadIds.has(id)) return `${what} ${id} could not be read`
    const isHolder = what === 'user' || what === 'group'
    return isHolder
      ? `no directory knows ${what} ${id}, and anyone who gets that id has the role`
      : `${what} ${id} is gone`
  })
  return { state: parts.join('; '), isGone }
}

function reachesTenant({ role, holder, on }: UnmatchedAssignment, { adminRoles, tenants }: UnmatchedAudit): boolean {
  if (role !== undefined && adminRoles.has(role.id)) return true
  if (on?.kind === 'system' || (holder !== undefined && tenants.has(holder.domain_id))) return true
  const at = on && domainOf(on)
  return at !== undefined && tenants.has(at)
}

function placeOf({ assignment: { scope }, on }: UnmatchedAssignment): string {
  if (on !== undefined) return renderPlace(on)
  return scope.project === undefined ? `domain \`${scope.domain?.id ?? ''}\`` : `project \`${scope.project.id}\``
}

/**
 * Keystone removes the role of an unknown holder, but asks for the role and the place before it removes anything
 * (keystone/api/projects.py, _build_enforcement_target_attr). What remains is its database.
 */
function removal({ assignment, role, on, isInherited }: UnmatchedAssignment): string {
  const { user, group, scope } = assignment
  const actor = user?.id ?? group?.id ?? ''
  const target = scope.project?.id ?? scope.domain?.id ?? 'system'
  if (role === undefined || on === undefined)
    return `no request removes it; in Keystone's database: DELETE FROM ${scope.system === undefined ? 'assignment' : 'system_assignment'} WHERE actor_id = '${actor}' AND target_id = '${target}' AND role_id = '${assignment.role.id}'`
  const who = user === undefined ? `--group ${actor}` : `--user ${actor}`
  const where =
    scope.system !== undefined ? '--system all' : scope.project ? `--project ${target}` : `--domain ${target}`
  return `openstack role remove ${who} ${where}${isInherited ? ' --inherited' : ''} ${assignment.role.id}`
}

/** EC2 keys and other credentials: the owner and the project have to exist. */
export function isMatchedCredential(
  { user_id, project_id }: Credential,
  { users, projects, domains }: Holdings,
): boolean {
  return (
    users.has(user_id) &&
    (project_id === null || project_id === '' || projects.has(project_id) || domains.has(project_id))
  )
}

export function auditUnmatchedCredentials({ inventory, holdings, tenants }: UnmatchedAudit): readonly Finding[] {
  return inventory.credentials
    .filter((credential) => !isMatchedCredential(credential, holdings))
    .map((credential): Finding => {
      const { id, type, user_id, project_id } = credential
      const { users, projects } = holdings
      const user = users.get(user_id)
      const project = project_id === null ? undefined : projects.get(project_id)
      const isUnread = [user_id, project_id ?? ''].some((one) => inventory.unreadIds.has(one))
      const isOfTenant = [user, project].some((one) => one !== undefined && tenants.has(one.domain_id))
      const lacks = isUnread
        ? 'Keystone does not say whose or for what it is'
        : [
            ...(user === undefined ? [`no directory knows user ${user_id}`] : []),
            ...(project_id !== null && project === undefined ? [`project ${project_id} is gone`] : []),
          ].join(', and ')
      return {
        code: 'audit/unmatched-credential',
        severity: !isUnread && isOfTenant ? 'error' : 'unknown',
        where: `credential ${id}`,
        message: `${type} credential \`${id}\` of user \`${user?.name ?? user_id}\`${project_id === null ? '' : ` for project \`${project?.name ?? project_id}\``}: ${lacks}`,
        remedy: `openstack credential delete ${id}`,
        owner: 'operator',
      }
    })
}
