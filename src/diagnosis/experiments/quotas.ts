import { listClusters } from '../../openstack/magnum/clusters.ts'
import { quotaTable } from '../../openstack/quotas.ts'
import type { QuotaService, Usage } from '../../openstack/quotas.ts'
import { messageOf } from '../../probes/attempt.ts'
import type { Case } from '../case.ts'
import { experiment, need } from '../experiment.ts'
import type { Notes } from '../fact.ts'
import { flavors } from './machines.ts'
import { unfinished } from './clusters.ts'
import type { StandingProject } from './objects.ts'
import { signedIn } from './identities.ts'

/** The services of which a cluster takes something. Of volumes it takes what labels of its template ask for, which are not read. */
export type ClusterQuota = Exclude<QuotaService, 'block_storage'>

export type Limit = {
  readonly project: StandingProject
  /** `load_balancer`, `instances`: the service's own name. */
  readonly resource: string
  readonly service: ClusterQuota
  readonly limit: number
  readonly used: number
  /** What the cluster still needs of it, at least. */
  readonly needed: number
}

export function isMet({ limit, used, needed }: Limit): boolean {
  return limit >= 0 && used + needed > limit
}

/** What an incomplete cluster still needs, compared with what its project may still have. */
export const limits = experiment<readonly Limit[]>(
  'limits',
  'does the quota of the project leave room for the cluster?',
  async (on, notes) => {
    const projects = await need(on, unfinished)
    const found = await Promise.all(
      projects.map(async (project): Promise<readonly Limit[]> => {
        const read = await Promise.all(Object.values(readers).map((reader) => reader({ on, notes, project })))
        for (const one of read) if (typeof one === 'string') notes.saw(one)
        const list = read.flatMap((one) => (typeof one === 'string' ? [] : one))
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

type Reading = { readonly on: Case; readonly notes: Notes; readonly project: StandingProject }

/** What is limited there and taken by a cluster; or why that could not be read, where it is worth a note. */
type Reader = (reading: Reading) => Promise<readonly Limit[] | string>

const readers: Readonly<Record<ClusterQuota, Reader>> = {
  load_balancer: async ({ on: { subject }, notes, project }) => {
    const { id } = project.found
    const [quota, usage] = await Promise.all([
      notes.attempt(subject.operator, (session) => quotaTable.load_balancer.read(session, id)),
      notes.attempt(subject.operator, (session) => quotaTable.load_balancer.usage(session, id)),
    ])
    if (quota.kind !== 'answered') return `load balancers: ${messageOf(quota)}`
    if (usage.kind !== 'answered') return `load balancers: ${messageOf(usage)}`
    const used = usage.value['load_balancer']?.used ?? 0
    // Octavia says `load_balancer` since 2018 and `loadbalancer` beside it
    const limit = quota.value['load_balancer'] ?? quota.value['loadbalancer']
    if (limit === undefined) return []
    return [{ project, service: 'load_balancer', resource: 'load_balancer', limit, used, needed: used === 0 ? 1 : 0 }]
  },

  compute: async ({ on, notes, project }) => {
    const [size, usage] = await Promise.all([
      nodeSize(on),
      notes.attempt(on.subject.operator, (session) => quotaTable.compute.usage(session, project.found.id)),
    ])
    if (usage.kind !== 'answered') return []
    const { master_count = 1, node_count = 1 } = project.asked.spec.cluster ?? {}
    const machines = Math.max(0, master_count + node_count - taken(usage.value['instances']))
    const each = { instances: 1, cores: size.vcpus, ram: size.ram }
    return Object.entries(each).flatMap(([resource, share]): readonly Limit[] => {
      const one = usage.value[resource]
      if (one?.limit === undefined) return []
      return [{ project, service: 'compute', resource, limit: one.limit, used: taken(one), needed: machines * share }]
    })
  },

  network: async ({ on: { subject }, notes, project }) => {
    const usage = await notes.attempt(subject.operator, (session) =>
      quotaTable.network.usage(session, project.found.id),
    )
    if (usage.kind !== 'answered') return []
    const { floatingip } = usage.value
    if (floatingip?.limit === undefined) return []
    const { limit, used } = floatingip
    const needed = project.asked.spec.template?.floating_ip_enabled === false || used > 0 ? 0 : 1
    return [{ project, service: 'network', resource: 'floatingip', limit, used, needed }]
  },

  container_infra: async ({ on, notes, project }) => {
    const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
    const [quota, own] = await Promise.all([
      notes.attempt(on.subject.operator, (session) => quotaTable.container_infra.read(session, project.found.id)),
      // an operator sees the clusters of all only while Magnum's own domain admin can sign in
      creator === undefined ? undefined : notes.attempt(creator, (session) => listClusters(session)),
    ])
    const limit = quota.kind === 'answered' ? quota.value['cluster'] : undefined
    if (limit === undefined || own?.kind !== 'answered') return []
    const needed = own.value.some(({ name }) => name === project.asked.names.cluster) ? 0 : 1
    return [{ project, service: 'container_infra', resource: 'cluster', limit, used: own.value.length, needed }]
  },
}

function taken(usage: Usage | undefined): number {
  return usage === undefined ? 0 : usage.used + usage.reserved
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
