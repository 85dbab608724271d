import { get, list, send } from './resource-requests.ts'
import type { Session } from './session.ts'
import { inside, listOf, numbers, object, optional, orNull, record, text } from './shape.ts'

export type LoadBalancer = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  /** While it is `PENDING_..` nothing of it can be changed (409). */
  readonly provisioning_status: string
  readonly operating_status: string
  readonly vip_address: string | null
  readonly vip_port_id: string | null
  readonly vip_network_id: string | null
  readonly vip_subnet_id: string | null
  readonly description?: string | undefined
}

const loadBalancer = object<LoadBalancer>({
  id: text,
  name: text,
  project_id: text,
  provisioning_status: text,
  operating_status: text,
  vip_address: orNull(text),
  vip_port_id: orNull(text),
  vip_network_id: orNull(text),
  vip_subnet_id: orNull(text),
  description: optional(text),
})

export function listLoadBalancers(
  session: Session,
  filter: { readonly project_id?: string; readonly name?: string } = {},
): Promise<readonly LoadBalancer[]> {
  const path = '/lbaas/loadbalancers'
  return list(session, { service: 'load-balancer', path, query: filter }, 'loadbalancers', loadBalancer)
}

export function getLoadBalancer(session: Session, id: string): Promise<LoadBalancer> {
  const path = `/lbaas/loadbalancers/${id}`
  return get(session, { service: 'load-balancer', path }, inside('loadbalancer', loadBalancer))
}

export function createLoadBalancer(
  session: Session,
  fields: { readonly name: string; readonly vip_subnet_id: string; readonly description?: string },
): Promise<LoadBalancer> {
  const request = {
    service: 'load-balancer',
    method: 'POST',
    path: '/lbaas/loadbalancers',
    body: { loadbalancer: fields },
  } as const
  return send(session, request, inside('loadbalancer', loadBalancer))
}

/** With all its listeners, pools and members. */
export function deleteLoadBalancer(session: Session, id: string): Promise<void> {
  return send(session, {
    service: 'load-balancer',
    method: 'DELETE',
    path: `/lbaas/loadbalancers/${id}`,
    query: { cascade: true },
  })
}

/** A server that carries a load balancer. Its ports are Octavia's own, in any network that it serves. */
export type Amphora = {
  readonly id: string
  readonly loadbalancer_id: string | null
  readonly compute_id: string | null
  readonly vrrp_port_id: string | null
}

const amphora = object<Amphora>({
  id: text,
  loadbalancer_id: orNull(text),
  compute_id: orNull(text),
  vrrp_port_id: orNull(text),
})

/** For operators only. */
export function listAmphorae(session: Session): Promise<readonly Amphora[]> {
  return list(session, { service: 'load-balancer', path: '/octavia/amphorae' }, 'amphorae', amphora)
}

export type Pool = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly loadbalancers: readonly { readonly id: string }[]
}

const pool = object<Pool>({
  id: text,
  name: text,
  project_id: text,
  loadbalancers: listOf(object<{ readonly id: string }>({ id: text })),
})

/** An operator sees those of all projects. */
export function listPools(session: Session): Promise<readonly Pool[]> {
  return list(session, { service: 'load-balancer', path: '/lbaas/pools' }, 'pools', pool)
}

type LoadBalancerParts = Readonly<Record<'listener' | 'pool' | 'health_monitor' | 'member', number>>

/** How many of each a project has below its balancers: Octavia limits them one by one, and tells no usage. */
export async function countLoadBalancerParts(session: Session, projectId: string): Promise<LoadBalancerParts> {
  const part = object<{ readonly members: readonly unknown[] }>({
    members: (value, at) => optional(listOf(record))(value, at) ?? [],
  })
  const [listeners, pools, monitors] = await Promise.all(
    ['listeners', 'pools', 'healthmonitors'].map((what) =>
      list(session, { service: 'load-balancer', path: `/lbaas/${what}`, query: { project_id: projectId } }, what, part),
    ),
  )
  return {
    listener: listeners?.length ?? 0,
    pool: pools?.length ?? 0,
    health_monitor: monitors?.length ?? 0,
    member: (pools ?? []).reduce((sum, { members }) => sum + members.length, 0),
  }
}

export type PoolMember = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly address: string
  /** The subnet by which the load balancer reaches it, if its maker named one. */
  readonly subnet_id: string | null
}

const member = object<PoolMember>({ id: text, name: text, project_id: text, address: text, subnet_id: orNull(text) })

/** A member of a pool may be in another project's subnet: nothing in Neutron shows it. */
export function listPoolMembers(session: Session, poolId: string): Promise<readonly PoolMember[]> {
  return list(session, { service: 'load-balancer', path: `/lbaas/pools/${poolId}/members` }, 'members', member)
}

/** Limits by resource: `load_balancer`, `listener`, `pool`, `member`, ...; -1 is unlimited. */
export function getLoadBalancerQuota(session: Session, projectId: string): Promise<Readonly<Record<string, number>>> {
  return get(session, { service: 'load-balancer', path: `/lbaas/quotas/${projectId}` }, inside('quota', numbers))
}

/** Changes only the named values. */
export function updateLoadBalancerQuota(
  session: Session,
  projectId: string,
  quota: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const request = {
    service: 'load-balancer',
    method: 'PUT',
    path: `/lbaas/quotas/${projectId}`,
    body: { quota },
  } as const
  return send(session, request, inside('quota', numbers))
}

/** Back to the defaults of the cloud. */
export function deleteLoadBalancerQuota(session: Session, projectId: string): Promise<void> {
  return send(session, { service: 'load-balancer', method: 'DELETE', path: `/lbaas/quotas/${projectId}` })
}
