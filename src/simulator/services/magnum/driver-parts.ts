/** What both drivers look up and make for a cluster in other services, and how it goes again. */
import { removeLoadBalancer } from '../octavia.ts'
import { addPort } from '../neutron/ports.ts'
import { allocate } from '../neutron/addresses.ts'
import { invariant } from '../../../errors.ts'
import { quotaOf, usage } from '../nova/quotas.ts'
import { requireQuota } from '../neutron/quotas.ts'
import type {
  Cluster,
  ClusterPart,
  Flavor,
  Image,
  LoadBalancer,
  Network,
  NodeGroup,
  Port,
  Server,
  Subnet,
} from '../../state.ts'
import type { World } from '../../world.ts'

/** Something refused what the driver asked for. */
export class DriverError extends Error {
  override readonly name = 'DriverError'
}

export function flavorOf(world: World, nameOrId: string): Flavor | undefined {
  return world.state.flavors.get(nameOrId) ?? world.state.flavors.find((row) => row.name === nameOrId)
}

function templateText(world: World, cluster: Cluster, field: string): string | undefined {
  const value = world.state.clusterTemplates.get(cluster.cluster_template_id)?.fields[field]
  return typeof value === 'string' ? value : undefined
}

export function imageOf(world: World, cluster: Cluster): Image | undefined {
  const wanted = templateText(world, cluster, 'image_id') ?? ''
  return world.state.images.get(wanted) ?? world.state.images.find((row) => row.name === wanted)
}

/** The tenant's own subnet, by name or id; `undefined` if the cluster is to have a network of its own. */
export function pinnedSubnet(world: World, cluster: Cluster): Subnet | undefined {
  const wanted = cluster.fixed_subnet
  const own = world.state.subnets.filter((row) => row.project_id === cluster.project_id)
  if (wanted !== null) {
    const found = own.find((row) => row.id === wanted || row.name === wanted)
    if (found === undefined) throw new DriverError(`Unable to find fixed subnet ${wanted}.`)
    return found
  }
  const network = cluster.fixed_network
  if (network !== null) {
    const networks = world.state.networks.filter((row) => row.id === network || row.name === network)
    const found = own.find((row) => networks.some((each) => each.id === row.network_id))
    if (found === undefined) throw new DriverError(`Unable to find fixed network ${network}.`)
    return found
  }
  return undefined
}

/** The network that was made for the cluster. */
export function madeSubnet(world: World, cluster: Pick<Cluster, 'parts'>): Subnet | undefined {
  const made = cluster.parts.find((part) => part.kind === 'network')
  return made === undefined ? undefined : world.state.subnets.find((row) => row.network_id === made.id)
}

export function addNetwork(
  world: World,
  cluster: Cluster,
  names: { readonly network: string; readonly subnet: string },
) {
  const now = world.now()
  const stamp = { tags: [], createdAt: now, updatedAt: now, revision: 1 }
  const common = { project_id: cluster.project_id, description: '', ...stamp }
  const network: Network = {
    id: world.ids.uuid(),
    name: names.network,
    admin_state_up: true,
    mtu: 1450,
    provider: { 'provider:network_type': 'vxlan', 'provider:physical_network': null, 'provider:segmentation_id': 1 },
    port_security_enabled: true,
    ...common,
  }
  const subnet: Subnet = {
    id: world.ids.uuid(),
    name: names.subnet,
    network_id: network.id,
    ip_version: 4,
    cidr: '10.0.0.0/24',
    gateway_ip: '10.0.0.1',
    enable_dhcp: true,
    allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
    dns_nameservers: ['8.8.8.8'],
    host_routes: [],
    ...common,
  }
  world.state.networks.set(network.id, network)
  world.state.subnets.set(subnet.id, subnet)
  return { subnet, part: { kind: 'network', id: network.id } satisfies ClusterPart }
}

/** Keeps what was made so far, so that it is known when a later part is refused. */
export type Save = (change: Partial<Cluster>) => void

/** What a driver makes for one cluster, saved with each part. */
export class Making {
  readonly world: World
  readonly cluster: Cluster
  readonly parts: ClusterPart[]
  readonly #save: Save

  constructor(world: World, cluster: Cluster, save: Save) {
    this.world = world
    this.cluster = cluster
    this.parts = [...cluster.parts]
    this.#save = save
  }

  add(part: ClusterPart): void {
    this.parts.push(part)
    this.#save({ parts: [...this.parts] })
  }

  drop(part: ClusterPart): void {
    this.parts.splice(this.parts.indexOf(part), 1)
    this.#save({ parts: [...this.parts] })
  }
}

/** The port of a machine, before its server. */
export function addMachinePort(
  world: World,
  cluster: Cluster,
  wish: { readonly name: string; readonly subnet: Subnet; readonly securityGroups?: readonly string[] },
): Port {
  const { name, subnet, securityGroups = [] } = wish
  requireQuota({ world }, 'port', cluster.project_id)
  return addPort(world, {
    name,
    network_id: subnet.network_id,
    project_id: cluster.project_id,
    device_id: '',
    device_owner: '',
    fixed_ips: allocate(world, subnet.network_id),
    security_groups: securityGroups,
    status: 'DOWN',
  })
}

export function bootServer(
  world: World,
  cluster: Cluster,
  { name, group }: { readonly name: string; readonly group: NodeGroup },
  port: Port,
): Server {
  const flavor = flavorOf(world, group.flavor_id)
  invariant(flavor !== undefined, `flavor ${group.flavor_id} was checked when the cluster was asked for`)
  requireComputeQuota(world, cluster.project_id, flavor)
  const id = world.ids.uuid()
  const network = world.state.networks.get(port.network_id)
  const address = { addr: addressOf(port), version: 4, 'OS-EXT-IPS:type': 'fixed' }
  const server: Server = {
    id,
    name,
    status: 'ACTIVE',
    project_id: cluster.project_id,
    user_id: cluster.user_id,
    flavorId: flavor.id,
    imageId: group.image_id,
    keyName: cluster.keypair,
    addresses: { [network?.name ?? '']: [address] },
    createdAt: world.now(),
  }
  world.state.servers.set(id, server)
  world.state.ports.set(port.id, { ...port, device_id: id, device_owner: 'compute:nova', status: 'ACTIVE' })
  return server
}

function requireComputeQuota(world: World, projectId: string, flavor: Flavor): void {
  const quota = quotaOf(world, projectId)
  const used = usage(world, projectId)
  const needs = { instances: 1, cores: flavor.vcpus, ram: flavor.ram }
  for (const name of ['instances', 'cores', 'ram'] as const) {
    if (quota[name] >= 0 && used[name] + needs[name] > quota[name]) {
      throw new DriverError(
        `Quota exceeded for ${name}: Requested ${needs[name]}, but already used ${used[name]} of ${quota[name]} ${name}`,
      )
    }
  }
}

function addressOf(port: Port): string {
  return port.fixed_ips[0]?.ip_address ?? ''
}

/** Of the machine, where its port still exists. */
export function addressOfServer(world: World, serverId: string): string {
  const port = world.state.ports.find(({ device_id }) => device_id === serverId)
  return port === undefined ? '' : addressOf(port)
}

/** On the external network of the template. Returns its id. */
export function addFloatingIp(world: World, cluster: Cluster, balancer: LoadBalancer, description: string): string {
  const wanted = templateText(world, cluster, 'external_network_id') ?? ''
  const network = world.state.networks.get(wanted) ?? world.state.networks.find((row) => row.name === wanted)
  requireQuota({ world }, 'floatingip', cluster.project_id)
  const id = world.ids.uuid()
  const now = world.now()
  const fixed_ips = allocate(world, network?.id ?? '')
  const target = { network_id: network?.id ?? '', project_id: '', device_id: id, device_owner: 'network:floatingip' }
  addPort(world, { ...target, fixed_ips, status: 'N/A' })
  world.state.floatingIps.set(id, {
    id,
    name: '',
    project_id: cluster.project_id,
    description,
    tags: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    floating_ip_address: fixed_ips[0]?.ip_address ?? '',
    floating_network_id: network?.id ?? '',
    port_id: balancer.vip_port_id,
    fixed_ip_address: balancer.vip_address,
    router_id: null,
  })
  return id
}

export function removeServer(world: World, id: string): void {
  world.state.ports.deleteWhere((port) => port.device_id === id)
  world.state.servers.delete(id)
}

/** Everything that the driver made, and nothing else. */
export function dismantle(world: World, cluster: Cluster): void {
  const { state } = world
  for (const part of cluster.parts) {
    switch (part.kind) {
      case 'server':
        removeServer(world, part.id)
        break
      case 'port':
        state.ports.delete(part.id)
        break
      case 'load-balancer':
        removeLoadBalancer(world, part.id)
        break
      case 'floating-ip':
        state.ports.deleteWhere((port) => port.device_id === part.id)
        state.floatingIps.delete(part.id)
        break
      case 'application-credential':
        state.applicationCredentials.delete(part.id)
        break
      case 'security-group':
        state.securityGroups.delete(part.id)
        break
      case 'router':
        state.ports.deleteWhere((port) => port.device_id === part.id)
        state.routers.delete(part.id)
        break
      case 'failed-machine':
        break
      case 'network':
        state.ports.deleteWhere((port) => port.network_id === part.id)
        state.subnets.deleteWhere((subnet) => subnet.network_id === part.id)
        state.networks.delete(part.id)
        break
    }
  }
}
