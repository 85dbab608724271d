import { listTrusts } from '../../openstack/keystone/trusts.ts'
import type { Trust } from '../../openstack/keystone/trusts.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { getNodeGroup, listNodeGroups } from '../../openstack/magnum/node-groups.ts'
import type { NodeGroup } from '../../openstack/magnum/node-groups.ts'
import type { Session } from '../../openstack/session.ts'
import type { Case } from '../case.ts'
import { experiment, need } from '../experiment.ts'
import type { Notes } from '../fact.ts'
import { magnumDomain } from './magnum.ts'
import { clusterProjects, objects } from './objects.ts'
import type { StandingProject } from './objects.ts'
import { signedIn } from './identities.ts'

export type StandingCluster = { readonly project: StandingProject; readonly cluster: Cluster }

/** Every cluster in the tenant's projects, whatever its maker and its name. */
export const clusters = experiment<readonly StandingCluster[]>(
  'clusters',
  'which clusters are there, and in which state?',
  async (on, notes) => {
    const projects = await need(on, clusterProjects)
    const lists = await Promise.all(projects.map((project) => clustersIn(on, notes, project)))
    const found = lists.flat()
    for (const { cluster } of found) {
      const reason = cluster.status_reason === null ? '' : `: ${cluster.status_reason}`
      notes.saw(`cluster ${cluster.name} ${cluster.uuid} is ${cluster.status}${reason}`)
    }
    return found
  },
)

export type StandingGroup = { readonly standing: StandingCluster; readonly group: NodeGroup }

/** Their states are not that of the cluster: a group may have failed for ever below CREATE_COMPLETE. */
export const nodeGroups = experiment<readonly StandingGroup[]>(
  'node-groups',
  'in which state are the groups of machines of each cluster?',
  async (on, notes) => {
    const all = await need(on, clusters)
    const lists = await Promise.all(
      all.map(async (standing): Promise<readonly StandingGroup[]> => {
        const { cluster, project } = standing
        const session: Session =
          (await signedIn(on, notes, { actor: 'creator', project: project.asked })) ?? on.subject.operator
        const listed = await notes.read(session, (own) => listNodeGroups(own, cluster.uuid))
        return Promise.all(
          listed.map(async (group) => {
            // a list has no reasons
            const isFailed = group.status.endsWith('_FAILED')
            const detail = isFailed
              ? await notes.read(session, (own) => getNodeGroup(own, cluster.uuid, group.uuid))
              : group
            notes.saw(
              `node group ${group.name} of ${cluster.name} is ${group.status}, with ${group.node_count} machines`,
            )
            return { standing, group: detail }
          }),
        )
      }),
    )
    return lists.flat()
  },
)

async function clustersIn(on: Case, notes: Notes, project: StandingProject): Promise<readonly StandingCluster[]> {
  const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
  if (creator !== undefined) {
    const listed = await notes.attempt(creator, (session) => listClustersInDetail(session))
    if (listed.kind === 'answered') return listed.value.map((cluster) => ({ project, cluster }))
  }
  const all = await notes.read(on.subject.operator, (session) => listClustersInDetail(session))
  return all.filter(({ project_id }) => project_id === project.found.id).map((cluster) => ({ project, cluster }))
}

/**
 * Does a project that should have a cluster still lack a complete one? Only then the problems of the next one matter.
 * If Magnum lists none, the evidence of earlier runs counts.
 */
export const unfinished = experiment<readonly StandingProject[]>(
  'unfinished',
  'which projects still lack their cluster?',
  async (on) => {
    const [projects, listed] = await Promise.all([need(on, clusterProjects), clusters(on)])
    const wanting = projects.filter(({ asked }) => asked.spec.cluster !== undefined)
    if (listed.kind !== 'seen') return wasComplete(on) ? [] : wanting
    return wanting.filter(({ asked, found }) => {
      const own = listed.value.filter(({ project }) => project.found.id === found.id)
      return !own.some(({ cluster }) => cluster.name === asked.names.cluster && cluster.status.endsWith('_COMPLETE'))
    })
  },
)

function wasComplete({ subject }: Case): boolean {
  const last = subject.evidence.findLast((record) => record.kind === 'gate' && record.stage === 'cluster')
  return last?.kind === 'gate' && last.gate === 'complete' && last.ok
}

export type Delegation = {
  readonly standing: StandingCluster
  readonly trustee: User | undefined
  readonly trusts: readonly Trust[]
  /** The account that requested the cluster. */
  readonly maker: User | undefined
}

/**
 * For each failed cluster, do its trustee and its trust exist? The error text is the same for both. The trustee is
 * called `<cluster>_<project>`: magnum 15.0.1, conductor/handlers/common/trust_manager.py, create_trustee_and_trust
 */
export const delegations = experiment<readonly Delegation[]>(
  'delegations',
  'do the failed clusters have a trustee and a trust?',
  async (on, notes) => {
    const { operator } = on.subject
    const [all, { users }, { domain }] = await Promise.all([
      need(on, clusters),
      need(on, objects),
      need(on, magnumDomain),
    ])
    const failed = all.filter(({ cluster }) => cluster.status === 'CREATE_FAILED')
    if (failed.length === 0) return []
    // only the trustee itself may list with a filter on the trustee
    const trustsThere = notes.read(operator, (session) => listTrusts(session))
    return Promise.all(
      failed.map(async (standing): Promise<Delegation> => {
        const { cluster, project } = standing
        const name = `${cluster.uuid}_${project.found.id}`
        const [named, trusts] = await Promise.all([
          domain === undefined
            ? []
            : notes.read(operator, (session) => listUsers(session, { domain_id: domain.id, name })),
          trustsThere,
        ])
        const [trustee] = named
        const toIt = trusts.filter(({ trustee_user_id }) => trustee_user_id === trustee?.id)
        const maker = users.find(({ id }) => id === cluster.user_id)
        notes.saw(
          `cluster ${cluster.name} was requested by ${maker?.name ?? cluster.user_id}; its trustee is ${there(trustee !== undefined)}, a trust to it is ${there(toIt.length > 0)}`,
        )
        return { standing, trustee, trusts: toIt, maker }
      }),
    )
  },
)

function there(is: boolean): string {
  return is ? 'there' : 'not there'
}
