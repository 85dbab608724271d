/** /v1/clusters. magnum 15.0.1, magnum/api/controllers/v1/cluster.py. */
import { atLeast, bodyOf, isoZone, links, minorOf, page, requireArguments, requireMinor } from './serializers.ts'
import { booleanAt, isJson, numberAt, objectAt, textAt } from '../../json.ts'
import { denied, invalidField } from './error.ts'
import { findTemplate } from './cluster-templates.ts'
import { hasRole, isAdmin, projectOf } from '../../access.ts'
import { hashOf } from '../keystone/hash.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import {
  requireExternalNetwork,
  requireFixedNetwork,
  requireFixedSubnet,
  requireFlavor,
  requireImage,
  requireKeypair,
} from './resources.ts'
import { requireClusterQuota } from './quotas.ts'
import { schedule } from './conductor.ts'
import type { ServiceResponse, Call, Route } from '../../service.ts'
import type { Cluster, ClusterTemplate, NodeGroup } from '../../state.ts'
import type { Json } from '../../json.ts'

const KNOWN = [
  'name',
  'cluster_template_id',
  'keypair',
  'node_count',
  'master_count',
  'docker_volume_size',
  'labels',
  'merge_labels',
  'master_flavor_id',
  'flavor_id',
  'create_timeout',
  'discovery_url',
  'fixed_network',
  'fixed_subnet',
  'floating_ip_enabled',
  'master_lb_enabled',
]

const NAME = /^[a-zA-Z][a-zA-Z0-9_.-]*$/

export function findCluster(call: Call, nameOrId: string): Cluster {
  const found = call.world.state.clusters.filter(
    (row) => (row.uuid === nameOrId || row.name === nameOrId) && (isAdmin(call) || row.project_id === projectOf(call)),
  )
  const [row] = found
  if (row === undefined) throw new Refusal(404, `Cluster ${nameOrId} could not be found.`)
  if (found.length > 1) {
    throw new Refusal(409, 'Multiple clusters exist with same name. Please use the cluster uuid instead.')
  }
  return row
}

/** The fields in a list. */
function showBrief(call: Call, row: Cluster): Json {
  return {
    uuid: row.uuid,
    name: row.name,
    cluster_template_id: row.cluster_template_id,
    keypair: row.keypair,
    node_count: row.node_count,
    master_count: row.master_count,
    docker_volume_size: row.docker_volume_size,
    labels: row.labels,
    master_flavor_id: row.master_flavor_id,
    flavor_id: row.flavor_id,
    create_timeout: row.create_timeout,
    links: links(call, `clusters/${row.uuid}`),
    // since 1.13 under its new name
    ...(minorOf(call) >= 13 ? { cluster_id: row.stack_id } : { stack_id: row.stack_id }),
    status: row.status,
    health_status: row.health_status,
    merge_labels: row.mergeLabels,
  }
}

function show(call: Call, row: Cluster): Json {
  const { health_status, merge_labels, status, ...brief } = showBrief(call, row)
  return {
    ...brief,
    status,
    status_reason: row.status_reason,
    health_status,
    health_status_reason: healthOf(call, row),
    discovery_url: discoveryOf(call, row),
    api_address: row.api_address,
    coe_version: row.coe_version,
    container_version: null,
    project_id: row.project_id,
    user_id: row.user_id,
    node_addresses: row.node_addresses,
    master_addresses: row.master_addresses,
    fixed_network: row.fixed_network,
    fixed_subnet: row.fixed_subnet,
    floating_ip_enabled: row.floating_ip_enabled,
    merge_labels,
    labels_overridden: {},
    labels_added: {},
    labels_skipped: {},
    master_lb_enabled: row.master_lb_enabled,
    created_at: isoZone(row.createdAt),
    updated_at: row.updatedAt === undefined ? null : isoZone(row.updatedAt),
  }
}

/** Heat's cluster uses a public etcd registry; Cluster API needs none. */
function discoveryOf(call: Call, row: Cluster): string | null {
  if (call.world.profile.magnumDriver !== 'heat' || row.stack_id === null) return null
  return `https://discovery.etcd.io/${row.stack_id.replaceAll('-', '')}`
}

/**
 * Of Heat's driver `api` and each node (magnum/drivers/common/k8s_monitor.py); of capi-helm what the management cluster
 * says (magnum_capi_helm/common/capi_monitor.py, poll_health_status).
 */
function healthOf(call: Call, row: Cluster): Json {
  if (row.health_status === null) return {}
  const isHealthy = row.health_status === 'HEALTHY'
  if (call.world.profile.magnumDriver === 'capi-helm') {
    if (isHealthy) return { cluster: 'Ready', infrastructure: 'Ready', controlplane: 'Ready', nodegroup: 'Ready' }
    const isMade = row.status.endsWith('_COMPLETE')
    const waiting = row.nodeGroups.filter((group) => group.role === 'worker' && group.status !== 'CREATE_COMPLETE')
    return {
      cluster: isMade ? 'Ready' : "Waiting on ['ControlPlaneReady', 'InfrastructureReady', 'Ready']",
      infrastructure: isMade ? 'Ready' : 'Infrastructure not ready.',
      controlplane: isMade ? 'Ready' : "Waiting on ['Ready', 'Available']",
      nodegroup: waiting.map(({ name }) => `${name} waiting on ['Ready', 'Available']`).join(',') || 'Ready',
    }
  }
  if (!isHealthy) return {}
  const names = row.parts
    .filter((part) => part.kind === 'server')
    .map((part) => call.world.state.servers.get(part.id)?.name ?? part.id)
  return { api: 'ok', ...Object.fromEntries(names.map((name) => [`${name}.Ready`, 'True'])) }
}

function mayCreate(call: Call): boolean {
  if (projectOf(call) === '') return false
  return !isReleaseAtLeast(call.world.profile, '2024.1') || isAdmin(call) || hasRole(call, 'member')
}

function labelsFor(body: Json, template: ClusterTemplate): { readonly labels: Json; readonly own: Json } {
  const own = Object.fromEntries(Object.entries(objectAt(body, 'labels')).map(([key, value]) => [key, String(value)]))
  const inherited = objectAt(template.fields, 'labels')
  if (body['labels'] === undefined || body['labels'] === null) return { labels: inherited, own: {} }
  return { labels: booleanAt(body, 'merge_labels') === true ? { ...inherited, ...own } : own, own }
}

function groupsOf(
  call: Call,
  cluster: Pick<Cluster, 'flavor_id' | 'master_flavor_id' | 'node_count' | 'master_count'>,
  imageId: string,
): readonly NodeGroup[] {
  const group = (role: NodeGroup['role'], flavor_id: string, node_count: number): NodeGroup => ({
    uuid: call.world.ids.uuid(),
    name: `default-${role}`,
    role,
    flavor_id,
    image_id: imageId,
    node_count,
    // Heat's are those of its stack
    ...(call.world.profile.magnumDriver === 'heat' ? {} : { status: 'CREATE_IN_PROGRESS' }),
  })
  return [
    group('master', cluster.master_flavor_id, cluster.master_count),
    group('worker', cluster.flavor_id, cluster.node_count),
  ]
}

function requireResources(call: Call, cluster: Cluster, template: ClusterTemplate): string {
  const image = requireImage(call, textAt(template.fields, 'image_id') ?? '')
  requireFlavor(call, cluster.flavor_id === '' ? undefined : cluster.flavor_id)
  requireFlavor(call, cluster.master_flavor_id === '' ? undefined : cluster.master_flavor_id)
  requireExternalNetwork(call, textAt(template.fields, 'external_network_id') ?? '')
  requireFixedNetwork(call, cluster.fixed_network ?? undefined)
  requireFixedSubnet(call, cluster.fixed_subnet ?? undefined)
  if (cluster.keypair !== '') requireKeypair(call, cluster.keypair)
  if (cluster.master_count > 1 && !cluster.master_lb_enabled) {
    throw new Refusal(400, 'master_count must be 1 when master_lb_enabled is False')
  }
  return image.id
}

function createCluster(call: Call): ServiceResponse {
  const body = bodyOf(call, 'cluster', KNOWN, ['cluster_template_id'])
  const name = textAt(body, 'name')
  if (name !== undefined && !NAME.test(name)) {
    throw invalidField('name', name, 'Value should match the pattern ^[a-zA-Z][a-zA-Z0-9_.-]*$')
  }
  const node_count = atLeast(body, 'node_count', 0) ?? 1
  const master_count = atLeast(body, 'master_count', 1) ?? 1
  const template = findTemplate(call, textAt(body, 'cluster_template_id') ?? '')
  if (!mayCreate(call)) throw denied('cluster:create')
  requireClusterQuota(call)
  const field = (key: string): string | undefined => textAt(body, key) ?? textAt(template.fields, key)
  const flag = (key: string): boolean => booleanAt(body, key) ?? booleanAt(template.fields, key) ?? false
  const { labels, own } = labelsFor(body, template)
  const bare: Cluster = {
    uuid: call.world.ids.uuid(),
    name: name ?? `cluster-${call.world.ids.hex().slice(0, 6)}`,
    project_id: projectOf(call),
    user_id: call.caller().user.id,
    cluster_template_id: template.uuid,
    keypair: textAt(body, 'keypair') ?? textAt(template.fields, 'keypair_id') ?? '',
    status: 'CREATE_IN_PROGRESS',
    status_reason: null,
    health_status: null,
    stack_id: null,
    api_address: null,
    coe_version: null,
    node_addresses: [],
    master_addresses: [],
    node_count,
    master_count,
    create_timeout: numberAt(body, 'create_timeout') ?? 60,
    labels,
    labelsOwn: own,
    mergeLabels: booleanAt(body, 'merge_labels') ?? false,
    fixed_network: field('fixed_network') ?? null,
    fixed_subnet: field('fixed_subnet') ?? null,
    floating_ip_enabled: flag('floating_ip_enabled'),
    master_lb_enabled: flag('master_lb_enabled'),
    flavor_id: field('flavor_id') ?? '',
    master_flavor_id: field('master_flavor_id') ?? '',
    docker_volume_size: numberAt(body, 'docker_volume_size') ?? null,
    nodeGroups: [],
    trusteeUserId: undefined,
    trustId: undefined,
    certificateRefs: {},
    parts: [],
    createdAt: call.world.now(),
    updatedAt: undefined,
  }
  const imageId = requireResources(call, bare, template)
  const cluster = { ...bare, nodeGroups: groupsOf(call, bare, imageId) }
  const at = call.world.now() + call.world.pace.clusterAccepted
  schedule(call.world, { kind: 'cluster-create', at, cluster, tokenId: call.caller().token.id })
  return { status: 202, body: { uuid: cluster.uuid } }
}

function resize(call: Call, row: Cluster, count: number): ServiceResponse {
  if (row.status.endsWith('IN_PROGRESS') || row.status.startsWith('DELETE')) {
    throw new Refusal(400, `Resizing a cluster when status is "${row.status}" is not supported.`)
  }
  if (count < 0) throw invalidField('node_count', String(count), 'Value should be greater or equal to 0')
  const nodeGroups = row.nodeGroups.map((group) =>
    group.role !== 'worker'
      ? group
      : { ...group, node_count: count, ...(group.status === undefined ? {} : { status: 'UPDATE_IN_PROGRESS' }) },
  )
  const { world } = call
  const now = world.now()
  // the conductor changes the cluster's state when its driver has asked for everything (seen with magnum-capi-helm)
  const isLate = world.profile.magnumDriver !== 'heat'
  const status = isLate ? row.status : 'UPDATE_IN_PROGRESS'
  world.state.clusters.set(row.uuid, { ...row, node_count: count, nodeGroups, status, updatedAt: now })
  const pace = isLate ? world.pace.clusterAccepted : world.pace.clusterResized
  schedule(world, { kind: 'cluster-resized', at: now + pace, uuid: row.uuid })
  return { status: 202, body: { uuid: row.uuid } }
}

function patch(call: Call, row: Cluster): ServiceResponse {
  for (const change of Array.isArray(call.body) ? call.body : []) {
    const path = textAt(change, 'path') ?? ''
    const value: unknown = isJson(change) ? change['value'] : undefined
    if (path === '/node_count') return resize(call, row, Number(value))
    if (path === '/name') throw new Refusal(400, `cannot change cluster property(ies) name.`)
  }
  return { status: 202, body: { uuid: row.uuid } }
}

function showGroup(row: Cluster, group: NodeGroup): Json {
  return {
    uuid: group.uuid,
    name: group.name,
    flavor_id: group.flavor_id,
    image_id: group.image_id,
    node_count: group.node_count,
    role: group.role,
    min_node_count: 0,
    max_node_count: null,
    is_default: true,
    stack_id: row.stack_id,
    status: group.status ?? row.status,
    merge_labels: false,
  }
}

/**
 * To filter a list Magnum needs the id of the trustee domain, and signs in as its admin for that, even for an operator.
 * magnum 15.0.1, db/sqlalchemy/api.py, _add_tenant_filters; common/keystone.py, trustee_domain_id
 */
function requireDomainAdmin(call: Call): void {
  const { state, magnum } = call.world
  const domain = state.domains.find((row) => row.name === magnum.domainAdmin.domain)
  const admin = state.users.find((row) => row.name === magnum.domainAdmin.name && row.domain_id === domain?.id)
  const isLetIn =
    domain?.enabled === true &&
    admin?.enabled === true &&
    admin.passwordHash === hashOf(magnum.domainAdmin.password) &&
    state.grants.some((grant) => grant.actorId === admin.id && grant.targetId === domain.id)
  if (!isLetIn) throw new Refusal(403, 'reason: Keystone client authentication failed')
}

const LIST_ARGUMENTS = ['marker', 'limit', 'sort_key', 'sort_dir']

export const clusterRoutes: readonly Route[] = [
  route('GET', '/v1/clusters', (call) => {
    requireArguments(call, LIST_ARGUMENTS)
    requireDomainAdmin(call)
    const rows = call.world.state.clusters.filter((row) => isAdmin(call) || row.project_id === projectOf(call))
    return ok(page(call, 'clusters', rows, (row) => showBrief(call, row)))
  }),
  route('GET', '/v1/clusters/detail', (call) => {
    requireArguments(call, LIST_ARGUMENTS)
    requireDomainAdmin(call)
    const rows = call.world.state.clusters.filter((row) => isAdmin(call) || row.project_id === projectOf(call))
    return ok(page(call, 'clusters', rows, (row) => show(call, row)))
  }),
  route('POST', '/v1/clusters', createCluster),
  route('GET', '/v1/clusters/:id', (call) => ok(show(call, findCluster(call, param(call, 'id'))))),
  route('PATCH', '/v1/clusters/:id', (call) => patch(call, findCluster(call, param(call, 'id')))),
  route('DELETE', '/v1/clusters/:id', (call) => {
    const row = findCluster(call, param(call, 'id'))
    if (row.status !== 'DELETE_IN_PROGRESS') {
      schedule(call.world, { kind: 'cluster-delete', at: call.world.now(), uuid: row.uuid })
    }
    return { status: 204 }
  }),
  route('POST', '/v1/clusters/:id/actions/resize', (call) => {
    const row = findCluster(call, param(call, 'id'))
    return resize(call, row, numberAt(call.body, 'node_count') ?? row.node_count)
  }),
  route('GET', '/v1/clusters/:id/nodegroups', (call) => {
    requireMinor(call, 9, 'get_all')
    const row = findCluster(call, param(call, 'id'))
    return ok({ nodegroups: row.nodeGroups.map((group) => showGroup(row, group)) })
  }),
  route('GET', '/v1/clusters/:id/nodegroups/:group', (call) => {
    requireMinor(call, 9, 'get_one')
    const row = findCluster(call, param(call, 'id'))
    const wanted = param(call, 'group')
    const group = row.nodeGroups.find((each) => each.uuid === wanted || each.name === wanted)
    if (group === undefined) throw new Refusal(404, `Nodegroup ${wanted} could not be found.`)
    const status_reason = group.status_reason ?? null
    return ok({
      ...showGroup(row, group),
      status_reason,
      links: links(call, `clusters/${row.uuid}/nodegroups/${group.uuid}`),
    })
  }),
]
