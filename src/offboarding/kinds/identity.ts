/** Keystone's own objects: everything with the id of one of these is deleted by now. */
import { renderAssignment } from '../../onboarding/assignment.ts'
import { deleteDomain, findDomain, updateDomain } from '../../openstack/keystone/domains.ts'
import {
  deleteFederationProtocol,
  deleteIdentityProvider,
  deleteMapping,
  listFederationProtocols,
  listIdentityProviders,
  listMappings,
} from '../../openstack/keystone/federation.ts'
import type { IdentityProvider } from '../../openstack/keystone/federation.ts'
import { deleteGrant } from '../../openstack/keystone/grants.ts'
import type { Grant } from '../../openstack/keystone/grants.ts'
import { deleteGroup, listGroups } from '../../openstack/keystone/groups.ts'
import { deleteProject, listProjects } from '../../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../../openstack/keystone/role-assignments.ts'
import { deleteRole, listRoles } from '../../openstack/keystone/roles.ts'
import { deleteUser, listUsers } from '../../openstack/keystone/users.ts'
import type { Session } from '../../openstack/session.ts'
import type { Federation } from '../federation.ts'
import type { Kind } from '../ownership.ts'
import type { TenantState } from '../tenant-state.ts'

const common = { stage: 'identity', service: 'identity', isGoneAtOnce: true } as const

/** All roles of the tenant's users, and all roles on the tenant's projects and domain. */
export const grants: Kind = {
  ...common,
  kind: 'grant',
  isTakenAlong: true,
  list: async ({ operator, tenantState }) =>
    (await listRoleAssignments(operator, { includesNames: true }))
      .filter((assignment) => isOfTenant(tenantState, assignment))
      .flatMap((assignment) => {
        const grant = grantOf(assignment)
        if (grant === undefined) return []
        const holder = assignment.user ?? assignment.group
        return [
          {
            id: JSON.stringify(grant),
            name: `${renderAssignment(assignment)} to ${holder?.name ?? holder?.id ?? ''}`,
            remove: (session) => deleteGrant(session, grant),
          },
        ]
      }),
}

export function isOfTenant({ domain, userIds, projectIds, groups }: TenantState, assignment: RoleAssignment): boolean {
  const { user, group, scope } = assignment
  return (
    (user !== undefined && userIds.has(user.id)) ||
    (group !== undefined && groups.some(({ id }) => id === group.id)) ||
    (scope.project !== undefined && projectIds.has(scope.project.id)) ||
    (scope.domain !== undefined && scope.domain.id === domain?.id)
  )
}

function grantOf({ role, user, group, scope }: RoleAssignment): Grant | undefined {
  const isInherited = scope['OS-INHERIT:inherited_to'] !== undefined
  const to =
    user !== undefined ? ({ kind: 'user', id: user.id } as const) : group && ({ kind: 'group', id: group.id } as const)
  const on =
    scope.project !== undefined
      ? ({ kind: 'project', id: scope.project.id, isInherited } as const)
      : scope.domain !== undefined
        ? ({ kind: 'domain', id: scope.domain.id, isInherited } as const)
        : ({ kind: 'system' } as const)
  return to && { roleId: role.id, to, on }
}

/*
 * A mapping first: once its provider is gone, nothing shows whose it was. keystone 22.0.2, federation/core.py: neither
 * ends with the other, but a provider ends with its domain, and its protocols with it.
 */

export const mappings: Kind = {
  ...common,
  kind: 'mapping',
  list: async ({ operator, tenantState }) => {
    if (tenantState.federation.mappings.length === 0) return []
    const standing = new Set((await listMappings(operator)).map(({ id }) => id))
    return tenantState.federation.mappings
      .filter((id) => standing.has(id))
      .map((id) => ({ id, name: id, remove: (session) => deleteMapping(session, id) }))
  },
}

export const federationProtocols: Kind = {
  ...common,
  kind: 'federation protocol',
  list: async ({ operator, tenantState: { federation } }) => {
    const each = await providersOf(operator, federation)
    const protocols = each.map(async ({ id: providerId }) =>
      (await listFederationProtocols(operator, providerId)).map(({ id }) => ({
        id: `${providerId}/${id}`,
        name: `${id} of ${providerId}`,
        remove: (session: Session) => deleteFederationProtocol(session, providerId, id),
      })),
    )
    return (await Promise.all(protocols)).flat()
  },
}

export const identityProviders: Kind = {
  ...common,
  kind: 'identity provider',
  list: async ({ operator, tenantState: { federation } }) =>
    (await providersOf(operator, federation)).map(({ id }) => ({
      id,
      name: id,
      remove: (session) => deleteIdentityProvider(session, id),
    })),
}

async function providersOf(operator: Session, { providers }: Federation): Promise<readonly IdentityProvider[]> {
  if (providers.length === 0) return []
  return (await listIdentityProviders(operator)).filter(({ id }) => providers.some((one) => one.id === id))
}

export const users: Kind = {
  ...common,
  kind: 'user',
  list: async ({ operator, tenantState: { domain, hasOwnDirectory } }) =>
    domain === undefined || hasOwnDirectory
      ? []
      : (await listUsers(operator, { domain_id: domain.id })).map(({ id, name }) => ({
          id,
          name,
          remove: (session) => deleteUser(session, id),
        })),
}

export const groups: Kind = {
  ...common,
  kind: 'group',
  list: async ({ operator, tenantState: { domain, hasOwnDirectory } }) =>
    domain === undefined || hasOwnDirectory
      ? []
      : (await listGroups(operator, { domain_id: domain.id })).map(({ id, name }) => ({
          id,
          name,
          remove: (session) => deleteGroup(session, id),
        })),
}

/** Roles that belong to the domain; they are not deleted with it. keystone 22.0.2, resource/core.py, delete_domain */
export const domainRoles: Kind = {
  ...common,
  kind: 'role of the domain',
  list: async ({ operator, tenantState: { domain } }) =>
    domain === undefined
      ? []
      : (await listRoles(operator, { domain_id: domain.id })).map(({ id, name }) => ({
          id,
          name,
          remove: (session) => deleteRole(session, id),
        })),
}

/** Keystone only deletes leaves, so a parent project is listed once its children are gone. */
export const projects: Kind = {
  stage: 'identity',
  service: 'identity',
  kind: 'project',
  list: async ({ operator, tenantState: { domain } }) => {
    if (domain === undefined) return []
    const standing = await listProjects(operator, { domain_id: domain.id })
    const parents = new Set(standing.map(({ parent_id }) => parent_id))
    return standing
      .filter(({ id }) => !parents.has(id))
      .map(({ id, name }) => ({ id, name, remove: (session) => deleteProject(session, id) }))
  },
}

export const domains: Kind = {
  ...common,
  kind: 'domain',
  list: async ({ operator, tenantState: { domain } }) => {
    if (domain === undefined) return []
    const standing = await findDomain(operator, domain.name)
    // another object of the same name is not the one that was shown
    if (standing?.id !== domain.id) return []
    return [
      {
        id: domain.id,
        name: domain.name,
        remove: async (session) => {
          await updateDomain(session, domain.id, { enabled: false })
          await deleteDomain(session, domain.id)
        },
      },
    ]
  },
}
