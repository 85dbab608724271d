import type { Grantee } from '../openstack/keystone/grants.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'
import type { Session } from '../openstack/session.ts'

export type HeldAfter = {
  /** Notes an attempt that may give a role to somebody. All of them are begun before the first answer comes. */
  readonly attempt: <T>(grant: Promise<T>) => Promise<T>
  /** What a grantee holds once all attempts are over. */
  readonly by: (to: Grantee) => Promise<readonly RoleAssignment[]>
}

/** One list for each grantee, instead of a question after each attempt. */
export function heldAfter(reader: Session): HeldAfter {
  const attempts: Promise<unknown>[] = []
  const lists = new Map<string, Promise<readonly RoleAssignment[]>>()
  const list = async ({ kind, id }: Grantee): Promise<readonly RoleAssignment[]> => {
    await Promise.allSettled(attempts)
    return listRoleAssignments(reader, kind === 'user' ? { userId: id } : { groupId: id })
  }
  return {
    attempt: (grant) => {
      attempts.push(grant)
      return grant
    },
    by: (to) => {
      const known = lists.get(to.id) ?? list(to)
      lists.set(to.id, known)
      return known
    },
  }
}
