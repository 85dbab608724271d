/** Ports: whose network each is on, and as whom it may send. */
import type { Finding } from '../finding.ts'
import type { PacketPort } from '../openstack/neutron/packet-rows.ts'
import { contains, overlaps, parsePrefix, prefixOf } from '../openstack/prefix.ts'
import { hiddenField, isHidden, isRouterPort, teller } from './rows.ts'
import type { Judged, RowIndex } from './rows.ts'

type Tell = ReturnType<typeof teller>

export function judgePort(index: RowIndex, port: PacketPort): Judged {
  const { tenantOf } = index
  const network = index.network.get(port.network_id)
  const owner = tenantOf(port.project_id)
  const host = network === undefined ? undefined : tenantOf(network.project_id)
  if (owner === undefined && host === undefined) return undefined
  const tell = teller(`port ${port.name === '' ? port.id : port.name} of ${owner ?? host ?? ''}`, index.shownBy.ports)
  if (network === undefined) return index.missing.has('networks') ? [] : [tell(unlisted('network', port.network_id))]
  if (isRouterPort(port.device_owner)) return judgeInterface(index, port, host, tell)
  if (port.device_owner.startsWith('network:') && (owner === undefined || owner === host))
    return judgeTrusted(port, tell)
  const isOctavia = owner === undefined && (index.amphorae.has(port.id) || index.amphorae.has(port.device_id))
  if (isOctavia) return []
  const foreign = owner === host ? [] : [foreignPort(index, port, tell)]
  return [...foreign, ...judgeSecurity(index, port, tell), ...judgePairs(index, port, tell)]
}

function unlisted(what: string, id: string) {
  return {
    code: 'exposure/unread',
    severity: 'unknown',
    message: `it belongs to ${what} ${id}, which no list has`,
    owner: 'operator',
    remedy: 'look again: it may have been made or deleted meanwhile',
  } as const
}

function judgeInterface(index: RowIndex, port: PacketPort, host: string | undefined, tell: Tell): Judged {
  const router = index.router.get(port.device_id)
  if (router === undefined) return index.missing.has('routers') ? [] : [tell(unlisted('router', port.device_id))]
  if (index.tenantOf(router.project_id) === host) return []
  const network = index.network.get(port.network_id)
  return [
    tell({
      code: 'exposure/foreign-port',
      severity: 'error',
      message: `router \`${router.name}\` of ${whose(index, router.project_id)} joins network \`${network?.name ?? port.network_id}\` of ${whose(index, network?.project_id)}`,
      owner: 'operator',
      remedy: `openstack router remove port ${router.id} ${port.id}`,
    }),
  ]
}

/**
 * Such a port has neither groups nor anti-spoofing (neutron_lib 3.1, utils/net.py, is_port_trusted), and the owner of the
 * network may call a port so (neutron 21.0.0, conf/policies/port.py, `network_device`). Services of Neutron itself have no project,
 * or write the network into the device: `dhcp..-NETWORK`, `ovnmeta-NETWORK`.
 */
function judgeTrusted({ project_id, device_owner, device_id, network_id, id }: PacketPort, tell: Tell): Judged {
  if (project_id === '' || device_id.includes(network_id) || device_id === 'reserved_dhcp_port') return []
  return [
    tell({
      code: 'exposure/port-security',
      severity: 'unknown',
      message: `its device owner \`${device_owner}\` exempts it from port security, and nothing shows that it is a part of Neutron`,
      owner: 'tenant',
      remedy: `openstack port delete ${id}, if no service of the cloud needs it`,
    }),
  ]
}

function foreignPort(index: RowIndex, { id, network_id, project_id }: PacketPort, tell: Tell): Finding {
  const network = index.network.get(network_id)
  const isOurs = index.tenantOf(project_id) !== undefined
  return tell({
    code: 'exposure/foreign-port',
    severity: 'error',
    message: `it belongs to ${whose(index, project_id)} and is on network \`${network?.name ?? network_id}\` of ${whose(index, network?.project_id)}`,
    owner: isOurs ? 'tenant' : 'operator',
    remedy: `openstack port delete ${id}`,
  })
}

export function whose({ tenantOf }: RowIndex, projectId: string | undefined): string {
  if (projectId === undefined || projectId === '') return 'no project'
  return tenantOf(projectId) ?? `project ${projectId}`
}

function judgeSecurity(index: RowIndex, port: PacketPort, tell: Tell): readonly Finding[] {
  if (port.port_security_enabled === undefined)
    return isHidden(index, undefined, 'port-security') ? [tell(hiddenField('whether its port security is on'))] : []
  if (port.port_security_enabled) return []
  return [
    tell({
      code: 'exposure/port-security',
      severity: 'error',
      message: 'its port security is off: it may send as anybody, and no security group filters it',
      owner: 'tenant',
      remedy: `openstack port set --enable-port-security ${port.id}`,
    }),
  ]
}

function judgePairs(index: RowIndex, port: PacketPort, tell: Tell): readonly Finding[] {
  const { id, network_id, allowed_address_pairs: pairs } = port
  if (pairs === undefined)
    return isHidden(index, undefined, 'allowed-address-pairs') ? [tell(hiddenField('its allowed address pairs'))] : []
  const own = (index.subnetsOn.get(network_id) ?? []).flatMap(({ cidr }) => parsePrefix(cidr) ?? [])
  return pairs.flatMap(({ ip_address }): readonly Finding[] => {
    const pair = parsePrefix(ip_address)
    if (pair !== undefined && own.some((subnet) => contains(subnet, pair))) return []
    const isPrivate = pair !== undefined && privatePrefixes.some((one) => contains(one, pair))
    const isOfSubnet = pair !== undefined && own.some((subnet) => overlaps(subnet, pair))
    return [
      tell({
        code: 'exposure/address-pair',
        // nodes of a cluster send for their pods, from a private prefix that is none of Neutron's
        severity: pair === undefined ? 'unknown' : isPrivate && !isOfSubnet ? 'info' : 'error',
        message: `it may send as ${ip_address}, which is not in the subnets of its network`,
        owner: 'tenant',
        remedy: `openstack port set --no-allowed-address ${id}`,
      }),
    ]
  })
}

/** RFC 1918, RFC 6598, RFC 4193. */
const privatePrefixes = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(prefixOf)
