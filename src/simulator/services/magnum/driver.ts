/**
 * What the driver makes for a cluster. The lab's driver stops at CREATE_IN_PROGRESS, because nothing boots there;
 * everything later follows the source: magnum-capi-helm 1.4.0, magnum_capi_helm/driver.py, and magnum 15.0.1,
 * magnum/drivers/heat/driver.py. It is untested against the real thing.
 */
import { addLoadBalancer, removeLoadBalancer } from '../octavia.ts'
import { addPort } from '../neutron/ports.ts'
import { allocate } from '../neutron/addresses.ts'
import { bodyOrThrow, idIn, StepRefused } from './accounts.ts'
import { invariant } from '../../../errors.ts'
import { quotaOf, usage } from '../nova/quotas.ts'
import { Refusal } from '../../refusal.ts'
import type { Cluster, ClusterPart, Flavor, Image, Network, NodeGroup, Server, Subnet } from '../../state.ts'
import type { World } from '../../world.ts'

/** Becomes the cluster's `status_reason`. */
export class DriverError extends Error {
  override readonly name = 'DriverError'
}

function flavorOf(world: World, nameOrId: string): Flavor | undefined {
  return world.state.flavors.get(nameOrId) ?? world.state.flavors.find((row) => row.name === nameOrId)
}

function templateText(world: World, cluster: Cluster, field: string): string | undefined {
  const value = world.state.clusterTemplates.get(cluster.cluster_template_id)?.fields[field]
  return typeof value === 'string' ? value : undefined
}

function imageOf(world: World, cluster: Cluster): Image | undefined {
  const wanted = templateText(world, cluster, 'image_id') ?? ''
  return world.state.images.get(wanted) ?? world.state.images.find((row) => row.name === wanted)
}

/** First the driver's own checks, before anything is made. Then the parts that exist while it is in progress. */
export async function prepare(world: World, cluster: Cluster, tokenId: string): Promise<Partial<Cluster>> {
  if (world.profile.magnumDriver === 'heat') return prepareHeat(world, cluster)
  checkImage(world, cluster)
  for (const name of [cluster.flavor_id, cluster.master_flavor_id]) checkFlavor(world, name)
  const refused = driverFault(world, cluster)
  if (refused !== undefined) throw new DriverError(refused)
  const credential = await childCredential(world, cluster, tokenId)
  const suffix = world.ids.hex().slice(0, 12)
  return {
    stack_id: `${cluster.name.toLowerCase().slice(0, 30)}-${suffix}`,
    parts: [...cluster.parts, { kind: 'application-credential', id: credential }],
  }
}

/** requests' text for a refused connection, and oslo.concurrency's for a failed command (ProcessExecutionError). */
function driverFault({ clusterFaults }: World, cluster: Cluster): string | undefined {
  const namespace = `magnum-${cluster.project_id}`
  if (clusterFaults.has('management-down'))
    return `HTTPSConnectionPool(host='10.12.12.200', port=6443): Max retries exceeded with url: /api/v1/namespaces/${namespace} (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f0>: Failed to establish a new connection: [Errno 111] ECONNREFUSED'))`
  if (clusterFaults.has('helm-failed'))
    return `Unexpected error while running command.\nCommand: helm upgrade ${cluster.name} openstack-cluster --install --namespace ${namespace}\nExit code: 1\nStdout: ''\nStderr: 'Error: chart "openstack-cluster" version "0.10.1" not found\\n'`
  return undefined
}

function prepareHeat(world: World, cluster: Cluster): Partial<Cluster> {
  const { subnet, parts } = fixedSubnet(world, cluster)
  const stackId = world.ids.uuid()
  const stack = `${cluster.name}-${stackId.replaceAll('-', '').slice(0, 12)}`
  const kinds = cluster.master_lb_enabled ? ['api_lb', 'etcd_lb'] : []
  const balancers = kinds.map((kind) => balancer(world, cluster, subnet, `${stack}-${kind}`))
  return { stack_id: stackId, parts: [...cluster.parts, ...parts, ...balancers] }
}

function checkImage(world: World, cluster: Cluster): void {
  const image = imageOf(world, cluster)
  const id = image?.id ?? templateText(world, cluster, 'image_id') ?? ''
  if (image?.properties['kube_version'] === undefined) {
    throw new DriverError(`Image ${id} does not have a kube_version property.`)
  }
}

function checkFlavor(world: World, name: string): void {
  const flavor = flavorOf(world, name)
  if (flavor === undefined || flavor.ram < 2048) {
    throw new DriverError(`Flavor ${name} does not have enough RAM to run Kubernetes. Minimum 2048 MB required.`)
  }
  if (flavor.vcpus < 2) {
    throw new DriverError(`Flavor ${name} does not have enough CPU to run Kubernetes. Minimum 2 vcpus required.`)
  }
}

/** In the creator's name, restricted, with all the roles of the creator's token. common/app_creds.py. */
async function childCredential(world: World, cluster: Cluster, tokenId: string): Promise<string> {
  const name = `magnum-${cluster.uuid}-${world.ids.hex().slice(0, 8)}`
  const answer = await world.send({
    service: 'identity',
    method: 'POST',
    path: `/v3/users/${cluster.user_id}/application_credentials`,
    token: tokenId,
    body: { application_credential: { name, description: `Magnum cluster (${cluster.uuid})` } },
  })
  try {
    return idIn(bodyOrThrow(answer), 'application_credential')
  } catch (error) {
    if (error instanceof StepRefused) throw new DriverError(error.message, { cause: error })
    throw error
  }
}

type Placed = { readonly subnet: Subnet; readonly parts: readonly ClusterPart[] }

/** The tenant's own subnet, by name or id, or a network that the driver makes. */
function fixedSubnet(world: World, cluster: Cluster): Placed {
  const wanted = cluster.fixed_subnet
  const own = world.state.subnets.filter((row) => row.project_id === cluster.project_id)
  if (wanted !== null) {
    const found = own.find((row) => row.id === wanted || row.name === wanted)
    if (found === undefined) throw new DriverError(`Unable to find fixed subnet ${wanted}.`)
    return { subnet: found, parts: [] }
  }
  const network = cluster.fixed_network
  if (network !== null) {
    const networks = world.state.networks.filter((row) => row.id === network || row.name === network)
    const found = own.find((row) => networks.some((each) => each.id === row.network_id))
    if (found === undefined) throw new DriverError(`Unable to find fixed network ${network}.`)
    return { subnet: found, parts: [] }
  }
  return ownNetwork(world, cluster)
}

function ownNetwork(world: World, cluster: Cluster): Placed {
  const now = world.now()
  const stamp = { tags: [], createdAt: now, updatedAt: now, revision: 1 }
  const common = { project_id: cluster.project_id, description: '', ...stamp }
  const network: Network = {
    id: world.ids.uuid(),
    name: `${cluster.name}-network`,
    admin_state_up: true,
    mtu: 1450,
    provider: { 'provider:network_type': 'vxlan', 'provider:physical_network': null, 'provider:segmentation_id': 1 },
    port_security_enabled: true,
    ...common,
  }
  const subnet: Subnet = {
    id: world.ids.uuid(),
    name: `${cluster.name}-subnet`,
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
  return { subnet, parts: [{ kind: 'network', id: network.id }] }
}

function balancer(world: World, cluster: Cluster, subnet: Subnet, name: string): ClusterPart {
  try {
    const made = addLoadBalancer(world, { name, description: '', projectId: cluster.project_id, subnet })
    return { kind: 'load-balancer', id: made.id }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new DriverError(`Resource CREATE failed: Forbidden: resources.${name}: ${error.message} (HTTP 403)`)
  }
}

/** The nodes exist and Kubernetes answers. Also the end of a resize: the groups have the number of nodes. */
export function complete(world: World, cluster: Cluster): Partial<Cluster> {
  const { subnet, parts: placed } = fixedSubnetOf(world, cluster)
  const parts: ClusterPart[] = [...cluster.parts, ...placed]
  if (!parts.some((part) => part.kind === 'load-balancer')) {
    parts.push(balancer(world, cluster, subnet, `k8s-clusterapi-cluster-${cluster.stack_id ?? ''}-kubeapi`))
  }
  const groups = new Map<NodeGroup['role'], readonly string[]>()
  for (const group of cluster.nodeGroups) groups.set(group.role, adjustGroup(world, cluster, group, subnet, parts))
  const address = apiAddress(world, cluster, parts)
  const version = imageOf(world, cluster)?.properties['kube_version'] ?? null
  return {
    status: 'CREATE_COMPLETE',
    status_reason: null,
    health_status: 'HEALTHY',
    // a given address stays, also through a resize
    api_address: cluster.api_address ?? address,
    coe_version: version === null || version.startsWith('v') ? version : `v${version}`,
    node_addresses: groups.get('worker') ?? [],
    master_addresses: groups.get('master') ?? [],
    parts,
  }
}

function fixedSubnetOf(world: World, cluster: Cluster): Placed {
  const made = cluster.parts.find((part) => part.kind === 'network')
  const subnet = world.state.subnets.find((row) => row.network_id === made?.id)
  return subnet === undefined ? fixedSubnet(world, cluster) : { subnet, parts: [] }
}

/** Boots or removes servers until the group has its size. */
function adjustGroup(
  world: World,
  cluster: Cluster,
  group: NodeGroup,
  subnet: Subnet,
  parts: ClusterPart[],
): readonly string[] {
  const prefix = `${cluster.stack_id ?? cluster.name}-${group.name}-`
  const servers = world.state.servers.filter(
    (row) => row.project_id === cluster.project_id && row.name.startsWith(prefix),
  )
  for (const extra of servers.splice(group.node_count)) {
    removeServer(world, extra.id)
    parts.splice(
      parts.findIndex((part) => part.id === extra.id),
      1,
    )
  }
  while (servers.length < group.node_count) {
    const server = bootServer(world, cluster, group, subnet, `${prefix}${servers.length}`)
    servers.push(server)
    parts.push({ kind: 'server', id: server.id })
  }
  return servers.map((server) => addressOf(world, server))
}

function bootServer(world: World, cluster: Cluster, group: NodeGroup, subnet: Subnet, name: string): Server {
  const flavor = flavorOf(world, group.flavor_id)
  invariant(flavor !== undefined, `flavor ${group.flavor_id} was checked when the cluster was asked for`)
  requireComputeQuota(world, cluster.project_id, flavor)
  const id = world.ids.uuid()
  const fixed_ips = allocate(world, subnet.network_id)
  addPort(world, {
    name,
    network_id: subnet.network_id,
    project_id: cluster.project_id,
    device_id: id,
    device_owner: 'compute:nova',
    fixed_ips,
    status: 'ACTIVE',
  })
  const network = world.state.networks.get(subnet.network_id)
  const address = { addr: fixed_ips[0]?.ip_address ?? '', version: 4, 'OS-EXT-IPS:type': 'fixed' }
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

function addressOf(world: World, server: Server): string {
  return world.state.ports.find((port) => port.device_id === server.id)?.fixed_ips[0]?.ip_address ?? ''
}

function apiAddress(world: World, cluster: Cluster, parts: ClusterPart[]): string {
  const part = parts.find((each) => each.kind === 'load-balancer')
  const made = part === undefined ? undefined : world.state.loadBalancers.get(part.id)
  if (!cluster.floating_ip_enabled) return `https://${made?.vip_address ?? ''}:6443`
  const known = parts.find((each) => each.kind === 'floating-ip')
  const floating = known === undefined ? addFloatingIp(world, cluster, made?.vip_port_id ?? null) : known.id
  if (known === undefined) parts.push({ kind: 'floating-ip', id: floating })
  return `https://${world.state.floatingIps.get(floating)?.floating_ip_address ?? ''}:6443`
}

function addFloatingIp(world: World, cluster: Cluster, portId: string | null): string {
  const wanted = templateText(world, cluster, 'external_network_id') ?? ''
  const network = world.state.networks.get(wanted) ?? world.state.networks.find((row) => row.name === wanted)
  const id = world.ids.uuid()
  const now = world.now()
  try {
    const fixed_ips = allocate(world, network?.id ?? '')
    const target = { network_id: network?.id ?? '', project_id: '', device_id: id, device_owner: 'network:floatingip' }
    addPort(world, { ...target, fixed_ips, status: 'N/A' })
    world.state.floatingIps.set(id, {
      id,
      name: '',
      project_id: cluster.project_id,
      description: `Floating IP for Kubernetes API of ${cluster.name}`,
      tags: [],
      createdAt: now,
      updatedAt: now,
      revision: 1,
      floating_ip_address: fixed_ips[0]?.ip_address ?? '',
      floating_network_id: network?.id ?? '',
      port_id: portId,
      fixed_ip_address: portId === null ? null : (world.state.ports.get(portId)?.fixed_ips[0]?.ip_address ?? null),
      router_id: null,
    })
    return id
  } catch (error) {
    if (error instanceof Refusal) throw new DriverError(error.message, { cause: error })
    throw error
  }
}

function removeServer(world: World, id: string): void {
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
      case 'network':
        state.ports.deleteWhere((port) => port.network_id === part.id)
        state.subnets.deleteWhere((subnet) => subnet.network_id === part.id)
        state.networks.delete(part.id)
        break
    }
  }
}
