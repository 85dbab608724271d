/** What decides about packets: kept, inherited, and refused as neutron 21 does (the sources are named in the services). */
import { beforeEach, expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { asAdmin, asUser, at, list, text } from './client.ts'
import type { Ask, Reply } from './client.ts'

let admin: Ask
let member: Ask
let neighbour: Ask
let networkId: string
let memberProject: string

const made = (ask: Ask, kind: string, fields: object): Promise<Reply> =>
  ask('POST', `networking/v2.0/${kind}s`, { [kind]: fields })

beforeEach(async () => {
  const user = (name: string, project: string) => ({ name, password: 'pw', grants: [{ role: 'member', project }] })
  const cloud = createCloud({
    preset: 'zed-patched',
    overrides: [],
    domains: [
      { name: 'acme', projects: ['acme-prod'], users: [user('ann', 'acme-prod')] },
      { name: 'globex', projects: ['globex-prod'], users: [user('gus', 'globex-prod')] },
    ],
  })
  admin = await asAdmin(cloud)
  member = await asUser(cloud, 'acme', 'ann', 'acme-prod')
  neighbour = await asUser(cloud, 'globex', 'gus', 'globex-prod')
  const network = await made(member, 'network', { name: 'net' })
  networkId = text(network.body, 'network.id')
  memberProject = text(network.body, 'network.project_id')
  expect((await made(member, 'subnet', { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/24' })).status).toBe(201)
})

test('a port keeps its address pairs, DHCP options, address and MAC, and is changed like that', async () => {
  const pair = { ip_address: '10.0.0.77' }
  const option = { opt_name: 'mtu', opt_value: '1400' }
  const port = await made(member, 'port', {
    network_id: networkId,
    allowed_address_pairs: [pair],
    extra_dhcp_opts: [option],
  })
  const mac = text(port.body, 'port.mac_address')
  expect(at(port.body, 'port')).toMatchObject({
    port_security_enabled: true,
    allowed_address_pairs: [{ ...pair, mac_address: mac }],
    extra_dhcp_opts: [option],
  })
  const path = `networking/v2.0/ports/${text(port.body, 'port.id')}`
  const fixed_ips = [{ subnet_id: text(port.body, 'port.fixed_ips.0.subnet_id'), ip_address: '10.0.0.9' }]
  const fields = { fixed_ips, allowed_address_pairs: [] }
  expect((await member('PUT', path, { port: fields })).status).toBe(200)
  // update_port:mac_address is for admin alone, also on the member's own network
  const mac_address = 'fa:16:3e:00:00:09'
  expect((await member('PUT', path, { port: { mac_address } })).status).toBe(403)
  expect((await admin('PUT', path, { port: { mac_address } })).status).toBe(200)
  expect(at((await member('GET', path)).body, 'port')).toMatchObject({ ...fields, mac_address })
})

test('port security is that of the network unless the port says otherwise, and excludes groups and pairs', async () => {
  const open = await made(member, 'network', { name: 'open', port_security_enabled: false })
  const onOpen = await made(member, 'port', { network_id: text(open.body, 'network.id') })
  expect(at(onOpen.body, 'port')).toMatchObject({ port_security_enabled: false, security_groups: [] })
  const pairs = [{ ip_address: '10.0.0.77' }]
  const refused = await made(member, 'port', {
    network_id: networkId,
    port_security_enabled: false,
    allowed_address_pairs: pairs,
  })
  expect([refused.status, at(refused.body, 'NeutronError.type')]).toEqual([409, 'AddressPairAndPortSecurityRequired'])
  const port = await made(member, 'port', { network_id: networkId })
  const path = `networking/v2.0/ports/${text(port.body, 'port.id')}`
  const withGroup = await member('PUT', path, { port: { port_security_enabled: false } })
  expect([withGroup.status, at(withGroup.body, 'NeutronError.type')]).toEqual([409, 'PortSecurityPortHasSecurityGroup'])
  const off = { port_security_enabled: false, security_groups: [] }
  expect((await member('PUT', path, { port: off })).status).toBe(200)
  expect(at((await member('GET', path)).body, 'port')).toMatchObject(off)
})

test('on a network of others nobody turns port security off, adds pairs, or takes a MAC address', async () => {
  const policy = { object_type: 'network', object_id: networkId, action: 'access_as_shared' }
  const [target] = list((await neighbour('GET', 'networking/v2.0/security-groups')).body, 'security_groups')
  const shared = await admin('POST', 'networking/v2.0/rbac-policies', {
    rbac_policy: { ...policy, target_tenant: text(target, 'project_id') },
  })
  expect(shared.status).toBe(201)
  for (const fields of [
    { port_security_enabled: false },
    { allowed_address_pairs: [{ ip_address: '10.0.0.1' }] },
    { mac_address: 'fa:16:3e:00:00:01' },
    { device_owner: 'network:dhcp' },
  ]) {
    expect((await made(neighbour, 'port', { network_id: networkId, ...fields })).status).toBe(403)
    expect((await made(member, 'port', { network_id: networkId, ...fields })).status).toBe(201)
  }
  const port = await made(neighbour, 'port', { network_id: networkId })
  expect(port.status).toBe(201)
  const path = `networking/v2.0/ports/${text(port.body, 'port.id')}`
  for (const fields of [{ port_security_enabled: false, security_groups: [] }, { fixed_ips: [] }]) {
    expect((await neighbour('PUT', path, { port: fields })).status).toBe(403)
    expect((await admin('PUT', path, { port: fields })).status).toBe(200)
  }
  expect((await neighbour('PUT', path, { port: { name: 'mine' } })).status).toBe(200)
})

test('the next hop of a route is an address on a subnet of the router, and not its own', async () => {
  const router = await made(member, 'router', { name: 'router' })
  const path = `networking/v2.0/routers/${text(router.body, 'router.id')}`
  const [subnet] = list((await member('GET', `networking/v2.0/subnets?network_id=${networkId}`)).body, 'subnets')
  const interfaceOf = { subnet_id: text(subnet, 'id') }
  expect((await member('PUT', `${path}/add_router_interface`, interfaceOf)).status).toBe(200)
  const set = (nexthop: string) =>
    member('PUT', path, { router: { routes: [{ destination: '192.168.7.0/24', nexthop }] } })
  for (const nexthop of ['10.9.9.9', '10.0.0.1']) {
    const refused = await set(nexthop)
    expect([refused.status, at(refused.body, 'NeutronError.type')]).toEqual([400, 'InvalidRoutes'])
  }
  expect((await set('10.0.0.50')).status).toBe(200)
  const shown = await member('GET', path)
  expect(list(shown.body, 'router.routes')).toEqual([{ destination: '192.168.7.0/24', nexthop: '10.0.0.50' }])
  expect(text(shown.body, 'router.project_id')).toBe(memberProject)
})
