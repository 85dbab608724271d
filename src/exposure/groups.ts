/** Security groups that admit the whole world. */
import type { PacketGroup, PacketRule } from '../openstack/neutron/packet-rows.ts'
import { parsePrefix } from '../openstack/prefix.ts'
import { teller } from './rows.ts'
import type { Judged, RowIndex } from './rows.ts'

/**
 * A port of a service that is open to everybody is a tenant's own choice, and Magnum makes such rules for each cluster. That all
 * ports are open is nobody's service: then only the network separates the tenant from the others.
 */
export function judgeGroup(index: RowIndex, used: ReadonlySet<string>, group: PacketGroup): Judged {
  const tenant = index.tenantOf(group.project_id)
  if (tenant === undefined) return undefined
  const open = group.security_group_rules.filter(isOpen)
  const whole = open.find(isWhole)
  if (open.length === 0) return []
  const tell = teller(`security group ${group.name} of ${tenant}`, index.shownBy.groups)
  const isUsed = used.has(group.id)
  const admitted = [...new Set(open.map(renderRule))].join(', ')
  return [
    tell({
      code: 'exposure/open-group',
      severity: whole !== undefined && isUsed ? 'error' : 'info',
      message: `it admits ${admitted} from everywhere${isUsed ? '' : ', and no port uses it'}`,
      owner: 'tenant',
      remedy: `openstack security group rule delete ${(whole === undefined ? open : open.filter(isWhole)).map(({ id }) => id).join(' ')}`,
    }),
  ]
}

/** Also halves of the world: two rules for 0.0.0.0/1 and 128.0.0.0/1 are one for 0.0.0.0/0. */
function isOpen({ direction, remote_ip_prefix, remote_group_id, remote_address_group_id }: PacketRule): boolean {
  if (direction !== 'ingress' || remote_group_id !== null || typeof remote_address_group_id === 'string') return false
  const prefix = remote_ip_prefix === null ? undefined : parsePrefix(remote_ip_prefix)
  return prefix === undefined || prefix.length < 8
}

const withPorts = ['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '132', '33', '136']

function isWhole({ protocol, port_range_min, port_range_max }: PacketRule): boolean {
  if (protocol === null || protocol === 'any' || protocol === '0') return true
  return withPorts.includes(protocol) && (port_range_min ?? 0) <= 1 && (port_range_max ?? 65535) === 65535
}

function renderRule(rule: PacketRule): string {
  const { protocol, port_range_min: from, port_range_max: to } = rule
  if (protocol === null || protocol === 'any' || protocol === '0') return 'everything'
  if (isWhole(rule)) return `all of ${protocol}`
  if (from === null || to === null) return protocol
  return from === to ? `${protocol} ${from}` : `${protocol} ${from} to ${to}`
}
