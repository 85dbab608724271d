/** Networks, and what projects give each other: a shared network is one wire. */
import type { PacketNetwork, PacketPolicy } from '../openstack/neutron/packet-rows.ts'
import { whose } from './ports.ts'
import { hiddenField, isHidden, teller } from './rows.ts'
import type { Judged, RowIndex } from './rows.ts'

export function judgeNetwork(index: RowIndex, network: PacketNetwork): Judged {
  const { id, name, project_id, port_security_enabled, shared } = network
  const tenant = index.tenantOf(project_id)
  if (tenant === undefined) return undefined
  const tell = teller(`network ${name} of ${tenant}`, index.shownBy.networks)
  return [
    ...(isHidden(index, port_security_enabled, 'port-security')
      ? [tell(hiddenField('whether new ports on it have port security'))]
      : []),
    ...(port_security_enabled === false
      ? [
          tell({
            code: 'exposure/port-security',
            severity: 'warning',
            message: 'new ports on it have no port security, unless they ask for it',
            owner: 'tenant',
            remedy: `openstack network set --enable-port-security ${id}`,
          }),
        ]
      : []),
    // with RBAC policies, the policy says so, and for whom
    ...(shared && index.missing.has('policies')
      ? [
          tell({
            code: 'exposure/shared',
            severity: 'error',
            message: 'every project may have ports on it',
            owner: 'operator',
            remedy: `openstack network set --no-share ${id}`,
          }),
        ]
      : []),
  ]
}

/** What reaches a network, or admits somebody to it. A policy for QoS does neither. */
const reaching = ['network', 'security_group', 'address_group', 'address_scope', 'subnetpool']

export function judgePolicy(index: RowIndex, policy: PacketPolicy): Judged {
  const { object_type, object_id, action, target_tenant } = policy
  const object =
    object_type === 'network'
      ? index.network.get(object_id)
      : object_type === 'security_group'
        ? index.group.get(object_id)
        : undefined
  const holder = object?.project_id ?? policy.project_id
  const [owner, target] = [index.tenantOf(holder), index.tenantOf(target_tenant)]
  if (owner === undefined && target === undefined) return undefined
  if (owner === target || !reaching.includes(object_type)) return []
  const whom = target_tenant === '*' ? 'every project' : whose(index, target_tenant)
  const tell = teller(`${object_type.replaceAll('_', ' ')} ${object?.name ?? object_id}`, index.shownBy.policies)
  return [
    tell({
      code: 'exposure/shared',
      // what the operator offers to one tenant is no way to it until a port of the tenant is there, which is told
      severity: owner === undefined ? 'info' : 'error',
      message: `${whom} may use it (${action}), and it belongs to ${whose(index, holder)}`,
      owner: owner === undefined ? 'operator' : 'tenant',
      remedy: `openstack network rbac delete ${policy.id}`,
    }),
  ]
}
