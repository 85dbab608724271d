import type { Secret } from '../../secret.ts'
import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, object, optional, text } from '../shape.ts'

export type User = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly enabled: boolean
  readonly description?: string | undefined
  readonly email?: string | undefined
  readonly default_project_id?: string | undefined
  readonly password_expires_at?: string | undefined
}

const user = object<User>({
  id: text,
  name: text,
  domain_id: text,
  enabled: flag,
  description: optional(text),
  email: optional(text),
  default_project_id: optional(text),
  password_expires_at: optional(text),
})

/** Keystone's times have a second or more between them and ours, and no rule lets a new password end within half a day. */
const nearMs = 12 * 3_600_000

/**
 * Whether the password may only be exchanged: it was set by another account where its user has to change it at first use, or
 * its days are over. keystone 22.0.2, keystone/identity/backends/sql.py, create_user and update_user.
 */
export function isPasswordExpired({ password_expires_at: at }: Pick<User, 'password_expires_at'>, now: Date): boolean {
  // a time without a zone is UTC
  if (at === undefined) return false
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(at) ? at : `${at}Z`) <= now.getTime() + nearMs
}

export type UserFilter = { readonly domain_id?: string; readonly name?: string; readonly enabled?: boolean }

export function listUsers(session: Session, filter: UserFilter = {}): Promise<readonly User[]> {
  return list(session, { service: 'identity', path: '/users', query: filter }, 'users', user)
}

export function findUser(session: Session, name: string, domainId: string): Promise<User | undefined> {
  const query = { name, domain_id: domainId }
  return findByName(session, { service: 'identity', path: '/users', query }, { key: 'users', read: user, name })
}

export function getUser(session: Session, id: string): Promise<User> {
  return get(session, { service: 'identity', path: `/users/${id}` }, inside('user', user))
}

export type UserFields = {
  readonly name: string
  readonly domain_id: string
  /**
   * Also for an account that nobody signs in as: with `change_password_upon_first_use` Keystone answers 500 to a user without one.
   * keystone 22.0.2, keystone/identity/backends/sql.py, create_user, `user_ref.password_ref.expires_at`; seen on the lab.
   */
  readonly password: Secret
  readonly description?: string
  readonly email?: string
  readonly enabled?: boolean
  readonly default_project_id?: string
}

export function createUser(session: Session, fields: UserFields): Promise<User> {
  const { password, ...rest } = fields
  const body = { user: { ...rest, password: password.reveal() } }
  return send(session, { service: 'identity', method: 'POST', path: '/users', body }, inside('user', user))
}

/** A new password set by another account ends the user's tokens, but not its application credentials or trusts. */
export function updateUser(
  session: Session,
  id: string,
  fields: {
    readonly name?: string
    readonly password?: Secret
    readonly description?: string
    readonly email?: string
    readonly enabled?: boolean
  },
): Promise<User> {
  const { password, ...rest } = fields
  const body = { user: { ...rest, ...(password === undefined ? {} : { password: password.reveal() }) } }
  return send(
    session,
    { service: 'identity', method: 'PATCH', path: `/users/${id}`, body, isRepeatable: true },
    inside('user', user),
  )
}

/**
 * The user's own way: it needs the old password and no role. A wrong one gets 401, so the error is of kind `sign-in`.
 */
export function changePassword(
  session: Session,
  id: string,
  change: { readonly from: Secret; readonly to: Secret },
): Promise<void> {
  const body = { user: { original_password: change.from.reveal(), password: change.to.reveal() } }
  return send(session, { service: 'identity', method: 'POST', path: `/users/${id}/password`, body })
}

/**
 * Deletes grants, application credentials and trusts on both sides; not keypairs, and its clusters lose their
 * credential.
 */
export function deleteUser(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/users/${id}` })
}
