/**
 * Heat's driver: one stack, whose status is the cluster's. The lab's stops at CREATE_IN_PROGRESS, because nothing boots
 * there; everything later follows magnum 15.0.1, magnum/drivers/heat/driver.py, and its templates.
 */
import {
  addFloatingIp,
  addMachinePort,
  addNetwork,
  addressOfServer,
  bootServer,
  DriverError,
  imageOf,
  Making,
  madeSubnet,
  pinnedSubnet,
  removeServer,
} from './driver-parts.ts'
import { addLoadBalancer } from '../octavia.ts'
import { Refusal } from '../../refusal.ts'
import type { Cluster, ClusterPart, NodeGroup, Subnet } from '../../state.ts'
import type { Save } from './driver-parts.ts'
import type { World } from '../../world.ts'

/** The parts that exist while it is in progress. */
export function startStack(world: World, cluster: Cluster, save: Save): void {
  const stackId = world.ids.uuid()
  const name = `${cluster.name}-${stackId.replaceAll('-', '').slice(0, 12)}`
  const stack = new Making(world, cluster, save)
  const subnet = subnetFor(stack)
  for (const kind of cluster.master_lb_enabled ? ['api_lb', 'etcd_lb'] : [])
    addBalancer(stack, subnet, `${name}-${kind}`)
  save({ stack_id: stackId })
}

/** The tenant's own subnet, or one of the stack's own network. */
function subnetFor(stack: Making): Subnet {
  const { world, cluster } = stack
  const found = madeSubnet(world, stack) ?? pinnedSubnet(world, cluster)
  if (found !== undefined) return found
  const made = addNetwork(world, cluster, { network: `${cluster.name}-network`, subnet: `${cluster.name}-subnet` })
  stack.add(made.part)
  return made.subnet
}

function addBalancer(stack: Making, subnet: Subnet, name: string): void {
  const { world, cluster } = stack
  const made = orFails(name, 'Forbidden', () =>
    addLoadBalancer(world, { name, description: '', projectId: cluster.project_id, subnet }),
  )
  stack.add({ kind: 'load-balancer', id: made.id })
}

/** A resource that is refused fails its stack. */
function orFails<T>(name: string, kind: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const reason = `Resource CREATE failed: ${kind}: resources.${name}: ${error.message} (HTTP ${error.status})`
    throw new DriverError(reason, { cause: error })
  }
}

/** The nodes exist and Kubernetes answers. Also the end of a resize: the groups have the number of nodes. */
export function completeStack(world: World, cluster: Cluster, save: Save): Partial<Cluster> {
  const stack = new Making(world, cluster, save)
  const subnet = subnetFor(stack)
  if (!stack.parts.some((part) => part.kind === 'load-balancer')) addBalancer(stack, subnet, `${cluster.name}-api_lb`)
  for (const group of cluster.nodeGroups) adjustGroup(stack, group, subnet)
  const version = imageOf(world, cluster)?.properties['kube_version'] ?? null
  return {
    status: 'CREATE_COMPLETE',
    status_reason: null,
    // a given address stays, also through a resize
    api_address: cluster.api_address ?? apiAddress(stack),
    coe_version: version === null || version.startsWith('v') ? version : `v${version}`,
    node_addresses: addressesOf(stack, 'worker'),
    master_addresses: addressesOf(stack, 'master'),
  }
}

function addressesOf({ world, parts }: Making, role: NodeGroup['role']): readonly string[] {
  return parts.filter((part) => part.role === role).map(({ id }) => addressOfServer(world, id))
}

/** Boots or removes servers until the group has its size. */
function adjustGroup(stack: Making, group: NodeGroup, subnet: Subnet): void {
  const { world, cluster } = stack
  const { role } = group
  const there = stack.parts.filter((part) => part.role === role)
  for (const extra of there.splice(group.node_count)) {
    removeServer(world, extra.id)
    stack.drop(extra)
  }
  for (let index = there.length; index < group.node_count; index += 1) {
    const name = `${cluster.stack_id ?? cluster.name}-${group.name}-${index}`
    const port = orFails(name, 'OverQuotaClient', () => addMachinePort(world, cluster, { name, subnet }))
    const made: ClusterPart = { kind: 'port', id: port.id }
    stack.add(made)
    const server = bootServer(world, cluster, { name, group }, port)
    stack.drop(made)
    stack.add({ kind: 'server', id: server.id, role })
  }
}

function apiAddress(stack: Making): string {
  const { world, cluster } = stack
  const part = stack.parts.find((each) => each.kind === 'load-balancer')
  const made = part === undefined ? undefined : world.state.loadBalancers.get(part.id)
  if (!cluster.floating_ip_enabled || made === undefined) return `https://${made?.vip_address ?? ''}:6443`
  const id = orFails('api_lb', 'OverQuotaClient', () =>
    addFloatingIp(world, cluster, made, `Floating IP for Kubernetes API of ${cluster.name}`),
  )
  stack.add({ kind: 'floating-ip', id })
  return `https://${world.state.floatingIps.get(id)?.floating_ip_address ?? ''}:6443`
}
