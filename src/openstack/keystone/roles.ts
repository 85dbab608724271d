import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, listOf, object, optional, orNull, text } from '../shape.ts'

export type Role = {
  readonly id: string
  readonly name: string
  /** Of a domain-specific role; null for the global ones. */
  readonly domain_id: string | null
  readonly description?: string | undefined
}

/** A holder of `prior` also holds each of `implies`. */
export type RoleInference = {
  readonly prior_role: { readonly id: string; readonly name: string }
  readonly implies: readonly { readonly id: string; readonly name: string }[]
}

const role = object<Role>({ id: text, name: text, domain_id: orNull(text), description: optional(text) })
const named = object<{ readonly id: string; readonly name: string }>({ id: text, name: text })
const inference = object<RoleInference>({ prior_role: named, implies: listOf(named) })

/** Global roles unless a domain is given: Keystone lists those of one owner at a time. */
export function listRoles(
  session: Session,
  filter: { readonly name?: string; readonly domain_id?: string } = {},
): Promise<readonly Role[]> {
  return list(session, { service: 'identity', path: '/roles', query: filter }, 'roles', role)
}

/** A global role by its exact name. Policies ignore case in role names; this does not. */
export function findRole(session: Session, name: string): Promise<Role | undefined> {
  return findByName(
    session,
    { service: 'identity', path: '/roles', query: { name } },
    { key: 'roles', read: role, name },
  )
}

export function getRole(session: Session, id: string): Promise<Role> {
  return get(session, { service: 'identity', path: `/roles/${id}` }, inside('role', role))
}

export function createRole(
  session: Session,
  fields: { readonly name: string; readonly domain_id?: string; readonly description?: string },
): Promise<Role> {
  return send(
    session,
    { service: 'identity', method: 'POST', path: '/roles', body: { role: fields } },
    inside('role', role),
  )
}

export function updateRole(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string },
): Promise<Role> {
  const body = { role: fields }
  return send(
    session,
    { service: 'identity', method: 'PATCH', path: `/roles/${id}`, body, isRepeatable: true },
    inside('role', role),
  )
}

export function deleteRole(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/roles/${id}` })
}

/** Every implication of the cloud in one answer. */
export function listRoleInferences(session: Session): Promise<readonly RoleInference[]> {
  return list(session, { service: 'identity', path: '/role_inferences' }, 'role_inferences', inference)
}

export function createImpliedRole(session: Session, priorId: string, impliedId: string): Promise<void> {
  return send(session, { service: 'identity', method: 'PUT', path: `/roles/${priorId}/implies/${impliedId}` })
}

export function deleteImpliedRole(session: Session, priorId: string, impliedId: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/roles/${priorId}/implies/${impliedId}` })
}
