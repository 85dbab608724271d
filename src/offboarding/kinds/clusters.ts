/** What Magnum and Heat hold of a tenant. A cluster's servers, ports and load balancers go with it, so it goes first. */
import { hasService } from '../../openstack/has-service.ts'
import { deleteStack, listStacks } from '../../openstack/heat.ts'
import { deleteClusterTemplate, listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import { deleteCluster, listClusters, listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import { minute } from '../ownership.ts'
import type { Kind } from '../ownership.ts'
import { askInside } from '../reach.ts'

export const clusters: Kind = {
  kind: 'cluster',
  stage: 'clusters',
  service: 'container-infra',
  // Magnum asks Heat with the caller's token. By one of another project Heat finds the stack only for who is admin to Heat as
  // well (`context_is_admin`); if not, Magnum takes it for gone and forgets the cluster, and all that the stack made stays.
  // magnum 15.0.1, conductor/handlers/cluster_conductor.py, cluster_delete (HTTPNotFound)
  //
  // As long as there is no stack yet, the same: seen on it, the row goes, and the conductor, in the midst of `cluster_create`, has the
  // stack made all the same and forgets four certificates. So a cluster in the making is waited for.
  within: 'project',
  patienceMs: 60 * minute,
  list: async ({ operator, tenantState }) =>
    (await listClustersInDetail(operator))
      .filter(({ project_id, status }) => tenantState.projectIds.has(project_id) && status !== 'DELETE_COMPLETE')
      .map(({ uuid, name, project_id, user_id, status, status_reason, stack_id }) => ({
        id: uuid,
        name,
        projectId: project_id,
        userId: user_id,
        isGoing: status === 'DELETE_IN_PROGRESS',
        isInMaking: status === 'CREATE_IN_PROGRESS' && stack_id === null,
        ...(status === 'DELETE_FAILED' ? { failure: status_reason ?? 'Magnum does not say why' } : {}),
        remove: (session) => deleteCluster(session, uuid),
      })),
}

export const clusterTemplates: Kind = {
  kind: 'cluster template',
  stage: 'clusters',
  service: 'container-infra',
  maker: 'creator',
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

/** The tenant's own, and what a cluster left: while a cluster stands, its stack is the cluster's. */
export const stacks: Kind = {
  kind: 'stack',
  stage: 'clusters',
  service: 'orchestration',
  maker: 'creator',
  within: 'project',
  patienceMs: 30 * minute,
  list: async (reach) => {
    const hasMagnum = await hasService(reach.operator, 'container-infra')
    const ofClusters = new Set(hasMagnum ? (await listClusters(reach.operator)).map(({ stack_id }) => stack_id) : [])
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
