import { findByName, get, list, send } from '../resource-requests.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'
import { inside, object, optional, text } from '../shape.ts'

export type Group = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly description?: string | undefined
}

const group = object<Group>({ id: text, name: text, domain_id: text, description: optional(text) })
const member = object<{ readonly id: string; readonly name: string; readonly domain_id: string }>({
  id: text,
  name: text,
  domain_id: text,
})

export function listGroups(
  session: Session,
  filter: { readonly domain_id?: string; readonly name?: string } = {},
): Promise<readonly Group[]> {
  return list(session, { service: 'identity', path: '/groups', query: filter }, 'groups', group)
}

export function findGroup(session: Session, name: string, domainId: string): Promise<Group | undefined> {
  const query = { name, domain_id: domainId }
  return findByName(session, { service: 'identity', path: '/groups', query }, { key: 'groups', read: group, name })
}

export function getGroup(session: Session, id: string): Promise<Group> {
  return get(session, { service: 'identity', path: `/groups/${id}` }, inside('group', group))
}

export function createGroup(
  session: Session,
  fields: { readonly name: string; readonly domain_id: string; readonly description?: string },
): Promise<Group> {
  const body = { group: fields }
  return send(session, { service: 'identity', method: 'POST', path: '/groups', body }, inside('group', group))
}

export function updateGroup(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string },
): Promise<Group> {
  const body = { group: fields }
  return send(
    session,
    { service: 'identity', method: 'PATCH', path: `/groups/${id}`, body, isRepeatable: true },
    inside('group', group),
  )
}

export function deleteGroup(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/groups/${id}` })
}

export function listGroupsOfUser(session: Session, userId: string): Promise<readonly Group[]> {
  return list(session, { service: 'identity', path: `/users/${userId}/groups` }, 'groups', group)
}

export function listGroupMembers(
  session: Session,
  groupId: string,
): Promise<readonly { readonly id: string; readonly name: string; readonly domain_id: string }[]> {
  return list(session, { service: 'identity', path: `/groups/${groupId}/users` }, 'users', member)
}

export async function isGroupMember(session: Session, groupId: string, userId: string): Promise<boolean> {
  try {
    await send(session, { service: 'identity', method: 'HEAD', path: `/groups/${groupId}/users/${userId}` })
    return true
  } catch (error) {
    if (refusalOf(error) === 404) return false
    throw error
  }
}

export function createGroupMember(session: Session, groupId: string, userId: string): Promise<void> {
  return send(session, { service: 'identity', method: 'PUT', path: `/groups/${groupId}/users/${userId}` })
}

export function deleteGroupMember(session: Session, groupId: string, userId: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/groups/${groupId}/users/${userId}` })
}
