import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, object, optional, record, text } from '../shape.ts'

export type Domain = {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly description?: string | undefined
}

const domain = object<Domain>({ id: text, name: text, enabled: flag, description: optional(text) })

export function listDomains(
  session: Session,
  filter: { readonly name?: string; readonly enabled?: boolean } = {},
): Promise<readonly Domain[]> {
  return list(session, { service: 'identity', path: '/domains', query: filter }, 'domains', domain)
}

export function findDomain(session: Session, name: string): Promise<Domain | undefined> {
  return findByName(
    session,
    { service: 'identity', path: '/domains', query: { name } },
    { key: 'domains', read: domain, name },
  )
}

export function getDomain(session: Session, id: string): Promise<Domain> {
  return get(session, { service: 'identity', path: `/domains/${id}` }, inside('domain', domain))
}

export function createDomain(
  session: Session,
  fields: { readonly name: string; readonly description?: string; readonly enabled?: boolean },
): Promise<Domain> {
  const body = { domain: fields }
  return send(session, { service: 'identity', method: 'POST', path: '/domains', body }, inside('domain', domain))
}

export function updateDomain(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string; readonly enabled?: boolean },
): Promise<Domain> {
  const body = { domain: fields }
  return send(
    session,
    { service: 'identity', method: 'PATCH', path: `/domains/${id}`, body, isRepeatable: true },
    inside('domain', domain),
  )
}

/**
 * Keystone refuses it (403) while the domain is enabled. Deletes its projects, users and groups, but nothing in other
 * services.
 */
export function deleteDomain(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/domains/${id}` })
}

/**
 * The identity driver of a domain with its own, as `{"identity": {"driver": "ldap"}, ..}`; throws 404 if it has none.
 */
export function getDomainConfig(session: Session, id: string): Promise<Readonly<Record<string, unknown>>> {
  return get(session, { service: 'identity', path: `/domains/${id}/config` }, inside('config', record))
}
