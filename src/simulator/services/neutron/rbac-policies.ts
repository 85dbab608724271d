/** /v2.0/rbac-policies: what a project shares. neutron 21.0.0, neutron/db/rbac_db_mixin.py. */
import { bodyOf, list, narrowed } from './serializers.ts'
import { conflict, disallowed, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { findNetwork } from './networks.ts'
import { mayRead, mayWrite } from './access.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { Refusal } from '../../refusal.ts'
import { requireQuota } from './quotas.ts'
import { textAt } from '../../json.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { RbacPolicy } from '../../state.ts'

const FIELDS = ['object_type', 'object_id', 'action', 'target_tenant', 'project_id', 'tenant_id']

/** Only an admin may share with everybody. */
const WHOLE_RULE =
  '((((rule:create_rbac_policy and rule:create_rbac_policy:object_type) and rule:create_rbac_policy:object_id) and ' +
  'rule:create_rbac_policy:target_tenant) and rule:create_rbac_policy:action)'

function find(call: Call): RbacPolicy {
  const id = param(call, 'id')
  const row = call.world.state.rbacPolicies.get(id)
  if (row === undefined || !mayRead(call, row.project_id)) throw notFound('RbacPolicy', 'RBAC policy', id)
  return row
}

function show(row: RbacPolicy): Json {
  return {
    id: row.id,
    project_id: row.project_id,
    action: row.action,
    object_id: row.object_id,
    target_tenant: row.target_tenant,
    object_type: row.object_type,
    tenant_id: row.project_id,
  }
}

function createPolicy(call: Call): RbacPolicy {
  const body = bodyOf(call, 'rbac_policy', FIELDS)
  const type = textAt(body, 'object_type') ?? ''
  if (type !== 'network') {
    throw new Refusal(501, `the simulator has no RBAC policies for ${type}`, { type: 'HTTPNotImplemented' })
  }
  const target = textAt(body, 'target_tenant') ?? ''
  const network = findNetwork(call, textAt(body, 'object_id') ?? '')
  if (!mayWrite(call, network.project_id) || (target === '*' && !isAdmin(call))) throw disallowed(WHOLE_RULE)
  requireQuota(call, 'rbac_policy', projectOf(call))
  const action = textAt(body, 'action') ?? ''
  const isTaken = call.world.state.rbacPolicies.some(
    (each) => each.object_id === network.id && each.action === action && each.target_tenant === target,
  )
  if (isTaken) throw conflict('DuplicateRbacPolicy', 'An RBAC policy already exists with those values.')
  const row: RbacPolicy = {
    id: call.world.ids.uuid(),
    project_id: projectOf(call),
    action,
    object_type: type,
    object_id: network.id,
    target_tenant: target,
  }
  call.world.state.rbacPolicies.set(row.id, row)
  return row
}

export const rbacRoutes: readonly Route[] = [
  route('GET', '/v2.0/rbac-policies', (call) => {
    const rows = call.world.state.rbacPolicies.filter((row) => mayRead(call, row.project_id))
    return list(call, 'rbac_policies', rows.map(show))
  }),
  route('POST', '/v2.0/rbac-policies', (call) => created({ rbac_policy: show(createPolicy(call)) })),
  route('GET', '/v2.0/rbac-policies/:id', (call) => ok({ rbac_policy: narrowed(call, show(find(call))) })),
  route('DELETE', '/v2.0/rbac-policies/:id', (call) => {
    const row = find(call)
    if (!mayWrite(call, row.project_id)) throw disallowed('rule:delete_rbac_policy')
    call.world.state.rbacPolicies.delete(row.id)
    return noContent
  }),
]
