/**
 * Is the cloud's admin still one? A rule that cannot be parsed denies every caller, the operator included. So each
 * action is tried by itself, on throwaways, and nothing is assumed about actions behind a refusal.
 */
import { deleteDomain, getDomain, listDomains, updateDomain } from '../openstack/keystone/domains.ts'
import { createGrant, deleteGrant, isGranted } from '../openstack/keystone/grants.ts'
import { deleteGroup, getGroup, listGroups } from '../openstack/keystone/groups.ts'
import { deleteProject, getProject, listProjects, updateProject } from '../openstack/keystone/projects.ts'
import { adminRoleOf } from '../openstack/keystone/role-names.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { deleteRole, getRole, listRoles } from '../openstack/keystone/roles.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import { deleteUser, getUser, listUsers, updateUser } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { Family } from '../probes/checks.ts'
import type { ProbeResult } from '../probes/claim.ts'
import type { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { throwawayDomain, throwawayRole } from '../probes/throwaway/domain.ts'
import type { Throwaways } from '../probes/throwaway/throwaways.ts'

export async function probeAuthority(accounts: ThrowawayAccounts): Promise<readonly ProbeResult[]> {
  const { maker: operator, throwaways } = accounts
  const family = new Family('authority')
  const may = async <T>(action: string, ask: (session: Session) => Promise<T>): Promise<T | undefined> => {
    const { value } = await family.check({ ...mayDo(action), as: { session: operator, ...admin }, ask })
    return value
  }
  const roles = await may('list_roles', (session) => listRoles(session))
  await Promise.all([
    may('list_domains', (session) => listDomains(session)),
    may('list_role_assignments', (session) => listRoleAssignments(session, { isSystem: true })),
    may('list_trusts', (session) => listTrusts(session)),
    probeRole(may, throwaways),
  ])
  const domain = await may('create_domain', (session) => throwawayDomain(session, throwaways, 'authority'))
  if (domain === undefined) return family.results()
  const [user, project, group] = await Promise.all([
    may('create_user', (session) => accounts.disabledUser(domain.id, 'user', session)),
    may('create_project', (session) => accounts.project(domain.id, 'project', session)),
    may('create_group', (session) => accounts.group(domain.id, 'group', session)),
    may('get_domain', (session) => getDomain(session, domain.id)),
    may('list_users', (session) => listUsers(session, { domain_id: domain.id })),
    may('list_projects', (session) => listProjects(session, { domain_id: domain.id })),
    may('list_groups', (session) => listGroups(session, { domain_id: domain.id })),
  ])
  const changed = { description: `${throwaways.description} changed` }
  const adminRole = adminRoleOf(roles ?? [])
  if (user !== undefined && project !== undefined && adminRole !== undefined) {
    const grant = {
      roleId: adminRole.id,
      to: { kind: 'user', id: user.id },
      on: { kind: 'project', id: project.id },
    } as const
    await may('create_grant', (session) => createGrant(session, grant))
    await may('check_grant', (session) => isGranted(session, grant))
    await may('revoke_grant', (session) => deleteGrant(session, grant))
  }
  await Promise.all([
    inTurn(user, may, [
      ['get_user', (session, { id }) => getUser(session, id)],
      ['update_user', (session, { id }) => updateUser(session, id, changed)],
      ['delete_user', (session, { id }) => deleteUser(session, id)],
    ]),
    inTurn(project, may, [
      ['get_project', (session, { id }) => getProject(session, id)],
      ['update_project', (session, { id }) => updateProject(session, id, changed)],
      ['delete_project', (session, { id }) => deleteProject(session, id)],
    ]),
    inTurn(group, may, [
      ['get_group', (session, { id }) => getGroup(session, id)],
      ['delete_group', (session, { id }) => deleteGroup(session, id)],
    ]),
  ])
  await inTurn(domain, may, [
    ['update_domain', (session, { id }) => updateDomain(session, id, { enabled: false })],
    ['delete_domain', (session, { id }) => deleteDomain(session, id)],
  ])
  return family.results()
}

type May = <T>(action: string, ask: (session: Session) => Promise<T>) => Promise<T | undefined>

/** What cannot be made is not asked about. */
async function inTurn<T>(
  made: T | undefined,
  may: May,
  steps: readonly (readonly [string, (session: Session, made: T) => Promise<unknown>])[],
): Promise<void> {
  if (made === undefined) return
  for (const [action, ask] of steps) await may(action, (session) => ask(session, made))
}

async function probeRole(may: May, throwaways: Throwaways): Promise<void> {
  const role = await may('create_role', (session) => throwawayRole(session, throwaways, 'authority'))
  await inTurn(role, may, [
    ['get_role', (session, { id }) => getRole(session, id)],
    ['delete_role', (session, { id }) => deleteRole(session, id)],
  ])
}

const admin = { who: 'operator', actor: 'operator' } as const

function mayDo(action: string) {
  return {
    id: action.replaceAll('_', '-'),
    claim: `the cloud's admin can ${action.replaceAll('_', ' ')} anywhere`,
    whom: 'a throwaway domain',
    rule: `identity:${action}`,
    expected: 'allowed',
    otherwise: {
      code: 'delivery/authority-lost',
      message: `the cloud's admin is refused \`identity:${action}\`: a rule that cannot be parsed denies every caller`,
      remedy:
        'restore the earlier policy: `tenant-onboard policy rollback`; `tenant-onboard policy lint` shows the rule',
    },
  } as const
}
