import type { CloudError } from '../../errors.ts'
import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { listOf, mapOf, number, object, optional, orNull, text } from '../shape.ts'

/** A cluster in a list, which does not show the owner. */
export type ClusterSummary = {
  readonly uuid: string
  readonly name: string
  readonly status: string
  readonly cluster_template_id: string
  /** Null for some seconds after the request. */
  readonly stack_id: string | null
  readonly keypair: string | null
  readonly health_status?: string | undefined
}

const summary = object<ClusterSummary>({
  uuid: text,
  name: text,
  status: text,
  cluster_template_id: text,
  stack_id: orNull(text),
  keypair: orNull(text),
  health_status: optional(text),
})

export type Cluster = ClusterSummary & {
  readonly project_id: string
  readonly user_id: string
  readonly node_count: number
  readonly master_count: number
  readonly status_reason: string | null
  readonly api_address: string | null
  readonly node_addresses: readonly string[]
  readonly master_addresses: readonly string[]
  readonly coe_version?: string | undefined
  readonly health_status_reason: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly fixed_network?: string | undefined
  readonly fixed_subnet?: string | undefined
  readonly created_at?: string | undefined
  readonly updated_at?: string | undefined
  /** Minutes. Cluster API's driver ignores it. */
  readonly create_timeout?: number | undefined
}

const strings = mapOf(text)
const addresses = optional(listOf(text))
const cluster = object<Cluster>({
  uuid: text,
  name: text,
  status: text,
  cluster_template_id: text,
  stack_id: orNull(text),
  keypair: orNull(text),
  health_status: optional(text),
  project_id: text,
  user_id: text,
  node_count: number,
  master_count: number,
  status_reason: (value, at) => orNull(text)(value ?? null, at),
  api_address: (value, at) => orNull(text)(value ?? null, at),
  node_addresses: (value, at) => addresses(value, at) ?? [],
  master_addresses: (value, at) => addresses(value, at) ?? [],
  coe_version: optional(text),
  health_status_reason: (value, at) => optional(strings)(value, at) ?? {},
  labels: (value, at) => optional(strings)(value, at) ?? {},
  fixed_network: optional(text),
  fixed_subnet: optional(text),
  created_at: optional(text),
  updated_at: optional(text),
  create_timeout: optional(number),
})

/**
 * Between the deletion of the node groups and that of the cluster its `master_count` is 0, which Magnum's own answer
 * type refuses: the list and the cluster answer 400 for a moment. Seen on magnum 15.0.1, api/controllers/v1/cluster.py,
 * Cluster.
 */
function isMidDeletion(error: CloudError): boolean {
  return error.status === 400 && error.reason.includes('Invalid input for field/attribute')
}

/**
 * Of the token's project; for an admin, of all. magnum 15.0.1, api/controllers/v1/cluster.py, _get_clusters_collection
 */
export function listClusters(session: Session): Promise<readonly ClusterSummary[]> {
  return list(session, { service: 'container-infra', path: '/clusters', isPassing: isMidDeletion }, 'clusters', summary)
}

/** The same with the owner of each, in one request. */
export function listClustersInDetail(session: Session): Promise<readonly Cluster[]> {
  return list(
    session,
    { service: 'container-infra', path: '/clusters/detail', isPassing: isMidDeletion },
    'clusters',
    cluster,
  )
}

export function getCluster(session: Session, uuid: string): Promise<Cluster> {
  return get(session, { service: 'container-infra', path: `/clusters/${uuid}`, isPassing: isMidDeletion }, cluster)
}

export type ClusterFields = {
  readonly name: string
  readonly cluster_template_id: string
  /** Looked up as the caller: it must belong to the caller. */
  readonly keypair?: string
  readonly node_count?: number
  readonly master_count?: number
  readonly flavor_id?: string
  readonly master_flavor_id?: string
  readonly fixed_network?: string
  readonly fixed_subnet?: string
  readonly floating_ip_enabled?: boolean
  readonly master_lb_enabled?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly merge_labels?: boolean
  /** Minutes. */
  readonly create_timeout?: number
}

/** Returns the uuid. The answer (202) only means that the request was well formed: `getCluster` shows the result. */
export function createCluster(session: Session, fields: ClusterFields): Promise<string> {
  const made = object<{ readonly uuid: string }>({ uuid: text })
  return send(
    session,
    { service: 'container-infra', method: 'POST', path: '/clusters', body: fields },
    (value, at) => made(value, at).uuid,
  )
}

/**
 * Sets the number of workers. The answer (202) comes from the API alone. Unless the cluster is idle the conductor
 * refuses, and only its log says so; so read `node_count` back. magnum 15.0.1, conductor/handlers/cluster_conductor.py,
 * cluster_resize
 */
export async function resizeCluster(session: Session, uuid: string, nodeCount: number): Promise<void> {
  const body = { node_count: nodeCount }
  await send(session, { service: 'container-infra', method: 'POST', path: `/clusters/${uuid}/actions/resize`, body })
}

export function deleteCluster(session: Session, uuid: string): Promise<void> {
  return send(session, { service: 'container-infra', method: 'DELETE', path: `/clusters/${uuid}` })
}
