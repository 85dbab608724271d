/**
 * Credentials of a user. Keystone deletes them with the user; they are deleted before that, by their owner if possible.
 */
import {
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../../openstack/keystone/application-credentials.ts'
import { deleteCredential, listCredentials } from '../../openstack/keystone/credentials.ts'
import { findDomain } from '../../openstack/keystone/domains.ts'
import { deleteTrust, listTrusts } from '../../openstack/keystone/trusts.ts'
import { deleteUser, listUsers } from '../../openstack/keystone/users.ts'
import { trusteeOf } from '../../openstack/magnum/made-names.ts'
import type { Session } from '../../openstack/session.ts'
import type { Kind } from '../ownership.ts'

const common = { stage: 'credentials', service: 'identity', isTakenAlong: true, isGoneAtOnce: true } as const

/** Given by a tenant's user to any user: to Magnum's trustees, to Heat. */
export const trusts: Kind = {
  ...common,
  kind: 'trust',
  list: async ({ operator, tenantState }) =>
    (await listTrusts(operator))
      .filter(({ trustor_user_id }) => tenantState.userIds.has(trustor_user_id))
      .map(({ id, trustor_user_id, project_id }) => ({
        id,
        name: id,
        userId: trustor_user_id,
        ...(project_id === null ? {} : { projectId: project_id }),
        remove: (session) => deleteTrust(session, id),
      })),
}

/** After everything that automation does with its own one. */
export const applicationCredentials: Kind = {
  ...common,
  kind: 'application credential',
  list: async ({ operator, tenantState }) => {
    const each = tenantState.users.map(async (user) =>
      (await listApplicationCredentials(operator, user.id)).map(({ id, name }) => ({
        id,
        name,
        userId: user.id,
        remove: (session: Session) => deleteApplicationCredential(session, user.id, id),
      })),
    )
    return (await Promise.all(each)).flat()
  },
}

/** EC2 keys and other blobs. */
export const storedCredentials: Kind = {
  ...common,
  kind: 'credential',
  list: async ({ operator, tenantState }) => {
    const each = tenantState.users.map(async (user) => listCredentials(operator, { user_id: user.id }))
    return (await Promise.all(each)).flat().map(({ id, type, user_id }) => ({
      id,
      name: `${type} ${id}`,
      userId: user_id,
      remove: (session) => deleteCredential(session, id),
    }))
  },
}

/**
 * In Magnum's own domain, so they survive the tenant. They are found by the project in their name, and deleted before
 * the project.
 */
export const trustees: Kind = {
  kind: 'trustee',
  stage: 'trustees',
  service: 'identity',
  isGoneAtOnce: true,
  list: async ({ operator, tenantState, magnumDomain }) => {
    const domain = await findDomain(operator, magnumDomain)
    if (domain === undefined) return []
    return (await listUsers(operator, { domain_id: domain.id }))
      .filter(({ name }) => tenantState.projectIds.has(trusteeOf(name)?.project ?? ''))
      .map(({ id, name }) => ({ id, name, remove: (session) => deleteUser(session, id) }))
  },
}
