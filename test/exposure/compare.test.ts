import { describe, expect, test } from 'vitest'
import { compareExposure } from '../../src/exposure/compare.ts'
import type { PacketPort } from '../../src/openstack/neutron/packet-rows.ts'
import type { ReadRows } from '../../src/exposure/rows.ts'
import { clean, group, joint, network, policy, port, readRows, router } from './rows.ts'

const compare = (read: ReadRows, ...tenants: readonly string[]) =>
  compareExposure(read, (id) => (tenants.includes(id) ? `tenant ${id}` : undefined))
/** Without the note that a stock Neutron gets for each tenant. */
const told = (read: ReadRows, ...tenants: readonly string[]): readonly string[] =>
  compare(read, ...tenants)
    .findings.filter(({ code }) => code !== 'exposure/no-address-scope')
    .map(({ code, severity }) => `${code} ${severity}`)

test('two tenants that reach nobody: nothing to say, and every row is matched', () => {
  expect(told(readRows(), 'a')).toEqual([])
  expect(told(readRows(), 'a', 'b')).toEqual([])
  for (const { read, matched } of compare(readRows(), 'a', 'b').counts) expect(matched).toBe(read)
  expect(compare(readRows(), 'a').counts.find(({ kind }) => kind === 'routers')).toEqual({
    ...{ kind: 'routers', read: 2, matched: 2, outside: 1 },
  })
})

test('a finding names the row, the request that shows it, an owner and a remedy', () => {
  const routes = [{ destination: '10.0.1.0/24', nexthop: '203.0.113.6' }]
  const { findings } = compare(
    readRows({ routers: [router('router-a', 'a', '203.0.113.5', routes), ...clean.routers.slice(1)] }),
    'a',
  )
  expect(findings[0]).toEqual({
    code: 'exposure/route',
    severity: 'error',
    where: 'router router-a of tenant a',
    message:
      'its route to 10.0.1.0/24 by 203.0.113.6 leads to router `router-b` of project b, and so into private networks behind it; GET routers',
    owner: 'operator',
    remedy: 'openstack router unset --route destination=10.0.1.0/24,gateway=203.0.113.6 router-a',
  })
})

describe('extra routes', () => {
  const routed = (nexthop: string, destination = '10.0.1.0/24') =>
    readRows({
      routers: [router('router-a', 'a', '203.0.113.5', [{ destination, nexthop }]), ...clean.routers.slice(1)],
    })
  test.each([
    ['the gateway of another tenant', '203.0.113.6', 'exposure/route error'],
    ['a floating IP of another tenant', '203.0.113.9', 'exposure/route error'],
    ['somebody on the external network', '203.0.113.77', 'exposure/route unknown'],
    ['no address', 'nowhere', 'exposure/route unknown'],
    ['an own server', '10.0.0.5', undefined],
  ])('by %s', (_, nexthop, code) => {
    expect(told(routed(nexthop), 'a')).toEqual(code === undefined ? [] : [code])
  })

  test('the tenant at the other end is told as well', () => {
    expect(told(routed('203.0.113.6'), 'b')).toEqual(['exposure/route error'])
    expect(told(routed('203.0.113.9'), 'b')).toEqual(['exposure/route error'])
    expect(told(routed('203.0.113.6'), 'c')).toEqual([])
  })

  test('two routers of one tenant may know each other', () => {
    expect(told(routed('203.0.113.6'), 'a')).toEqual(['exposure/route error'])
    const read = routed('203.0.113.6')
    const { findings } = compareExposure(read, (id) => (['a', 'b'].includes(id) ? 'one' : undefined))
    expect(findings.filter(({ code }) => code === 'exposure/route')).toEqual([])
  })

  test('the same address on another external network, or in another spelling, hides nothing', () => {
    const double = { id: 'fip-a', project_id: 'a', floating_ip_address: '203.0.113.6', floating_network_id: 'ext-2' }
    const rows = { ...routed('203.0.113.6').rows, floatingIps: [double, ...clean.floatingIps] }
    expect(told(readRows(rows), 'a')).toEqual(['exposure/route error'])
    const routers = [
      router('router-a', 'a', '2001:db8::5', [{ destination: '2001:db8:b::/64', nexthop: '2001:DB8:0:0::6' }]),
      router('router-b', 'b', '2001:db8::6'),
    ]
    expect(told(readRows({ routers }), 'a')).toEqual(['exposure/route error'])
  })

  test('an own network with the addresses of the external one, and not on this router, is no excuse', () => {
    const lure = { id: 'sub-lure', network_id: 'net-lure', cidr: '203.0.113.0/24' }
    const rows = { networks: [...clean.networks, network('net-lure', 'a')], subnets: [...clean.subnets, lure] }
    expect(told(readRows({ ...routed('203.0.113.77').rows, ...rows }), 'a')).toEqual(['exposure/route unknown'])
  })
})

describe('ports', () => {
  const withPort = (on: string, project: string, more: Partial<PacketPort>) =>
    readRows({ ports: [...clean.ports, port('x', on, project, more)] })
  test.each([
    ['an ordinary one', 'net-a', 'a', {}, undefined],
    ['of another tenant here', 'net-a', 'b', {}, 'exposure/foreign-port error'],
    ['of a project of no tenant here', 'net-a', 'admin', {}, 'exposure/foreign-port error'],
    ['ours with another tenant', 'net-b', 'a', {}, 'exposure/foreign-port error'],
    ['ours on a network of the operator', 'ext', 'a', {}, 'exposure/foreign-port error'],
    ['on a network that no list has', 'gone', 'a', {}, 'exposure/unread unknown'],
    ['port security off', 'net-a', 'a', { port_security_enabled: false }, 'exposure/port-security error'],
    ['port security not shown', 'net-a', 'a', { port_security_enabled: undefined }, 'exposure/unread unknown'],
    ['pairs not shown', 'net-a', 'a', { allowed_address_pairs: undefined }, 'exposure/unread unknown'],
    ['of DHCP', 'net-a', 'a', { device_owner: 'network:dhcp', device_id: 'reserved_dhcp_port' }, undefined],
    ['of OVN', 'net-a', 'a', { device_owner: 'network:distributed', device_id: 'ovnmeta-net-a' }, undefined],
    ['that says it is of Neutron', 'net-a', 'a', { device_owner: 'network:mine' }, 'exposure/port-security unknown'],
  ])('%s', (_, on, project, more, code) => {
    expect(told(withPort(on, project, more), 'a')).toEqual(code === undefined ? [] : [code])
  })

  test.each([
    ['0.0.0.0/0', 'error'],
    ['::/0', 'error'],
    ['10.0.0.0/16', 'error'],
    ['198.51.100.7', 'error'],
    ['what?', 'unknown'],
    ['10.100.0.0/16', 'info'],
    ['10.0.0.77', undefined],
    ['10.0.0.0/25', undefined],
  ])('an allowed address pair %s', (ip_address, severity) => {
    const read = withPort('net-a', 'a', { allowed_address_pairs: [{ ip_address }] })
    expect(told(read, 'a')).toEqual(severity === undefined ? [] : [`exposure/address-pair ${severity}`])
  })

  test('a foreign router joined to a network, and a router of ours joined to another one', () => {
    expect(
      told(readRows({ ports: [...clean.ports, joint('router-b', 'net-a', 'sub-a', '10.0.0.9', 'b')] }), 'a'),
    ).toEqual(['exposure/foreign-port error'])
    expect(
      told(readRows({ ports: [...clean.ports, joint('router-a', 'net-b', 'sub-b', '10.0.1.9', 'a')] }), 'b'),
    ).toEqual(['exposure/foreign-port error'])
    const gone = joint('gone', 'net-a', 'sub-a', '10.0.0.9', 'a')
    expect(told(readRows({ ports: [...clean.ports, gone] }), 'a')).toEqual(['exposure/unread unknown'])
  })

  test('a load balancer has ports where it serves, if Octavia says so', () => {
    const ports = [...clean.ports, port('vrrp', 'net-a', 'octavia', { device_id: 'amphora' })]
    expect(told(readRows({ ports }), 'a')).toEqual(['exposure/foreign-port error'])
    for (const id of ['vrrp', 'amphora'])
      expect(told(readRows({ ports }, { amphorae: new Set([id]) }), 'a')).toEqual([])
  })
})

describe('sharing', () => {
  test.each([
    ['a network with everybody', policy({}), 'error'],
    ['a network with another tenant', policy({ target_tenant: 'b' }), 'error'],
    ['a network as an external one', policy({ action: 'access_as_external' }), 'error'],
    ['a network by a policy of the operator', policy({ project_id: 'admin' }), 'error'],
    ['a subnet pool', policy({ object_type: 'subnetpool', object_id: 'p' }), 'error'],
    ['a security group', policy({ object_type: 'security_group', object_id: 'group-a', project_id: 'admin' }), 'error'],
    ['a QoS policy', policy({ object_type: 'qos_policy', object_id: 'q' }), undefined],
    ['with itself', policy({ target_tenant: 'a' }), undefined],
    [
      'what another tenant gives to this one',
      policy({ object_id: 'net-b', target_tenant: 'a', project_id: 'b' }),
      'info',
    ],
  ])('%s', (_, one, severity) => {
    expect(told(readRows({ policies: [one] }), 'a')).toEqual(
      severity === undefined ? [] : [`exposure/shared ${severity}`],
    )
  })

  test('between two tenants it is an error for both', () => {
    const read = readRows({ policies: [policy({ object_id: 'net-b', target_tenant: 'a', project_id: 'b' })] })
    expect(told(read, 'a', 'b')).toEqual(['exposure/shared error'])
  })

  test('without RBAC policies the network says it', () => {
    const networks = [...clean.networks, network('net-s', 'a', { shared: true })]
    expect(told(readRows({ networks }, { missing: new Set(['policies']) }), 'a')).toEqual(['exposure/shared error'])
  })

  test('a network whose new ports have no port security', () => {
    const off = [...clean.networks, network('net-s', 'a', { port_security_enabled: false })]
    expect(told(readRows({ networks: off }), 'a')).toEqual(['exposure/port-security warning'])
  })
})

describe('security groups', () => {
  test.each([
    ['all from everywhere', [{}], 'error'],
    ['all of IPv6', [{ remote_ip_prefix: '::/0' }], 'error'],
    ['half of the world', [{ remote_ip_prefix: '128.0.0.0/1' }], 'error'],
    ['all ports of TCP', [{ protocol: 'tcp', port_range_min: 1, port_range_max: 65535 }], 'error'],
    ['all ports of UDP, without saying so', [{ protocol: 'udp' }], 'error'],
    ['one port', [{ protocol: 'tcp', port_range_min: 443, port_range_max: 443 }], 'info'],
    ['ping', [{ protocol: 'icmp' }], 'info'],
    ['from a group', [{ remote_group_id: 'g' }], undefined],
    ['from an address group', [{ remote_address_group_id: 'g' }], undefined],
    ['from a company', [{ remote_ip_prefix: '198.51.100.0/24' }], undefined],
    ['to everywhere', [{ direction: 'egress' }], undefined],
  ])('%s', (_, rules, severity) => {
    const expected = severity === undefined ? [] : [`exposure/open-group ${severity}`]
    expect(told(readRows({ groups: [group(...rules)] }), 'a')).toEqual(expected)
  })

  test('one that no port uses harms nobody yet', () => {
    expect(told(readRows({ groups: [{ ...group({}), id: 'unused' }] }), 'a')).toEqual(['exposure/open-group info'])
  })
})

describe('address scopes', () => {
  const notes = (read: ReadRows, ...tenants: readonly string[]) =>
    compare(read, ...tenants).findings.filter(({ code }) => code === 'exposure/no-address-scope')
  const scoped = (a: string | null, b: string | null, ext: string | null = null) =>
    readRows({
      networks: [
        network('ext', 'admin', { 'router:external': true, ipv4_address_scope: ext }),
        network('net-a', 'a', { ipv4_address_scope: a }),
        network('net-b', 'b', { ipv4_address_scope: b }),
      ],
    })

  test('one note for each tenant of a stock Neutron, which turns nothing', () => {
    const found = notes(readRows(), 'a', 'b')
    expect(found.map(({ where, severity }) => `${where} ${severity}`)).toEqual([
      'networks of tenant a info',
      'networks of tenant b info',
    ])
  })

  test.each([
    ['a scope of its own', 'one', null, null, 0],
    ['the scope of another tenant', 'one', 'one', null, 1],
    ['the scope of the external network', 'one', null, 'one', 1],
  ])('%s', (_, a, b, ext, count) => {
    expect(notes(scoped(a, b, ext), 'a')).toHaveLength(count)
  })

  test('a network without a way out is reached by nobody', () => {
    expect(
      notes(readRows({ routers: clean.routers.map((one) => ({ ...one, external_gateway_info: null })) }), 'a'),
    ).toEqual([])
  })
})

test('what an extension adds is not missed without it', () => {
  const ports = clean.ports.map(({ port_security_enabled: _, allowed_address_pairs: __, ...rest }) => rest)
  const routers = clean.routers.map(({ routes: _, ...rest }) => rest)
  const networks = clean.networks.map(({ port_security_enabled: _, ...rest }) => rest)
  const rows = { ports, routers, networks }
  expect(told(readRows(rows, { extensions: new Set(['router']) }), 'a')).toEqual([])
  const codes = told(readRows(rows), 'a')
  expect(new Set(codes)).toEqual(new Set(['exposure/unread unknown']))
  expect(codes).toHaveLength(4)
})
