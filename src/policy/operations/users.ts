import type { Operation } from '../model/operation.ts'
import { createOperation, listOperations, recordOperation } from './record.ts'

/* keystone 25.0.0, keystone/api/users.py */

export const userOperations: readonly Operation[] = [
  ...listOperations('identity:list_users', 'GET /v3/users', (domain_id) => ({ domain_id })),
  recordOperation('identity:get_user', 'GET /v3/users/{user_id}', 'user'),
  createOperation('identity:create_user', 'POST /v3/users', 'user'),
  recordOperation('identity:update_user', 'PATCH /v3/users/{user_id}', 'user', { password: 'changed' }),
  recordOperation('identity:delete_user', 'DELETE /v3/users/{user_id}', 'user'),
  recordOperation('identity:list_user_projects', 'GET /v3/users/{user_id}/projects', 'user'),
  recordOperation('identity:list_groups_for_user', 'GET /v3/users/{user_id}/groups', 'user'),
]
