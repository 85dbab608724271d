/**
 * Resources in Magnum and Heat. Deleting a cluster deletes its servers, ports and load balancers, so clusters come
 * first.
 */
import { hasService } from '../../openstack/has-service.ts'
import { deleteStack, listStacks } from '../../openstack/heat.ts'
import { deleteClusterTemplate, listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import { deleteCluster, listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { listNodeGroups } from '../../openstack/magnum/node-groups.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import { minute } from '../ownership.ts'
import type { Kind } from '../ownership.ts'
import { askInside } from '../reach.ts'

export const clusters: Kind = {
  kind: 'cluster',
  stage: 'clusters',
  service: 'container-infra',
  // Magnum asks Heat with the caller's token. With a token of another project, Heat shows the stack only to an admin of
  // Heat (`context_is_admin`). Otherwise Magnum takes the stack for deleted and forgets the cluster, and everything
  // that the stack made stays. magnum 15.0.1, conductor/handlers/cluster_conductor.py, cluster_delete (HTTPNotFound)
  //
  // The same happens before there is a stack: the row is deleted, and the conductor, in the middle of `cluster_create`,
  // still makes the stack and forgets four certificates (seen). So a cluster that is being made is waited for.
  within: 'project',
  patienceMs: 60 * minute,
  list: async ({ operator, tenantState }) => {
    const own = (await listClustersInDetail(operator)).filter(
      ({ project_id, status }) => tenantState.projectIds.has(project_id) && status !== 'DELETE_COMPLETE',
    )
    return Promise.all(
      own.map(async (cluster) => {
        const { uuid, name, project_id, user_id, status, status_reason } = cluster
        return {
          id: uuid,
          name,
          projectId: project_id,
          userId: user_id,
          isGoing: status === 'DELETE_IN_PROGRESS',
          isInMaking: await isInMaking(operator, cluster),
          ...(status === 'DELETE_FAILED' ? { failure: status_reason ?? 'Magnum does not say why' } : {}),
          remove: (session: Session) => deleteCluster(session, uuid),
        }
      }),
    )
  },
}

/**
 * Whether the conductor is still inside of the driver's `create_cluster`. magnum-capi-helm gives the cluster its `stack_id`
 * before it makes namespace, credential, Secrets and release; the node groups get it when all of them are asked for
 * (magnum 15.0.1, conductor/handlers/cluster_conductor.py, cluster_create, and seen).
 */
async function isInMaking(operator: Session, { uuid, status, stack_id }: Cluster): Promise<boolean> {
  if (status !== 'CREATE_IN_PROGRESS') return false
  if (stack_id === null) return true
  try {
    return (await listNodeGroups(operator, uuid)).some((group) => group.stack_id === null)
  } catch (error) {
    // gone meanwhile
    if (refusalOf(error) === 404) return false
    throw error
  }
}

export const clusterTemplates: Kind = {
  kind: 'cluster template',
  stage: 'clusters',
  service: 'container-infra',
  maker: 'creator',
  isGoneAtOnce: true,
  list: async ({ operator, tenantState }) =>
    (await listClusterTemplates(operator))
      .filter(({ project_id }) => tenantState.projectIds.has(project_id))
      .map(({ uuid, name, project_id, user_id }) => ({
        id: uuid,
        name: name ?? uuid,
        projectId: project_id,
        userId: user_id,
        remove: (session) => deleteClusterTemplate(session, uuid),
      })),
}

/** The tenant's own, and what a cluster left. While a cluster exists, its stack belongs to it. */
export const stacks: Kind = {
  kind: 'stack',
  stage: 'clusters',
  service: 'orchestration',
  maker: 'creator',
  within: 'project',
  patienceMs: 30 * minute,
  list: async (reach) => {
    const hasMagnum = await hasService(reach.operator, 'container-infra')
    const ofClusters = new Set(
      hasMagnum ? (await listClustersInDetail(reach.operator)).map(({ stack_id }) => stack_id) : [],
    )
    return askInside(reach, stacks, async (session, project) =>
      (await listStacks(session))
        .filter(({ id, stack_status }) => stack_status !== 'DELETE_COMPLETE' && !ofClusters.has(id))
        .map((stack) => ({
          id: stack.id,
          name: stack.stack_name,
          projectId: project.id,
          isGoing: stack.stack_status === 'DELETE_IN_PROGRESS',
          ...(stack.stack_status === 'DELETE_FAILED'
            ? { failure: stack.stack_status_reason ?? 'Heat does not say why' }
            : {}),
          remove: (inside) => deleteStack(inside, stack),
        })),
    )
  },
}
