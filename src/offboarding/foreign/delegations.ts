/** Foreign trusts, credentials and grants that depend on the tenant. */
import { errorChain } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import { renderAssignment } from '../../onboarding/assignment.ts'
import { listApplicationCredentials } from '../../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../../openstack/keystone/application-credentials.ts'
import { listGroupMembers } from '../../openstack/keystone/groups.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import { listTrusts } from '../../openstack/keystone/trusts.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import { isOfTenant } from '../kinds/identity.ts'
import { unseen } from '../not-shown.ts'
import type { Reach } from '../reach.ts'

export async function findForeignDelegations(reach: Reach): Promise<readonly Finding[]> {
  return [...(await findForeignTrusts(reach)), ...(await findForeignHolders(reach))]
}

async function findForeignTrusts({ operator, tenantState }: Reach): Promise<readonly Finding[]> {
  return (await listTrusts(operator))
    .filter(
      ({ trustor_user_id, trustee_user_id, project_id }) =>
        !tenantState.userIds.has(trustor_user_id) &&
        (tenantState.userIds.has(trustee_user_id) || (project_id !== null && tenantState.projectIds.has(project_id))),
    )
    .map(({ id, trustor_user_id, trustee_user_id }) => ({
      code: 'offboard/foreign-trust',
      severity: 'error',
      where: `trust ${id}`,
      message: `was given by user ${trustor_user_id}, who is not of this tenant, ${
        tenantState.userIds.has(trustee_user_id) ? 'to a user' : 'on a project'
      } of the tenant, and would be deleted with it`,
      remedy: `ask its trustor to delete it: openstack trust delete ${id}`,
      owner: 'operator',
    }))
}

/** Foreign users with a role in the tenant's projects, and their application credentials there. */
async function findForeignHolders({ operator, tenantState }: Reach): Promise<readonly Finding[]> {
  const assignments = (await listRoleAssignments(operator, { includesNames: true })).filter((assignment) =>
    isOfTenant(tenantState, assignment),
  )
  const foreign = assignments.filter(
    ({ user, group }) =>
      !(user !== undefined && tenantState.userIds.has(user.id)) &&
      !(group !== undefined && tenantState.groups.some(({ id }) => id === group.id)),
  )
  const grants = foreign.map((assignment): Finding => {
    const { user, group } = assignment
    const kind = user === undefined ? 'group' : 'user'
    return {
      code: 'offboard/foreign-grant',
      severity: 'info',
      where: `${kind} ${user?.name ?? group?.name ?? ''}`,
      message: `is not of this tenant and loses ${renderAssignment(assignment)}`,
      owner: 'operator',
    }
  })
  const members = await Promise.all(
    foreign.flatMap(({ group }) => (group === undefined ? [] : [listGroupMembers(operator, group.id)])),
  )
  const holders = new Set([...foreign.flatMap(({ user }) => user?.id ?? []), ...members.flat().map(({ id }) => id)])
  const unread: Finding[] = []
  const credentials = await Promise.all(
    [...holders].map(async (userId) =>
      (await credentialsOf(operator, userId, unread))
        .filter(({ project_id }) => project_id !== null && tenantState.projectIds.has(project_id))
        .map(({ id, name }): Finding => ({
          code: 'offboard/foreign-credential',
          severity: 'error',
          where: `application credential ${name}`,
          message: `of user ${userId}, who is not of this tenant, signs in to a project of the tenant: it would stay, but no longer work`,
          remedy: `ask its owner to delete it, or: openstack application credential delete ${id}`,
          owner: 'operator',
        })),
    ),
  )
  return [...grants, ...credentials.flat(), ...unread]
}

async function credentialsOf(
  operator: Session,
  userId: string,
  unread: Finding[],
): Promise<readonly ApplicationCredential[]> {
  try {
    return await listApplicationCredentials(operator, userId)
  } catch (error) {
    if (refusalOf(error) !== 403) throw error
    unread.push(
      unseen(
        `application credentials of user ${userId}`,
        `this user is not of the tenant, and the operator may not list them: one that signs in to a project of the tenant would stay (${errorChain(error).join(': ')})`,
      ),
    )
    return []
  }
}
