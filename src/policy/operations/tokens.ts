import type { Operation } from '../model/operation.ts'
import { lookUp } from '../python/value.ts'
import { idOf } from './record.ts'

/* keystone 25.0.0, keystone/api/auth.py. X-Subject-Token names the token that is read, which is the target. */

export const tokenOperations: readonly Operation[] = [
  tokenOperation('identity:validate_token', 'GET'),
  tokenOperation('identity:check_token', 'HEAD'),
  tokenOperation('identity:revoke_token', 'DELETE'),
]

function tokenOperation(action: string, method: string): Operation {
  return {
    id: action,
    action,
    draft: ({ user }) =>
      user && {
        request: `${method} /v3/auth/tokens`,
        headers: { 'X-Subject-Token': `a token of ${idOf(user)}` },
        target: { token: { user_id: idOf(user), user: { domain: { id: lookUp(user, 'domain_id') ?? null } } } },
        targetFrom: 'caller',
      },
  }
}
