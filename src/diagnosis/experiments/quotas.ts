import { listClusters } from '../../openstack/magnum/clusters.ts'
import { clusterNeeds, leastNeeds, projectNeeds, smallestMachine, sumOf } from '../../openstack/magnum/cluster-needs.ts'
import type { ClusterNeeds, MachineSize } from '../../openstack/magnum/cluster-needs.ts'
import { countLoadBalancerParts } from '../../openstack/octavia.ts'
import { quotaTable } from '../../openstack/quotas.ts'
import type { Limits, QuotaService, Usage } from '../../openstack/quotas.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import { shapeOf } from '../../onboarding/cluster-quota.ts'
import { messageOf } from '../../probes/attempt.ts'
import type { Case } from '../case.ts'
import { experiment, need } from '../experiment.ts'
import type { Notes } from '../fact.ts'
import { flavors } from './machines.ts'
import { clusters, unfinished } from './clusters.ts'
import type { StandingProject } from './objects.ts'
import { signedIn } from './identities.ts'

export type Limit = {
  readonly project: StandingProject
  /** `load_balancer`, `instances`: the service's own name. */
  readonly resource: string
  readonly service: QuotaService
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

const readers: Readonly<Record<QuotaService, Reader>> = {
  load_balancer: async ({ on, notes, project }) => {
    const { operator } = on.subject
    const { id } = project.found
    const [quota, usage, parts] = await Promise.all([
      notes.attempt(operator, (session) => quotaTable.load_balancer.read(session, id)),
      notes.attempt(operator, (session) => quotaTable.load_balancer.usage(session, id)),
      notes.attempt(operator, (session) => countLoadBalancerParts(session, id)),
    ])
    for (const one of [quota, usage, parts]) if (one.kind !== 'answered') return `load balancers: ${messageOf(one)}`
    if (quota.kind !== 'answered' || usage.kind !== 'answered' || parts.kind !== 'answered') return []
    const used = { load_balancer: usage.value['load_balancer']?.used ?? 0, ...parts.value }
    // Octavia says `load_balancer` since 2018 and `loadbalancer` beside it, and so with `healthmonitor`
    const limits = Object.fromEntries(
      Object.keys(used).flatMap((key) => {
        const limit = quota.value[key] ?? quota.value[key.replace('_', '')]
        return limit === undefined ? [] : [[key, limit] as const]
      }),
    )
    return room(on, { project, service: 'load_balancer', limits, used })
  },

  compute: (reading) => roomInService('compute', reading),

  network: (reading) => roomInService('network', reading),

  // a cloud may have no Cinder, and a cluster without volumes needs none
  block_storage: async (reading) => {
    const { volumes = 0 } = (await needsOf(reading.on, reading.project)).block_storage
    return volumes === 0 ? [] : roomInService('block_storage', reading)
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

/** Where the service tells limits and usage in one answer. */
async function roomInService(
  service: 'compute' | 'network' | 'block_storage',
  { on, notes, project }: Reading,
): Promise<readonly Limit[]> {
  const usage = await notes.attempt(on.subject.operator, (session) =>
    quotaTable[service].usage(session, project.found.id),
  )
  if (usage.kind !== 'answered') return []
  const rows = Object.entries(usage.value)
  const limits = Object.fromEntries(
    rows.flatMap(([key, { limit }]) => (limit === undefined ? [] : [[key, limit] as const])),
  )
  const used = Object.fromEntries(rows.map(([key, one]) => [key, taken(one)]))
  return room(on, { project, service, limits, used })
}

type Room = Pick<Limit, 'project' | 'service'> & { readonly limits: Limits; readonly used: Limits }

/**
 * What is in use beyond the project's own network counts as made for this cluster already: so the need is the least that
 * there can be, and no other thing in the project makes it look greater.
 */
async function room(on: Case, { project, service, limits, used }: Room): Promise<readonly Limit[]> {
  const needs = (await needsOf(on, project))[service]
  const own = projectNeeds(project.asked.spec.network !== undefined)[service]
  return Object.entries(needs).flatMap(([resource, count]): readonly Limit[] => {
    const [limit, inUse] = [limits[resource], used[resource]]
    if (limit === undefined || inUse === undefined || count === 0) return []
    const made = Math.max(0, inUse - (own[resource] ?? 0))
    return [{ project, service, resource, limit, used: inUse, needed: Math.max(0, count - made) }]
  })
}

/** By the driver of the cluster that is there, or by the least of all drivers. */
async function needsOf(on: Case, { asked, found }: StandingProject): Promise<ClusterNeeds> {
  const shape = shapeOf(asked.spec)
  if (shape === undefined) return sumOf()
  const [size, listed] = await Promise.all([nodeSize(on), clusters(on)])
  const own = listed.kind === 'seen' ? listed.value.filter(({ project }) => project.found.id === found.id) : []
  const stackId = own.find(({ cluster }) => cluster.name === asked.names.cluster)?.cluster.stack_id ?? null
  if (stackId === null) return leastNeeds(shape, size)
  return clusterNeeds(driverOf(stackId) === 'heat' ? 'heat' : 'capi-helm', shape, size)
}

function taken(usage: Usage | undefined): number {
  return usage === undefined ? 0 : usage.used + usage.reserved
}

/** Of one machine, as far as known. An unnamed flavor counts as the minimum of Kubernetes. */
async function nodeSize(on: Parameters<typeof flavors>[0]): Promise<MachineSize> {
  const outcome = await flavors(on)
  const seen = outcome.kind === 'seen' ? outcome.value.wanted.flatMap((one) => one.seen ?? []) : []
  return {
    vcpus: Math.min(...seen.map((flavor) => flavor.vcpus), ...(seen.length === 0 ? [smallestMachine.vcpus] : [])),
    ram: Math.min(...seen.map((flavor) => flavor.ram), ...(seen.length === 0 ? [smallestMachine.ram] : [])),
  }
}
