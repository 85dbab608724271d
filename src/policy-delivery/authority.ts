/**
 * Is the cloud's admin still one? A rule that cannot be parsed denies every caller, the operator included. So each
 * action is tried by itself, on throwaways, and nothing is assumed about actions behind a refusal.
 */
import {
  createDomain,
  deleteDomain,
  findDomain,
  getDomain,
  listDomains,
  updateDomain,
} from '../openstack/keystone/domains.ts'
import { createGrant, deleteGrant, isGranted } from '../openstack/keystone/grants.ts'
import { createGroup, deleteGroup, getGroup, listGroups } from '../openstack/keystone/groups.ts'
import {
  createProject,
  deleteProject,
  getProject,
  listProjects,
  updateProject,
} from '../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { createRole, deleteRole, findRole, getRole, listRoles } from '../openstack/keystone/roles.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import { createUser, deleteUser, getUser, listUsers, updateUser } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from '../probes/attempt.ts'
import { byEffect, conclude } from '../probes/claim.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { removeDomain } from '../probes/throwaway/domain.ts'
import type { Throwaways } from '../probes/throwaway/throwaways.ts'

export async function probeAuthority(operator: Session, throwaways: Throwaways): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = []
  const may = async <T>(action: string, ask: (session: Session) => Promise<T>): Promise<T | undefined> => {
    const tried = await attempt(operator, ask)
    results.push(
      conclude(claimOf(action), byEffect(tried, tried.kind === 'unanswered' ? undefined : tried.kind === 'answered')),
    )
    return tried.kind === 'answered' ? tried.value : undefined
  }
  const { description } = throwaways
  const roles = await may('list_roles', (session) => listRoles(session))
  await Promise.all([
    may('list_domains', (session) => listDomains(session)),
    may('list_role_assignments', (session) => listRoleAssignments(session, { isSystem: true })),
    may('list_trusts', (session) => listTrusts(session)),
    probeRole(may, throwaways, operator),
  ])
  const name = throwaways.name('authority')
  const domain = await may('create_domain', (session) =>
    throwaways.make({
      kind: 'domain',
      name,
      create: () => createDomain(session, { name, description }),
      find: () => findDomain(operator, name),
      remove: ({ id }) => removeDomain(operator, id),
    }),
  )
  if (domain === undefined) return results
  const fields = (what: string) => ({ name: throwaways.name(what), domain_id: domain.id, description })
  const [user, project, group] = await Promise.all([
    may('create_user', (session) => createUser(session, { ...fields('user'), enabled: false })),
    may('create_project', (session) => createProject(session, fields('project'))),
    may('create_group', (session) => createGroup(session, fields('group'))),
    may('get_domain', (session) => getDomain(session, domain.id)),
    may('list_users', (session) => listUsers(session, { domain_id: domain.id })),
    may('list_projects', (session) => listProjects(session, { domain_id: domain.id })),
    may('list_groups', (session) => listGroups(session, { domain_id: domain.id })),
  ])
  const changed = { description: `${description} changed` }
  const admin = roles?.find((role) => role.name.toLowerCase() === 'admin')
  if (user !== undefined && project !== undefined && admin !== undefined) {
    const grant = {
      roleId: admin.id,
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
  return results
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

async function probeRole(may: May, throwaways: Throwaways, operator: Session): Promise<void> {
  const name = throwaways.name('authority')
  const role = await may('create_role', (session) =>
    throwaways.make({
      kind: 'role',
      name,
      create: () => createRole(session, { name, description: throwaways.description }),
      find: () => findRole(operator, name),
      remove: ({ id }) => deleteRole(operator, id),
    }),
  )
  await inTurn(role, may, [
    ['get_role', (session, { id }) => getRole(session, id)],
    ['delete_role', (session, { id }) => deleteRole(session, id)],
  ])
}

function claimOf(action: string) {
  return {
    id: `authority/${action.replaceAll('_', '-')}`,
    family: 'authority',
    claim: `the cloud's admin can ${action.replaceAll('_', ' ')} anywhere`,
    who: 'operator',
    whom: 'a throwaway domain',
    expected: 'allowed',
    actor: 'operator',
    reach: 'perimeter',
    otherwise: {
      code: 'delivery/authority-lost',
      severity: 'error',
      where: `identity:${action}`,
      message: `the cloud's admin is refused \`identity:${action}\`: a rule that cannot be parsed denies every caller`,
      remedy: 'restore the earlier policy: `tenant-onboard policy rollback`; `policy lint` shows the rule',
      owner: 'operator',
    },
  } as const
}
