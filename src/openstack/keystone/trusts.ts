import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, object, optional, orNull, text } from '../shape.ts'

export type Trust = {
  readonly id: string
  readonly trustor_user_id: string
  readonly trustee_user_id: string
  readonly project_id: string | null
  readonly impersonation: boolean
  readonly expires_at?: string | undefined
  readonly deleted_at?: string | undefined
  /** Absent in lists: read the single trust. */
  readonly roles?: readonly { readonly id: string; readonly name: string }[] | undefined
}

const trust = object<Trust>({
  id: text,
  trustor_user_id: text,
  trustee_user_id: text,
  project_id: orNull(text),
  impersonation: flag,
  expires_at: optional(text),
  deleted_at: optional(text),
  roles: optional(listOf(object<{ readonly id: string; readonly name: string }>({ id: text, name: text }))),
})

/** Without a filter only an operator may list; with one, that user. */
export function listTrusts(
  session: Session,
  filter: { readonly trustor_user_id?: string; readonly trustee_user_id?: string } = {},
): Promise<readonly Trust[]> {
  return list(session, { service: 'identity', path: '/OS-TRUST/trusts', query: filter }, 'trusts', trust)
}

export function getTrust(session: Session, id: string): Promise<Trust> {
  return get(session, { service: 'identity', path: `/OS-TRUST/trusts/${id}` }, inside('trust', trust))
}

export type TrustFields = {
  readonly trustor_user_id: string
  readonly trustee_user_id: string
  readonly project_id: string
  readonly impersonation: boolean
  readonly roles: readonly ({ readonly id: string } | { readonly name: string })[]
  readonly expires_at?: string
  readonly allow_redelegation?: boolean
}

/**
 * An empty list of roles is refused (403) by the code after the policy check. So it separates a live rule from a dead
 * one, and makes nothing. keystone/api/trusts.py, TrustsResource.post
 */
export function createTrust(session: Session, fields: TrustFields): Promise<Trust> {
  const body = { trust: fields }
  return send(session, { service: 'identity', method: 'POST', path: '/OS-TRUST/trusts', body }, inside('trust', trust))
}

export function deleteTrust(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/OS-TRUST/trusts/${id}` })
}
