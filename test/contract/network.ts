/** Neutron: what a tenant builds, what it may not, and the order in which it can be taken down. */
import { asDev, makeTenant } from './identity.ts'
import { field } from './side.ts'
import type { Actor, Story } from './side.ts'

const MISSING = '193a8915-0000-4000-8000-000000000000'

export const networkStory: Story = async (teller) => {
  const { admin, run, later } = teller
  const tenant = await makeTenant(teller)
  const { project } = tenant
  const member = await asDev(teller, tenant)
  const ask = (who: Actor) => (label: string, method: string, path: string, body?: unknown) =>
    who(label, 'network', method, `/v2.0${path}`, body)
  const n = ask(member)
  const a = ask(admin)
  const quiet = (who: Actor, method: string, path: string, body?: unknown) =>
    who('', 'network', method, `/v2.0${path}`, body, { isSilent: true })
  later(() => quiet(admin, 'DELETE', `/quotas/${project}`))

  const external = field((await quiet(member, 'GET', '/networks?name=provider-ext')).body, 'networks.0.id')
  const own = field((await quiet(admin, 'GET', '/networks?name=provider-ext')).body, 'networks.0.project_id')
  await n('see the external network', 'GET', '/networks?name=provider-ext')
  await a('admin sees the external network', 'GET', `/networks/${external}`)
  await n('ask for one field', 'GET', '/networks?fields=id&name=provider-ext')
  await n('get a missing network', 'GET', '/networks/nope')
  await n('delete a missing network', 'DELETE', '/networks/nope')
  await n('update the external network', 'PUT', `/networks/${external}`, { network: { name: 'x' } })
  await n('delete the external network', 'DELETE', `/networks/${external}`)
  await n('count addresses', 'GET', '/network-ip-availabilities')
  await a('admin counts addresses', 'GET', `/network-ip-availabilities/${external}`)
  await n('find an extension', 'GET', '/extensions/quotas')
  await n('find no extension', 'GET', '/extensions/nope')

  await n('read quotas', 'GET', `/quotas/${project}`)
  await n('read quotas of another', 'GET', `/quotas/${own}`)
  await n('set quotas', 'PUT', `/quotas/${project}`, { quota: { network: 1 } })
  await a('admin sets quotas', 'PUT', `/quotas/${project}`, { quota: { network: 1, router: 1, floatingip: 1 } })
  await a('admin sets an unknown quota', 'PUT', `/quotas/${project}`, { quota: { nope: 1 } })
  await a('admin sets a quota to a word', 'PUT', `/quotas/${project}`, { quota: { network: 'x' } })
  await n('read quotas in detail', 'GET', `/quotas/${project}/details`)

  const net = field(
    (await n('create network', 'POST', '/networks', { network: { name: `${run}-n`, description: 'm' } })).body,
    'network.id',
  )
  await n('create one network too many', 'POST', '/networks', { network: { name: `${run}-n2` } })
  await n('create a network with an unknown field', 'POST', '/networks', { network: { nope: 1 } })
  await n('create a network of nothing', 'POST', '/networks', {})
  await n('create a network for another', 'POST', '/networks', { network: { name: 'x', project_id: own } })
  await n('list own networks', 'GET', `/networks?project_id=${project}`)
  await a('admin gets the network', 'GET', `/networks/${net}`)
  const subnetBody = {
    name: `${run}-s`,
    network_id: net,
    ip_version: 4,
    cidr: '10.66.0.0/24',
    dns_nameservers: ['8.8.8.8'],
  }
  const subnet = field((await n('create subnet', 'POST', '/subnets', { subnet: subnetBody })).body, 'subnet.id')
  const bare = { network_id: net, ip_version: 4 }
  await n('create an overlapping subnet', 'POST', '/subnets', { subnet: { ...bare, cidr: '10.66.0.0/25' } })
  await n('create a subnet of no prefix', 'POST', '/subnets', { subnet: { ...bare, cidr: 'banana' } })
  await n('create a subnet of no version', 'POST', '/subnets', { subnet: { network_id: net, cidr: '10.1.0.0/24' } })
  await n('create a subnet in no network', 'POST', '/subnets', {
    subnet: { ...bare, network_id: MISSING, cidr: '10.1.0.0/24' },
  })
  await n('create a subnet in a bad network', 'POST', '/subnets', {
    subnet: { ...bare, network_id: 'nope', cidr: '10.1.0.0/24' },
  })
  await n('create a subnet in the external network', 'POST', '/subnets', {
    subnet: { ...bare, network_id: external, cidr: '10.1.0.0/24' },
  })
  await n('update subnet', 'PUT', `/subnets/${subnet}`, { subnet: { dns_nameservers: ['1.1.1.1'] } })

  const router = field(
    (await n('create router', 'POST', '/routers', { router: { name: `${run}-r` } })).body,
    'router.id',
  )
  await n('create one router too many', 'POST', '/routers', { router: { name: 'x' } })
  const gateway = (info: unknown): unknown => ({ router: { external_gateway_info: info } })
  await n('gateway to no external network', 'PUT', `/routers/${router}`, gateway({ network_id: net }))
  await n('gateway with SNAT', 'PUT', `/routers/${router}`, gateway({ network_id: external, enable_snat: false }))
  await n('gateway', 'PUT', `/routers/${router}`, gateway({ network_id: external }))
  await a('admin gets the router', 'GET', `/routers/${router}`)
  await n('add interface', 'PUT', `/routers/${router}/add_router_interface`, { subnet_id: subnet })
  await n('add interface again', 'PUT', `/routers/${router}/add_router_interface`, { subnet_id: subnet })
  await n('add no interface', 'PUT', `/routers/${router}/add_router_interface`, {})
  await n('add a bad interface', 'PUT', `/routers/${router}/add_router_interface`, { subnet_id: 'nope' })
  await n('list ports of the router', 'GET', `/ports?device_id=${router}`)
  await a('admin lists ports of the router', 'GET', `/ports?device_id=${router}`)
  await n('delete a router in use', 'DELETE', `/routers/${router}`)
  await n('delete a subnet in use', 'DELETE', `/subnets/${subnet}`)
  await n('delete a network in use', 'DELETE', `/networks/${net}`)
  const floating = { floatingip: { floating_network_id: external } }
  const address = field((await n('create floating IP', 'POST', '/floatingips', floating)).body, 'floatingip.id')
  await n('create one floating IP too many', 'POST', '/floatingips', floating)
  const port = field(
    (await n('create port', 'POST', '/ports', { port: { network_id: net, name: `${run}-port` } })).body,
    'port.id',
  )
  await n('associate', 'PUT', `/floatingips/${address}`, { floatingip: { port_id: port } })
  await n('remove the interface of a floating IP', 'PUT', `/routers/${router}/remove_router_interface`, {
    subnet_id: subnet,
  })
  await n('delete floating IP', 'DELETE', `/floatingips/${address}`)
  await n('delete it again', 'DELETE', `/floatingips/${address}`)
  await n('delete port', 'DELETE', `/ports/${port}`)

  await n('list security groups', 'GET', '/security-groups')
  const groups = await quiet(member, 'GET', '/security-groups?name=default')
  await n('delete the default group', 'DELETE', `/security-groups/${field(groups.body, 'security_groups.0.id')}`)
  const group = field(
    (await n('create security group', 'POST', '/security-groups', { security_group: { name: `${run}-sg` } })).body,
    'security_group.id',
  )
  const rule = {
    security_group_rule: {
      security_group_id: group,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
      remote_ip_prefix: '0.0.0.0/0',
    },
  }
  await n('create rule', 'POST', '/security-group-rules', rule)
  await n('create rule again', 'POST', '/security-group-rules', rule)
  await n('delete security group', 'DELETE', `/security-groups/${group}`)

  const share = (target: string): unknown => ({
    rbac_policy: { object_type: 'network', object_id: net, action: 'access_as_shared', target_tenant: target },
  })
  await n('share with all', 'POST', '/rbac-policies', share('*'))
  const shared = await n('share with one', 'POST', '/rbac-policies', share(own))
  await n('share no longer', 'DELETE', `/rbac-policies/${field(shared.body, 'rbac_policy.id')}`)
  await n('tag', 'PUT', `/networks/${net}/tags`, { tags: ['a'] })
  await n('list a page', 'GET', `/networks?limit=1&project_id=${project}`)

  await n('remove interface', 'PUT', `/routers/${router}/remove_router_interface`, { subnet_id: subnet })
  await n('remove interface again', 'PUT', `/routers/${router}/remove_router_interface`, { subnet_id: subnet })
  await n('clear gateway', 'PUT', `/routers/${router}`, gateway({}))
  await n('delete router', 'DELETE', `/routers/${router}`)
  await n('delete subnet', 'DELETE', `/subnets/${subnet}`)
  await n('delete network', 'DELETE', `/networks/${net}`)
  await a('admin resets quotas', 'DELETE', `/quotas/${project}`)
  await a('admin resets quotas again', 'DELETE', `/quotas/${project}`)
  const left = await quiet(admin, 'GET', `/security-groups?project_id=${project}`)
  await quiet(admin, 'DELETE', `/security-groups/${field(left.body, 'security_groups.0.id')}`)
}
