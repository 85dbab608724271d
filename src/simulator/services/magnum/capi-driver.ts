/**
 * magnum-capi-helm and what stands behind it: Helm, Cluster API and its provider for OpenStack (CAPO). Prototypes ran
 * the unchanged driver 1.2.0 and 1.4.0 on Magnum 15, 20 and 23, and CAPO 0.14.7; order, names and states follow what
 * was seen there, and magnum_capi_helm/driver.py. docs/simulator.md says what was compared.
 */
import {
  addFloatingIp,
  addMachinePort,
  addNetwork,
  addressOfServer,
  bootServer,
  DriverError,
  flavorOf,
  imageOf,
  madeSubnet,
  Making,
  pinnedSubnet,
  removeServer,
} from './driver-parts.ts'
import { addGroup } from '../neutron/security-groups.ts'
import { addLoadBalancer, ensureListener, ensureMember, removeMember } from '../octavia.ts'
import { addOwnRouter } from './own-router.ts'
import { bodyOrThrow, idIn, signInService, StepRefused } from './accounts.ts'
import { CERTIFICATES, registerReader } from './authority.ts'
import { Refusal } from '../../refusal.ts'
import type { Cluster, ClusterPart, NodeGroup, Subnet } from '../../state.ts'
import type { Save } from './driver-parts.ts'
import type { World } from '../../world.ts'

/**
 * Driver.create_cluster: flavors, the name of the release, namespace, credential and Secrets, image, Helm. What was made
 * before a refusal stays until the failed cluster is deleted.
 */
export async function installRelease(world: World, cluster: Cluster, tokenId: string, save: Save): Promise<void> {
  for (const name of [cluster.master_flavor_id, ...cluster.nodeGroups.map((group) => group.flavor_id)])
    checkFlavor(world, name)
  const release = `${sanitized(cluster.name).slice(0, 30)}-${shortId(world)}`
  save({ stack_id: release })
  const namespace = namespaceOf(cluster)
  // requests' text for a refused connection
  if (world.clusterFaults.has('management-down'))
    throw new DriverError(
      `HTTPSConnectionPool(host='10.12.12.200', port=6443): Max retries exceeded with url: /api/v1/namespaces/${namespace} (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f0>: Failed to establish a new connection: [Errno 111] ECONNREFUSED'))`,
    )
  const id = await makeCredential(world, cluster, cluster.user_id, tokenId)
  save({ parts: [...cluster.parts, { kind: 'application-credential', id }] })
  // all four go into Secrets
  registerReader(world, cluster, CERTIFICATES)
  checkImage(world, cluster)
  pinnedSubnet(world, cluster)
  // oslo.concurrency's text for a failed command (ProcessExecutionError)
  if (world.clusterFaults.has('helm-failed'))
    throw new DriverError(
      `Unexpected error while running command.\nCommand: helm upgrade ${release} openstack-cluster --install --namespace ${namespace}\nExit code: 1\nStdout: ''\nStderr: 'Error: chart "openstack-cluster" version "0.10.1" not found\\n'`,
    )
}

/** driver_utils.py, cluster_namespace */
function namespaceOf({ project_id }: Cluster): string {
  return `magnum-${project_id.replaceAll(/[^a-z0-9]/g, '')}`
}

/** As CAPO calls the cluster in the names of what it makes. */
function resourceName(cluster: Cluster): string {
  return `${namespaceOf(cluster)}-${cluster.stack_id ?? ''}`
}

/** driver_utils.py, sanitized_name */
function sanitized(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}

/** magnum/common/short_id.py, generate_id: twelve characters of base32, small. */
function shortId(world: World): string {
  return Array.from(world.ids.bytes(12), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte % 32)).join('')
}

/** Driver._get_kube_version */
function checkImage(world: World, cluster: Cluster): void {
  const image = imageOf(world, cluster)
  if (image?.properties['kube_version'] === undefined)
    throw new DriverError(`Image ${image?.id ?? ''} does not have a kube_version property.`)
}

/** Driver._validate_allowed_flavor */
function checkFlavor(world: World, name: string): void {
  const flavor = flavorOf(world, name)
  if (flavor === undefined || flavor.ram < 2048)
    throw new DriverError(`Flavor ${name} does not have enough RAM to run Kubernetes. Minimum 2048 MB required.`)
  if (flavor.vcpus < 2)
    throw new DriverError(`Flavor ${name} does not have enough CPU to run Kubernetes. Minimum 2 vcpus required.`)
}

/**
 * In the name of the caller, restricted, with all the roles of its token. 1.4.0 may make a second one for the same
 * cluster, so only its names are random. common/app_creds.py of both releases
 */
async function makeCredential(world: World, cluster: Cluster, userId: string, token: string): Promise<string> {
  const { uuid, name } = cluster
  const isOld = world.profile.capiHelm === '1.2'
  const application_credential = isOld
    ? { name: `magnum-${uuid}`, description: `Magnum cluster (${uuid})` }
    : { name: `magnum-${uuid}-${world.ids.hex().slice(0, 8)}`, description: `Magnum cluster (${name})` }
  const path = `/v3/users/${userId}/application_credentials`
  const body = { application_credential }
  const answer = await world.send({ service: 'identity', method: 'POST', path, token, body })
  try {
    return idIn(bodyOrThrow(answer), 'application_credential')
  } catch (error) {
    if (error instanceof StepRefused) throw new DriverError(error.message, { cause: error })
    throw error
  }
}

/**
 * One round of the controllers and of Magnum's look at them. A refusal ends the round and no more: the next one tries
 * again. Only a refused server is final (CAPO: `Not reconciling server in error state`).
 */
export function reconcile(world: World, cluster: Cluster, save: Save): { readonly isDone: boolean } {
  const making = new Making(world, cluster, save)
  try {
    const place = infrastructure(making, save)
    const isUp = cluster.nodeGroups.every((group) => adjustGroup(making, group, place))
    if (isUp) save({ coe_version: `v${(imageOf(world, cluster)?.properties['kube_version'] ?? '').replace(/^v/, '')}` })
    return { isDone: isUp }
  } catch (error) {
    if (error instanceof Refusal || error instanceof DriverError) return { isDone: false }
    throw error
  }
}

type Place = {
  readonly subnet: Subnet
  readonly groups: Readonly<Record<NodeGroup['role'], string>>
  readonly poolId: string
}

/** In CAPO's order: network, security groups, balancer, floating IP, listener, pool, monitor. */
function infrastructure(making: Making, save: Save): Place {
  const { world, cluster } = making
  const subnet = madeSubnet(world, making) ?? pinnedSubnet(world, cluster) ?? ownNetwork(making)
  const groups = { master: groupFor(making, 'controlplane'), worker: groupFor(making, 'worker') }
  const name = `k8s-clusterapi-cluster-${resourceName(cluster)}-kubeapi`
  const balancer =
    world.state.loadBalancers.get(idOf(making, 'load-balancer') ?? '') ??
    addLoadBalancer(world, { name, description: description(cluster), projectId: cluster.project_id, subnet })
  if (idOf(making, 'load-balancer') === undefined) making.add({ kind: 'load-balancer', id: balancer.id })
  const isOpen = cluster.labels['master_lb_floating_ip_enabled'] !== 'false'
  if (isOpen && idOf(making, 'floating-ip') === undefined)
    making.add({ kind: 'floating-ip', id: addFloatingIp(world, cluster, balancer, description(cluster)) })
  const floating = world.state.floatingIps.get(idOf(making, 'floating-ip') ?? '')
  // Magnum shows it as soon as it is known
  save({ api_address: cluster.api_address ?? `https://${floating?.floating_ip_address ?? balancer.vip_address}:6443` })
  return { subnet, groups, poolId: ensureListener(world, balancer, `${name}-6443`).id }
}

function idOf({ parts }: Making, kind: ClusterPart['kind']): string | undefined {
  return parts.find((part) => part.kind === kind)?.id
}

/** CAPO 0.14.7, pkg/utils/names, GetDescription */
function description(cluster: Cluster): string {
  return `Created by cluster-api-provider-openstack cluster ${resourceName(cluster)}`
}

/** Without a fixed network CAPO makes network, subnet and router. The chart's nodeCidr is 10.0.0.0/24. */
function ownNetwork(making: Making): Subnet {
  const { world, cluster } = making
  const name = `k8s-clusterapi-cluster-${resourceName(cluster)}`
  const made = addNetwork(world, cluster, { network: name, subnet: name })
  making.add(made.part)
  making.add({ kind: 'router', id: addOwnRouter(world, cluster, made.subnet, name) })
  return made.subnet
}

function groupFor(making: Making, kind: keyof typeof ruleCounts): string {
  const { world, cluster } = making
  const name = `k8s-cluster-${resourceName(cluster)}-secgroup-${kind}`
  const known = making.parts.find(
    (part) => part.kind === 'security-group' && world.state.securityGroups.get(part.id)?.name === name,
  )
  if (known !== undefined) return known.id
  const group = addGroup(world, cluster.project_id, name, 'Cluster API managed group', ruleCounts[kind])
  making.add({ kind: 'security-group', id: group.id })
  return group.id
}

/**
 * Rules beside the two of egress that Neutron makes: the API and all from both groups; node ports of the subnet and of
 * both groups, for TCP and UDP, and all from both groups. CAPO 0.14.7, networking/securitygroups_rules.go, for one IPv4
 * subnet and allowAllInClusterTraffic, as the chart has it. Eleven requests were recorded.
 */
const ruleCounts = { controlplane: 3, worker: 8 } as const

/** Whether the group has its machines. */
function adjustGroup(making: Making, group: NodeGroup, place: Place): boolean {
  const { world } = making
  const { role } = group
  const there = making.parts.filter((part) => part.role === role && part.kind === 'server')
  for (const extra of there.splice(group.node_count)) {
    removeMember(world, place.poolId, world.state.servers.get(extra.id)?.name ?? '')
    removeServer(world, extra.id)
    making.drop(extra)
  }
  if (making.parts.some((part) => part.role === role && part.kind === 'failed-machine')) return false
  for (const { id } of role === 'master' ? there : []) joinPool(world, place.poolId, id)
  for (let index = there.length; index < group.node_count; index += 1) addMachine(making, group, place)
  return true
}

/** The control plane has its own name whatever the node group is called. */
function addMachine(making: Making, group: NodeGroup, { subnet, groups, poolId }: Place): void {
  const { world, cluster } = making
  const { role } = group
  const name = `${cluster.stack_id ?? ''}-${role === 'master' ? 'control-plane' : sanitized(group.name)}-${shortId(world).slice(0, 5)}`
  const port = addMachinePort(world, cluster, { name: `${name}-0`, subnet, securityGroups: [groups[role]] })
  const made: ClusterPart = { kind: 'port', id: port.id }
  making.add(made)
  let serverId = ''
  try {
    serverId = bootServer(world, cluster, { name, group }, port).id
    making.drop(made)
    making.add({ kind: 'server', id: serverId, role })
  } catch (error) {
    if (error instanceof DriverError) making.add({ kind: 'failed-machine', id: name, role })
    throw error
  }
  if (role === 'master') joinPool(world, poolId, serverId)
}

/** A machine of the control plane answers behind the balancer; if that is refused, the next round tries again. */
function joinPool(world: World, poolId: string, serverId: string): void {
  const [pool, server] = [world.state.pools.get(poolId), world.state.servers.get(serverId)]
  if (pool !== undefined && server !== undefined)
    ensureMember(world, pool, server.name, addressOfServer(world, serverId))
}

/**
 * As Magnum's own account, which Keystone may refuse. 1.2.0 fails with each look, for ever. 1.4.0 has deleted the Secret
 * with the credential's id before, so the next look finds none, and the cluster is gone; with the OpenStack SDK of
 * Magnum 23 a refusal counts as gone at once. Driver._update_status_deleting of both releases, and seen on both.
 */
export async function removeCredential(world: World, cluster: Cluster, save: Save): Promise<'gone' | 'again'> {
  const ids = cluster.parts.flatMap((part) => (part.kind === 'application-credential' ? [part.id] : []))
  if (world.profile.capiHelm === '1.4') save({ parts: [] })
  const results = await Promise.all(ids.map((id) => deleteCredential(world, cluster.user_id, id)))
  if (results.every((isGone) => isGone) || usesSdk(world)) return 'gone'
  return 'again'
}

function usesSdk({ profile }: World): boolean {
  return profile.capiHelm === '1.4' && profile.magnum === '2026.2'
}

async function deleteCredential(world: World, userId: string, id: string): Promise<boolean> {
  try {
    const token = await signInService(world)
    const path = `/v3/users/${userId}/application_credentials/${id}`
    const { status } = await world.send({ service: 'identity', method: 'DELETE', path, token })
    return status < 400 || status === 404
  } catch (error) {
    if (error instanceof StepRefused) return false
    throw error
  }
}

/**
 * Driver.rotate_credential of 1.4.0: a new credential in the name of the caller, who then owns the cluster, and then the
 * old one goes. Its failure to go is no failure with the SDK.
 */
export async function rotateCredential(
  world: World,
  cluster: Cluster,
  caller: { readonly userId: string; readonly token: string },
  save: Save,
): Promise<void> {
  const old = cluster.parts.filter(({ kind }) => kind === 'application-credential')
  let id: string
  try {
    id = await makeCredential(world, cluster, caller.userId, caller.token)
  } catch (error) {
    if (!(error instanceof DriverError)) throw error
    save({ status: 'UPDATE_FAILED', status_reason: error.message })
    throw new Refusal(500, error.message)
  }
  const rest = cluster.parts.filter((part) => !old.includes(part))
  save({ parts: [...rest, { kind: 'application-credential', id }] })
  const gone = await Promise.all(old.map((part) => deleteCredential(world, cluster.user_id, part.id)))
  const isGone = gone.every((one) => one)
  // keystoneclient's exception is caught nowhere: the credential is new, and the row still names the old owner
  if (!isGone && !usesSdk(world)) throw new Refusal(500, 'You are not authorized to perform the requested action.')
  const status_reason = isGone
    ? null
    : `A new application credential was applied successfully but the previous application credential could not be deleted: ${old[0]?.id ?? ''} does not exist.`
  save({ status: 'UPDATE_COMPLETE', status_reason, user_id: caller.userId })
}
