/** Two tenants behind one external network, as Neutron keeps them, and one change each. */
import type {
  PacketGroup,
  PacketNetwork,
  PacketPolicy,
  PacketPort,
  PacketRouter,
  PacketRule,
} from '../../src/openstack/neutron/packet-rows.ts'
import type { ExposureRows, ReadRows } from '../../src/exposure/rows.ts'

export function network(id: string, project_id: string, more: Partial<PacketNetwork> = {}): PacketNetwork {
  const fields = { shared: false, port_security_enabled: true, ipv4_address_scope: null, ipv6_address_scope: null }
  return { id, name: id, project_id, 'router:external': false, ...fields, ...more }
}

export function port(id: string, network_id: string, project_id: string, more: Partial<PacketPort> = {}): PacketPort {
  const fields = { device_owner: 'compute:nova', device_id: 'server', fixed_ips: [], security_groups: ['group-a'] }
  return {
    id,
    name: '',
    network_id,
    project_id,
    ...fields,
    port_security_enabled: true,
    allowed_address_pairs: [],
    ...more,
  }
}

export function router(id: string, project_id: string, ip: string, routes: PacketRouter['routes'] = []): PacketRouter {
  const gateway = { network_id: 'ext', external_fixed_ips: [{ subnet_id: 'sub-ext', ip_address: ip }] }
  return { id, name: id, project_id, external_gateway_info: gateway, routes }
}

export function policy(more: Partial<PacketPolicy>): PacketPolicy {
  const fields = { id: 'policy', project_id: 'a', object_type: 'network', object_id: 'net-a' }
  return { ...fields, action: 'access_as_shared', target_tenant: '*', ...more }
}

export function group(...rules: readonly Partial<PacketRule>[]): PacketGroup {
  const rule: PacketRule = {
    ...{ id: 'rule', direction: 'ingress', protocol: null, port_range_min: null, port_range_max: null },
    ...{ remote_ip_prefix: null, remote_group_id: null },
  }
  return {
    id: 'group-a',
    name: 'web',
    project_id: 'a',
    security_group_rules: rules.map((one) => ({ ...rule, ...one })),
  }
}

/** The interface of a router on a network, at its first address. */
export function joint(
  routerId: string,
  networkId: string,
  subnetId: string,
  ip: string,
  project_id: string,
): PacketPort {
  return port(`if-${routerId}-${networkId}`, networkId, project_id, {
    device_owner: 'network:router_interface',
    device_id: routerId,
    fixed_ips: [{ subnet_id: subnetId, ip_address: ip }],
    security_groups: [],
    port_security_enabled: false,
  })
}

export const clean: ExposureRows = {
  networks: [network('ext', 'admin', { 'router:external': true }), network('net-a', 'a'), network('net-b', 'b')],
  subnets: [
    { id: 'sub-ext', network_id: 'ext', cidr: '203.0.113.0/24' },
    { id: 'sub-a', network_id: 'net-a', cidr: '10.0.0.0/24' },
    { id: 'sub-b', network_id: 'net-b', cidr: '10.0.1.0/24' },
  ],
  ports: [
    port('server-a', 'net-a', 'a', { fixed_ips: [{ subnet_id: 'sub-a', ip_address: '10.0.0.5' }] }),
    joint('router-a', 'net-a', 'sub-a', '10.0.0.1', 'a'),
    joint('router-b', 'net-b', 'sub-b', '10.0.1.1', 'b'),
    port('dhcp-a', 'net-a', 'a', {
      device_owner: 'network:dhcp',
      device_id: 'dhcp1-net-a',
      port_security_enabled: false,
    }),
    port('gateway-a', 'ext', '', {
      device_owner: 'network:router_gateway',
      device_id: 'router-a',
      port_security_enabled: false,
    }),
  ],
  routers: [router('router-a', 'a', '203.0.113.5'), router('router-b', 'b', '203.0.113.6')],
  floatingIps: [{ id: 'fip-b', project_id: 'b', floating_ip_address: '203.0.113.9', floating_network_id: 'ext' }],
  policies: [policy({ project_id: 'admin', object_id: 'ext', action: 'access_as_external' })],
  groups: [group({ remote_group_id: 'group-a' }, { direction: 'egress' })],
}

export function readRows(rows: Partial<ExposureRows> = {}, more: Partial<ReadRows> = {}): ReadRows {
  const shownBy = {
    ...{ networks: 'GET networks', subnets: 'GET subnets', ports: 'GET ports', routers: 'GET routers' },
    ...{ floatingIps: 'GET floatingips', policies: 'GET rbac-policies', groups: 'GET security-groups' },
  }
  const all = { ...clean, ...rows }
  return { rows: all, shownBy, missing: new Set(), extensions: undefined, amphorae: new Set(), ...more }
}
