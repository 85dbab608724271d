import { hasFix } from '../releases/release.ts'
import type { Operation } from '../model/operation.ts'
import type { Dict } from '../python/value.ts'
import { idOf } from './record.ts'

/*
 * keystone 25.0.0, keystone/api/trusts.py. The policy does not decide alone about a trust: the handler also requires
 * that the trustor is the caller, and refuses delegated tokens.
 */

export const trustOperations: readonly Operation[] = [
  {
    id: 'identity:create_trust',
    action: 'identity:create_trust',
    draft: ({ user, own, release, persona }) => {
      if (user === undefined) return undefined
      const trust: Dict = {
        trustor_user_id: idOf(user),
        trustee_user_id: idOf(own.user),
        project_id: persona.project ?? idOf(own.project),
        impersonation: true,
        roles: [{ name: 'member' }],
      }
      // The fix for CVE-2026-42999 also made the body this action's target.
      const hasTarget = hasFix(release, 'ossa-2026-015')
      return {
        request: 'POST /v3/OS-TRUST/trusts',
        body: { trust },
        ...(hasTarget ? { target: { trust }, targetFrom: 'caller' } : {}),
      }
    },
  },
  {
    id: 'identity:list_trusts',
    action: 'identity:list_trusts',
    draft: ({ place }) => (place === 'none' ? { request: 'GET /v3/OS-TRUST/trusts' } : undefined),
  },
  ...(['trustor', 'trustee'] as const).map((party): Operation => ({
    id: `identity:list_trusts_for_${party}`,
    action: `identity:list_trusts_for_${party}`,
    draft: ({ user }) => {
      const key = `${party}_user_id`
      return (
        user && {
          request: 'GET /v3/OS-TRUST/trusts',
          query: { [key]: idOf(user) },
          target: { trust: { [key]: idOf(user) } },
          targetFrom: 'caller',
        }
      )
    },
  })),
  trustOperation('identity:get_trust', 'GET'),
  trustOperation('identity:delete_trust', 'DELETE'),
]

function trustOperation(action: string, method: string): Operation {
  return {
    id: action,
    action,
    draft: ({ user, own }) => {
      if (user === undefined) return undefined
      const trust = {
        id: `${idOf(user)}-trust`,
        trustor_user_id: idOf(user),
        trustee_user_id: 'trustee',
        project_id: idOf(own.project),
      }
      return {
        request: `${method} /v3/OS-TRUST/trusts/{trust_id}`,
        ids: { trust_id: trust.id },
        target: { trust },
      }
    },
  }
}
