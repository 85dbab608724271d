/** Cascading deletes. keystone 22.0.2: resource/core.py, _delete_project; identity/core.py, delete_user; federation/core.py. */
import { revokeTokensOf } from './token.ts'
import type { World } from '../../world.ts'

/** Application credentials stay: listed, but useless. */
export function deleteProject(world: World, id: string): void {
  const { state } = world
  state.grants.deleteWhere((grant) => grant.on === 'projects' && grant.targetId === id)
  state.trusts.deleteWhere((trust) => trust.project_id === id)
  state.credentials.deleteWhere((credential) => credential.project_id === id)
  for (const user of state.users.filter((each) => each.default_project_id === id)) {
    state.users.set(user.id, { ...user, default_project_id: undefined })
  }
  state.limits.deleteWhere((limit) => limit.project_id === id)
  state.projects.delete(id)
}

export function deleteUser(world: World, id: string): void {
  const { state } = world
  revokeTokensOf(world, id)
  state.grants.deleteWhere((grant) => grant.actor === 'users' && grant.actorId === id)
  state.memberships.deleteWhere((membership) => membership.userId === id)
  state.trusts.deleteWhere((trust) => trust.trustor_user_id === id || trust.trustee_user_id === id)
  state.applicationCredentials.deleteWhere((credential) => credential.user_id === id)
  state.accessRules.deleteWhere((rule) => rule.user_id === id)
  state.credentials.deleteWhere((credential) => credential.user_id === id)
  state.users.delete(id)
}

export function deleteGroup(world: World, id: string): void {
  const { state } = world
  state.grants.deleteWhere((grant) => grant.actor === 'groups' && grant.actorId === id)
  state.memberships.deleteWhere((membership) => membership.groupId === id)
  state.groups.delete(id)
}

export function deleteRole(world: World, id: string): void {
  const { state } = world
  state.grants.deleteWhere((grant) => grant.roleId === id)
  state.inferences.deleteWhere((inference) => inference.priorId === id || inference.impliedId === id)
  state.applicationCredentials.deleteWhere((credential) => credential.roleIds.includes(id))
  state.roles.delete(id)
}

/** Its domain, its users and the mappings stay. */
export function deleteIdentityProvider(world: World, id: string): void {
  world.state.federationProtocols.deleteWhere(({ idp_id }) => idp_id === id)
  world.state.identityProviders.delete(id)
}
