import {
  deleteKeypair,
  deleteServer,
  deleteServerGroup,
  forceDeleteServer,
  listKeypairs,
  listServerGroups,
  listServers,
} from '../../openstack/nova.ts'
import type { Session } from '../../openstack/session.ts'
import { minute } from '../ownership.ts'
import type { Kind } from '../ownership.ts'
import { askForEach } from '../reach.ts'

export const servers: Kind = {
  kind: 'server',
  stage: 'servers',
  service: 'compute',
  patienceMs: 15 * minute,
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (reach.isWhole
        ? (await listServers(reach.operator, 'everywhere')).filter(({ tenant_id }) => tenant_id === projectId)
        : await listServers(reach.operator, { projectId })
      ).map(({ id, name, user_id, status, locked }) => ({
        id,
        name,
        projectId,
        userId: user_id,
        isGoing: status === 'DELETED',
        // nova 26.2.2, compute/api.py, check_instance_lock
        ...(locked === true ? { onlyOperator: 'it is locked' } : {}),
        // kept for a while, so that it can be restored: `reclaim_instance_interval`
        remove: (session: Session) =>
          status === 'SOFT_DELETED' ? forceDeleteServer(session, id) : deleteServer(session, id),
      })),
    ),
}

export const serverGroups: Kind = {
  kind: 'server group',
  stage: 'servers',
  service: 'compute',
  isGoneAtOnce: true,
  list: async ({ operator, tenantState }) =>
    (await listServerGroups(operator))
      .filter(({ project_id }) => tenantState.projectIds.has(project_id))
      .map(({ id, name, project_id, user_id }) => ({
        id,
        name,
        projectId: project_id,
        userId: user_id,
        remove: (session) => deleteServerGroup(session, id),
      })),
}

/** Of each user: they belong to no project, and are not deleted with their user. */
export const keypairs: Kind = {
  kind: 'keypair',
  stage: 'credentials',
  service: 'compute',
  isGoneAtOnce: true,
  list: async ({ operator, tenantState }) => {
    const each = [...tenantState.userIds].map(async (userId) =>
      (await listKeypairs(operator, { userId })).map(({ name }) => ({
        id: `${userId}/${name}`,
        name,
        userId,
        remove: (session: Session) => deleteKeypair(session, name, session.actor === 'operator' ? { userId } : {}),
      })),
    )
    return (await Promise.all(each)).flat()
  },
}
