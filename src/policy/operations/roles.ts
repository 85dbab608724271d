import type { Operation } from '../model/operation.ts'
import type { Dict } from '../python/value.ts'
import { roleMeant, roleRecord } from '../model/request-context.ts'
import { idOf } from './record.ts'

/*
 * keystone 25.0.0, keystone/api/roles.py. Requests with a body and without a loaded role have no other target: a
 * domain- specific role is created by its body alone.
 */

export const roleOperations: readonly Operation[] = [
  {
    id: 'identity:list_roles',
    action: 'identity:list_roles',
    draft: ({ place }) => (place === 'none' ? { request: 'GET /v3/roles' } : undefined),
  },
  ...['member', 'admin'].map((name): Operation => ({
    id: `identity:get_role ${name}`,
    action: 'identity:get_role',
    draft: ({ place, facts }) => {
      const role = roleMeant(name, facts)
      return place === 'none' ? roleDraft('GET', role) : undefined
    },
  })),
  {
    id: 'identity:create_role',
    action: 'identity:create_role',
    draft: ({ place }) =>
      place === 'none' ? { request: 'POST /v3/roles', body: { role: { name: 'new' } } } : undefined,
  },
  {
    id: 'identity:update_role',
    action: 'identity:update_role',
    draft: ({ place }) =>
      place === 'none'
        ? { ...roleDraft('PATCH', roleRecord('member')), body: { role: { name: 'renamed' } } }
        : undefined,
  },
  {
    id: 'identity:delete_role',
    action: 'identity:delete_role',
    draft: ({ place }) => (place === 'none' ? roleDraft('DELETE', roleRecord('member')) : undefined),
  },
  {
    id: 'identity:list_domain_roles',
    action: 'identity:list_domain_roles',
    draft: ({ place, domain }) =>
      place === 'self' || domain === undefined
        ? undefined
        : { request: 'GET /v3/roles', filters: { domain_id: domain } },
  },
  {
    id: 'identity:create_domain_role',
    action: 'identity:create_domain_role',
    draft: ({ place, domain }) =>
      place === 'self' || domain === undefined
        ? undefined
        : { request: 'POST /v3/roles', body: { role: { name: 'new', domain_id: domain } } },
  },
  ...(['get', 'update', 'delete'] as const).map((verb): Operation => ({
    id: `identity:${verb}_domain_role`,
    action: `identity:${verb}_domain_role`,
    draft: ({ place, domain }) => {
      if (place === 'self' || domain === undefined) return undefined
      const method = { get: 'GET', update: 'PATCH', delete: 'DELETE' }[verb]
      const body = verb === 'update' ? { body: { role: { name: 'renamed' } } } : {}
      return { ...roleDraft(method, roleRecord(`${domain}-special`, domain)), ...body }
    },
  })),
  {
    id: 'identity:create_implied_role member implies admin',
    action: 'identity:create_implied_role',
    draft: ({ place, facts }) => {
      const [prior_role, implied_role] = [roleRecord('member'), roleRecord(facts.adminRole)]
      return place === 'none'
        ? {
            request: 'PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}',
            ids: { prior_role_id: idOf(prior_role), implied_role_id: idOf(implied_role) },
            target: { prior_role, implied_role },
          }
        : undefined
    },
  },
]

function roleDraft(method: string, role: Dict) {
  return { request: `${method} /v3/roles/{role_id}`, ids: { role_id: idOf(role) }, target: { role } }
}
