/** Which other projects may use a network, a security group or another object of Neutron. */
import { list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, object, text } from '../shape.ts'

export type RbacPolicy = {
  readonly id: string
  readonly project_id: string
  readonly object_type: string
  readonly object_id: string
  readonly action: string
  /** A project, or `*` for all. */
  readonly target_tenant: string
}

const rbacPolicy = object<RbacPolicy>({
  id: text,
  project_id: text,
  object_type: text,
  object_id: text,
  action: text,
  target_tenant: text,
})

export function listRbacPolicies(
  session: Session,
  filter: { readonly project_id?: string; readonly object_id?: string; readonly object_type?: string } = {},
): Promise<readonly RbacPolicy[]> {
  return list(session, { service: 'network', path: '/rbac-policies', query: filter }, 'rbac_policies', rbacPolicy)
}

export function createRbacPolicy(
  session: Session,
  fields: {
    readonly object_type: string
    readonly object_id: string
    readonly action: string
    readonly target_tenant: string
  },
): Promise<RbacPolicy> {
  const body = { rbac_policy: fields }
  return send(
    session,
    { service: 'network', method: 'POST', path: '/rbac-policies', body },
    inside('rbac_policy', rbacPolicy),
  )
}

export function deleteRbacPolicy(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/rbac-policies/${id}` })
}
