/** Who may see and change what. neutron 21.0.0, neutron/conf/policies: admin, or the project that owns it. */
import { disallowed } from './error.ts'
import { hasRole, isAdmin, projectOf } from '../../access.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import type { Call } from '../../service.ts'
import type { Network } from '../../state.ts'

/** Since 2023.2 Neutron enforces its new defaults: `member` writes. Before, any role on the project does. */
export function mayWrite(call: Call, projectId: string): boolean {
  if (isAdmin(call)) return true
  if (projectOf(call) !== projectId || projectId === '') return false
  return !isReleaseAtLeast(call.world.profile, '2024.1') || hasRole(call, 'member')
}

export function mayRead(call: Call, projectId: string): boolean {
  return isAdmin(call) || (projectId !== '' && projectOf(call) === projectId)
}

export function requireCreate(call: Call, rule: string): void {
  if (!mayWrite(call, projectOf(call))) throw disallowed(`rule:${rule}`)
}

function isGranted(call: Call, network: Network, action: string, projectId: string): boolean {
  return call.world.state.rbacPolicies.some(
    (policy) =>
      policy.object_id === network.id &&
      policy.action === action &&
      (policy.target_tenant === '*' || policy.target_tenant === projectId),
  )
}

/** External for any project: what `router:external` shows. */
export function isExternal(call: Call, network: Network): boolean {
  return call.world.state.rbacPolicies.some(
    (policy) => policy.object_id === network.id && policy.action === 'access_as_external',
  )
}

export function isShared(call: Call, network: Network): boolean {
  return isGranted(call, network, 'access_as_shared', projectOf(call))
}

export function maySeeNetwork(call: Call, network: Network): boolean {
  return (
    mayRead(call, network.project_id) ||
    isShared(call, network) ||
    isGranted(call, network, 'access_as_external', projectOf(call))
  )
}
