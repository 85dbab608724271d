import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, object, optional, text } from '../shape.ts'

export type SecurityGroup = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly description?: string | undefined
}

const securityGroup = object<SecurityGroup>({ id: text, name: text, project_id: text, description: optional(text) })

/**
 * Do not filter by a deleted project: a list for a project makes Neutron create that project's `default` group again.
 * neutron/db/securitygroups_db.py, get_security_groups (`_ensure_default_security_group`)
 */
export function listSecurityGroups(
  session: Session,
  filter: { readonly project_id?: string; readonly name?: string } = {},
): Promise<readonly SecurityGroup[]> {
  return list(
    session,
    { service: 'network', path: '/security-groups', query: filter },
    'security_groups',
    securityGroup,
  )
}

export function getSecurityGroup(session: Session, id: string): Promise<SecurityGroup> {
  return get(session, { service: 'network', path: `/security-groups/${id}` }, inside('security_group', securityGroup))
}

export function createSecurityGroup(
  session: Session,
  fields: { readonly name: string; readonly description?: string; readonly project_id?: string },
): Promise<SecurityGroup> {
  const body = { security_group: fields }
  return send(
    session,
    { service: 'network', method: 'POST', path: '/security-groups', body },
    inside('security_group', securityGroup),
  )
}

export function deleteSecurityGroup(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/security-groups/${id}` })
}
