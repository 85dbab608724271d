import type { Operation } from '../model/operation.ts'
import type { Dict } from '../python/value.ts'
import { createOperation, idOf, listOperations, recordOperation } from './record.ts'

/* keystone 25.0.0, keystone/api/groups.py */

/** No handler builds a target here: the enforcer loads the group, and answers 404 itself if there is none. */
const deleteGroup: Operation = {
  id: 'identity:delete_group',
  action: 'identity:delete_group',
  draft: ({ group }) =>
    group && { request: 'DELETE /v3/groups/{group_id}', ids: { group_id: idOf(group) }, target: { group } },
}

export const groupOperations: readonly Operation[] = [
  ...listOperations('identity:list_groups', 'GET /v3/groups', (domain_id) => ({ group: { domain_id } })),
  recordOperation('identity:get_group', 'GET /v3/groups/{group_id}', 'group'),
  createOperation('identity:create_group', 'POST /v3/groups', 'group'),
  recordOperation('identity:update_group', 'PATCH /v3/groups/{group_id}', 'group', { name: 'renamed' }),
  deleteGroup,
  recordOperation('identity:list_users_in_group', 'GET /v3/groups/{group_id}/users', 'group'),
  ...membershipOperations('identity:check_user_in_group', 'HEAD'),
  ...membershipOperations('identity:add_user_to_group', 'PUT'),
  ...membershipOperations('identity:remove_user_from_group', 'DELETE'),
]

/** Both of one domain, and each of the two from another one. */
function membershipOperations(action: string, method: string): readonly Operation[] {
  const draft = (group: Dict, user: Dict) => ({
    request: `${method} /v3/groups/{group_id}/users/{user_id}`,
    ids: { group_id: idOf(group), user_id: idOf(user) },
    target: { group, user },
  })
  return [
    { id: action, action, draft: ({ group, user }) => group && user && draft(group, user) },
    {
      id: `${action} user from elsewhere`,
      action,
      draft: ({ place, own, user }) => (place === 'other' && user ? draft(own.group, user) : undefined),
    },
    {
      id: `${action} group from elsewhere`,
      action,
      draft: ({ place, own, group }) => (place === 'other' && group ? draft(group, own.user) : undefined),
    },
  ]
}
