/**
 * The caller: a token looked up, and everything behind it looked up again. A Fernet token has only ids, so a removed
 * role is gone at once. keystone 22.0.2, keystone/models/token_model.py, TokenModel.mint.
 */
import { impliedClosure, rolesOn } from './effective.ts'
import { forbiddenSilently, notFound, unauthorized } from './error.ts'
import { Refusal } from '../../refusal.ts'
import type { ApplicationCredential, Domain, Project, Role, State, Token, Trust, User } from '../../state.ts'
import type { World } from '../../world.ts'

export type Caller = {
  readonly token: Token
  /** The user with the authority: the trustor, for a trust with impersonation. */
  readonly user: User
  readonly userDomain: Domain
  readonly project: Project | undefined
  readonly projectDomain: Domain | undefined
  readonly domain: Domain | undefined
  readonly isSystem: boolean
  readonly roles: readonly Role[]
  readonly trust: Trust | undefined
  readonly applicationCredential: ApplicationCredential | undefined
}

/** Application credentials, OAuth1 and EC2 are delegations by their method. keystone/common/delegation.py. */
export function isDelegated(caller: Caller): boolean {
  return caller.token.methods.some((method) => ['application_credential', 'oauth1', 'ec2credential'].includes(method))
}

const resolved = new WeakMap<Token, { readonly version: number; readonly caller: Caller }>()

export function resolveToken(world: World, id: string | undefined): Caller {
  const token = id === undefined ? undefined : world.state.tokens.get(id)
  if (token === undefined || token.expiresAt <= world.now()) throw unauthorized(world)
  const version = identityVersion(world.state)
  const known = resolved.get(token)
  if (known?.version === version) return known.caller
  const caller = mint(world, token)
  if (token.isRevoked || token.issuedAt <= (world.state.users.get(token.userId)?.tokensEndedAt ?? -1))
    throw unauthorized(world)
  resolved.set(token, { version, caller })
  return caller
}

function identityVersion(state: State): number {
  const { users, projects, domains, roles, grants, groups, memberships, inferences, trusts } = state
  return [
    users,
    projects,
    domains,
    roles,
    grants,
    groups,
    memberships,
    inferences,
    trusts,
    state.applicationCredentials,
  ]
    .map((table) => table.version)
    .reduce((sum, version) => sum + version, 0)
}

/** Throws Keystone's answer to the token's holder; the middleware of other services turns it into a 401. */
export function mint(world: World, token: Token): Caller {
  const { state } = world
  const trust = token.scope.kind === 'trust' ? state.trusts.get(token.scope.id) : undefined
  if (token.scope.kind === 'trust' && trust === undefined) throw unauthorized(world)
  const bearer = state.users.get(token.userId)
  const user = trust?.impersonation === true ? state.users.get(trust.trustor_user_id) : bearer
  if (bearer === undefined || user === undefined) throw unauthorized(world)

  const projectId = token.scope.kind === 'project' ? token.scope.id : (trust?.project_id ?? undefined)
  const project = projectId === undefined ? undefined : state.projects.get(projectId)
  if (projectId !== undefined && project === undefined) throw notFound('project', projectId)
  const projectDomain = project === undefined ? undefined : domainOf(state, project.domain_id)
  if (project?.enabled === false) throw disabled('project', project.id)
  if (projectDomain?.enabled === false) throw disabled('domain', projectDomain.id)
  const domain = token.scope.kind === 'domain' ? domainOf(state, token.scope.id) : undefined

  if (trust !== undefined) checkTrust(state, trust)
  const userDomain = domainOf(state, user.domain_id)
  if (!userDomain.enabled) throw disabled('domain', userDomain.id)
  if (!bearer.enabled) throw unauthorized(world)

  const applicationCredential =
    token.applicationCredentialId === undefined
      ? undefined
      : state.applicationCredentials.get(token.applicationCredentialId)
  if (token.applicationCredentialId !== undefined && applicationCredential === undefined) throw unauthorized(world)

  const roles = rolesOf(state, token, trust, applicationCredential)
  if (token.scope.kind !== 'unscoped' && trust === undefined && roles.length === 0) throw unauthorized(world)
  return {
    token,
    user,
    userDomain,
    project,
    projectDomain,
    domain,
    isSystem: token.scope.kind === 'system',
    roles,
    trust,
    applicationCredential,
  }
}

function rolesOf(
  state: State,
  token: Token,
  trust: Trust | undefined,
  applicationCredential: ApplicationCredential | undefined,
): readonly Role[] {
  switch (token.scope.kind) {
    case 'unscoped':
      return []
    case 'system':
      return rolesOn(state, token.userId, 'system', 'system')
    case 'domain':
      return rolesOn(state, token.userId, 'domains', token.scope.id)
    case 'trust':
      return trust === undefined ? [] : trustRoles(state, trust)
    case 'project': {
      const roles = rolesOn(state, token.userId, 'projects', token.scope.id)
      if (applicationCredential === undefined) return roles
      return roles.filter((role) => applicationCredential.roleIds.includes(role.id))
    }
  }
}

/** All roles of a trust, or a refusal if its trustor no longer holds every one. */
function trustRoles(state: State, trust: Trust): readonly Role[] {
  const delegated = impliedClosure(state, trust.roleIds)
  if (trust.project_id === null) return []
  const held = rolesOn(state, trust.trustor_user_id, 'projects', trust.project_id, { withDomainSpecific: true })
  const heldIds = new Set(held.map((role) => role.id))
  if (delegated.some((role) => !heldIds.has(role.id))) throw forbiddenSilently()
  return delegated
}

function checkTrust(state: State, trust: Trust): void {
  const trustor = state.users.get(trust.trustor_user_id)
  if (trustor === undefined) throw forbiddenSilently()
  if (!domainOf(state, trustor.domain_id).enabled) throw new Refusal(404, 'Trustor domain is disabled.')
  if (!trustor.enabled) throw forbiddenSilently()
}

function domainOf(state: State, id: string): Domain {
  const domain = state.domains.get(id)
  if (domain === undefined) throw notFound('domain', id)
  return domain
}

function disabled(kind: string, id: string): Refusal {
  return new Refusal(404, `Unable to validate token because ${kind} ${id} is disabled`)
}
