import { getComputeUsage } from '../../openstack/nova.ts'
import { listClusters } from '../../openstack/magnum/clusters.ts'
import { getClusterQuota } from '../../openstack/magnum/quotas.ts'
import { getNetworkUsage } from '../../openstack/neutron/quotas.ts'
import { getLoadBalancerQuota, listLoadBalancers } from '../../openstack/octavia.ts'
import { messageOf } from '../../probes/claim.ts'
import { experiment, need } from '../experiment.ts'
import { flavors } from './machines.ts'
import { unfinished } from './clusters.ts'
import type { StandingProject } from './objects.ts'
import { signedIn } from './identities.ts'

export type Limit = {
  readonly project: StandingProject
  /** `load_balancer`, `instances`: the service's own name. */
  readonly resource: string
  readonly service: string
  readonly limit: number
  readonly used: number
  /** What the cluster still needs of it, at least. */
  readonly needed: number
}

/** What an incomplete cluster still needs, compared with what its project may still have. */
export const limits = experiment<readonly Limit[]>(
  'limits',
  'does the quota of the project leave room for the cluster?',
  async (on, notes) => {
    const projects = await need(on, unfinished)
    const { operator } = on.subject
    const found = await Promise.all(
      projects.map(async (project): Promise<readonly Limit[]> => {
        const { id } = project.found
        const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
        const [quota, balancers, compute, network, clusterLimit, own, size] = await Promise.all([
          notes.attempt(operator, (session) => getLoadBalancerQuota(session, id)),
          notes.attempt(operator, (session) => listLoadBalancers(session, { project_id: id })),
          notes.attempt(operator, (session) => getComputeUsage(session, id)),
          notes.attempt(operator, (session) => getNetworkUsage(session, id)),
          notes.attempt(operator, (session) => getClusterQuota(session, id)),
          creator === undefined ? undefined : notes.attempt(creator, (session) => listClusters(session)),
          nodeSize(on),
        ])
        const list: Limit[] = []
        const limit = (
          service: string,
          resource: string,
          most: number | undefined,
          used: number,
          needed: number,
        ): void => {
          if (most !== undefined) list.push({ project, service, resource, limit: most, used, needed })
        }
        if (quota.kind === 'answered' && balancers.kind === 'answered') {
          const kept = balancers.value.filter(({ provisioning_status }) => provisioning_status !== 'DELETED').length
          limit('load-balancer', 'load_balancer', loadBalancers(quota.value), kept, kept === 0 ? 1 : 0)
        } else notes.saw(`load balancers: ${messageOf(quota.kind === 'answered' ? balancers : quota)}`)
        if (compute.kind === 'answered') {
          const { master_count = 1, node_count = 1 } = project.asked.spec.cluster ?? {}
          const machines = Math.max(0, master_count + node_count - used(compute.value['instances']))
          limit('compute', 'instances', compute.value['instances']?.limit, used(compute.value['instances']), machines)
          limit('compute', 'cores', compute.value['cores']?.limit, used(compute.value['cores']), machines * size.vcpus)
          limit('compute', 'ram', compute.value['ram']?.limit, used(compute.value['ram']), machines * size.ram)
        }
        if (network.kind === 'answered') {
          const { floatingip } = network.value
          const wants =
            project.asked.spec.template?.floating_ip_enabled === false || (floatingip?.used ?? 0) > 0 ? 0 : 1
          limit('network', 'floatingip', floatingip?.limit, floatingip?.used ?? 0, wants)
        }
        if (clusterLimit.kind === 'answered' && own?.kind === 'answered') {
          const wants = own.value.some(({ name }) => name === project.asked.names.cluster) ? 0 : 1
          limit('container-infra', 'cluster', clusterLimit.value, own.value.length, wants)
        }
        for (const one of list)
          notes.saw(
            `${project.found.name} has ${one.used} of ${one.limit === -1 ? 'any number of' : one.limit} ${one.resource}, and needs ${one.needed} more`,
          )
        return list
      }),
    )
    return found.flat()
  },
)

function used(usage: { readonly in_use: number; readonly reserved: number } | undefined): number {
  return usage === undefined ? 0 : usage.in_use + usage.reserved
}

/** Octavia uses `load_balancer` since 2018 and `loadbalancer` beside it. */
function loadBalancers(quota: Readonly<Record<string, number>>): number | undefined {
  return quota['load_balancer'] ?? quota['loadbalancer']
}

type Size = { readonly vcpus: number; readonly ram: number }

/** Of one machine, as far as known. An unnamed flavor counts as the minimum of Kubernetes. */
async function nodeSize(on: Parameters<typeof flavors>[0]): Promise<Size> {
  const outcome = await flavors(on)
  const seen = outcome.kind === 'seen' ? outcome.value.wanted.flatMap((one) => one.seen ?? []) : []
  return {
    vcpus: Math.min(...seen.map((flavor) => flavor.vcpus), ...(seen.length === 0 ? [2] : [])),
    ram: Math.min(...seen.map((flavor) => flavor.ram), ...(seen.length === 0 ? [2048] : [])),
  }
}
