/** Everything that a user can do anywhere, by whatever way. */
import { listGroupsOfUser } from './groups.ts'
import { listRoleAssignments } from './role-assignments.ts'
import type { RoleAssignment } from './role-assignments.ts'
import type { Session } from '../session.ts'

/**
 * By user id: effective roles, and the roles on the system, one's own or a group's. Keystone leaves the system out of every
 * effective list (keystone 22.0.2, assignment/core.py, list_role_assignments: `_list_effective_role_assignments` gets no
 * `system`), so that is asked beside it. Needs an operator.
 */
export async function listReach(
  session: Session,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RoleAssignment[]>> {
  const [onSystem, ...effective] = await Promise.all([
    listRoleAssignments(session, { isSystem: true, includesNames: true }),
    ...userIds.map((userId) => listRoleAssignments(session, { userId, isEffective: true, includesNames: true })),
  ])
  const hasGroups = onSystem.some(({ group }) => group !== undefined)
  return new Map(
    await Promise.all(
      userIds.map(async (userId, index) => {
        const groups = hasGroups ? (await listGroupsOfUser(session, userId)).map(({ id }) => id) : []
        const held = onSystem.filter(({ user, group }) => user?.id === userId || groups.includes(group?.id ?? ''))
        return [userId, [...(effective[index] ?? []), ...held]] as const
      }),
    ),
  )
}
