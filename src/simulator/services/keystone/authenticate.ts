/** POST /v3/auth/tokens. keystone 22.0.2, keystone/api/_shared/authentication.py and keystone/auth/core.py. */
import { isDelegated, resolveToken } from './caller.ts'
import { isHashOf } from './hash.ts'
import { isPasswordExpired } from './passwords.ts'
import { isJson, objectAt, textAt, textsAt } from '../../json.ts'
import { hasFix } from '../../../policy/releases/release.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { forbidden, notFound, unauthorized } from './error.ts'
import { Refusal } from '../../refusal.ts'
import { issueToken, renderToken } from './token.ts'
import { rolesOn } from './effective.ts'
import type { ServiceResponse, Call } from '../../service.ts'
import type { ApplicationCredential, Domain, Project, Token, TokenScope, User } from '../../state.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

type Proven = {
  readonly user: User
  readonly methods: readonly string[]
  readonly applicationCredential?: ApplicationCredential
  readonly parent?: Token
}

export function authenticate(call: Call): ServiceResponse {
  const { world } = call
  if (!isJson(call.body) || !isJson(call.body['auth'])) {
    throw new Refusal(
      400,
      'Expecting to find auth in request body. The server could not comply with the request since it is either ' +
        'malformed or otherwise incorrect. The client is assumed to be in error.',
    )
  }
  const auth = call.body['auth']
  if (!isJson(auth['identity'])) throw new Refusal(400, "'identity' is a required property")
  const proven = prove(world, auth['identity'])
  const scope = scopeOf(world, auth, proven)
  const caller = issueToken(world, {
    userId: proven.user.id,
    methods: proven.methods,
    scope,
    applicationCredentialId: proven.applicationCredential?.id,
    parent: proven.parent,
  })
  spendTrust(world, scope)
  const withCatalog = !call.query.has('nocatalog')
  return {
    status: 201,
    body: { token: renderToken(world, caller, { withCatalog }) },
    headers: { 'X-Subject-Token': caller.token.id },
  }
}

function prove(world: World, identity: Json): Proven {
  const methods = textsAt(identity, 'methods')
  const [method] = methods
  switch (method) {
    case 'password':
      return { user: byPassword(world, objectAt(objectAt(identity, 'password'), 'user')), methods: ['password'] }
    case 'token':
      return byToken(world, textAt(objectAt(identity, 'token'), 'id'))
    case 'application_credential':
      return byApplicationCredential(world, objectAt(identity, 'application_credential'))
    case undefined:
    default:
      throw new Refusal(401, `Attempted to authenticate with an unsupported method.`, {
        headers: unauthorized(world).headers,
      })
  }
}

function byPassword(world: World, given: Json): User {
  const user = findUser(world, given)
  const password = textAt(given, 'password')
  if (user === undefined || password === undefined || !isHashOf(user.passwordHash, password)) throw unauthorized(world)
  assertEnabled(world, user)
  if (isPasswordExpired(world, user))
    throw unauthorized(world, `The password is expired and needs to be changed for user: ${user.id}.`)
  return user
}

function assertEnabled(world: World, user: User): void {
  if (!user.enabled || world.state.domains.get(user.domain_id)?.enabled !== true) throw unauthorized(world)
}

function findUser(world: World, given: Json): User | undefined {
  const id = textAt(given, 'id')
  if (id !== undefined) return world.state.users.get(id)
  const name = textAt(given, 'name')
  const domain = findDomain(world, objectAt(given, 'domain'))
  if (name === undefined || domain === undefined) return undefined
  return world.state.users.find((user) => user.name === name && user.domain_id === domain.id)
}

function findDomain(world: World, given: Json): Domain | undefined {
  const id = textAt(given, 'id')
  if (id !== undefined) return world.state.domains.get(id)
  const name = textAt(given, 'name')
  return world.state.domains.find((domain) => domain.name === name)
}

/** keystone 22.0.2-0+deb12u4 refuses any delegated token here; older releases answer as below. */
function byToken(world: World, id: string | undefined): Proven {
  const parent = resolveToken(world, id)
  if (parent.trust !== undefined) {
    throw forbidden('Using trust-scoped token to create another token. Create a new trust-scoped token instead')
  }
  if (isDelegated(parent)) {
    if (hasFix(world.profile.release, 'aug-2026')) {
      throw forbidden('Using a delegated token to create another token is not allowed.')
    }
    if (!isReleaseAtLeast(world.profile, '2025.1')) {
      throw new Refusal(500, 'An unexpected error prevented the server from fulfilling your request.')
    }
  }
  const methods = [...new Set([...parent.token.methods, 'token'])]
  return { user: parent.user, methods, parent: parent.token }
}

function byApplicationCredential(world: World, given: Json): Proven {
  const found = findApplicationCredential(world, given)
  const secret = textAt(given, 'secret')
  if (secret === undefined || !isHashOf(found.secretHash, secret)) throw unauthorized(world)
  if (found.expires_at !== null && Date.parse(`${found.expires_at}Z`) <= world.now()) throw unauthorized(world)
  const user = world.state.users.get(found.user_id)
  if (user === undefined) throw unauthorized(world)
  assertEnabled(world, user)
  return { user, methods: ['application_credential'], applicationCredential: found }
}

function findApplicationCredential(world: World, given: Json): ApplicationCredential {
  const id = textAt(given, 'id')
  if (id !== undefined) {
    const found = world.state.applicationCredentials.get(id)
    if (found === undefined) throw notFound('Application Credential', id)
    return found
  }
  const name = textAt(given, 'name')
  const user = findUser(world, objectAt(given, 'user'))
  if (user === undefined) throw unauthorized(world)
  const found = world.state.applicationCredentials.find((each) => each.user_id === user.id && each.name === name)
  if (found === undefined) throw notFound('Application Credential', name ?? '')
  return found
}

function scopeOf(world: World, auth: Json, proven: Proven): TokenScope {
  const scope = auth['scope']
  if (proven.applicationCredential !== undefined) {
    if (scope !== undefined) {
      const said = 'Error authenticating with application credential: Application credentials cannot request a scope.'
      throw new Refusal(401, said, {
        body: { error: { code: 401, identity: {}, message: said, title: 'Unauthorized' } },
        headers: unauthorized(world).headers,
      })
    }
    const { project_id } = proven.applicationCredential
    return project_id === null ? { kind: 'unscoped' } : { kind: 'project', id: project_id }
  }
  if (isJson(scope)) return askedScope(world, scope, proven)
  const usual = proven.user.default_project_id
  if (scope === undefined && usual !== undefined && proven.parent === undefined)
    return defaultScope(world, proven, usual)
  return { kind: 'unscoped' }
}

function askedScope(world: World, scope: Json, proven: Proven): TokenScope {
  if (isJson(scope['project'])) {
    const project = findProject(world, scope['project'])
    if (project?.enabled !== true) throw unauthorized(world)
    if (world.state.domains.get(project.domain_id)?.enabled !== true) throw unauthorized(world)
    return { kind: 'project', id: project.id }
  }
  if (isJson(scope['domain'])) {
    const domain = findDomain(world, scope['domain'])
    if (domain?.enabled !== true) throw unauthorized(world)
    return { kind: 'domain', id: domain.id }
  }
  if (isJson(scope['system'])) return { kind: 'system' }
  if (isJson(scope['OS-TRUST:trust'])) return trustScope(world, textAt(scope['OS-TRUST:trust'], 'id') ?? '', proven)
  return { kind: 'unscoped' }
}

/** A default project that is no longer valid gives an unscoped token, not a refusal. */
function defaultScope(world: World, proven: Proven, projectId: string): TokenScope {
  const project = world.state.projects.get(projectId)
  const isUsable = project?.enabled === true && world.state.domains.get(project.domain_id)?.enabled === true
  const holds = isUsable && rolesOn(world.state, proven.user.id, 'projects', projectId).length > 0
  return holds ? { kind: 'project', id: projectId } : { kind: 'unscoped' }
}

function findProject(world: World, given: Json): Project | undefined {
  const id = textAt(given, 'id')
  if (id !== undefined) return world.state.projects.get(id)
  const name = textAt(given, 'name')
  const domain = findDomain(world, objectAt(given, 'domain'))
  if (domain === undefined) return undefined
  return world.state.projects.find((project) => project.name === name && project.domain_id === domain.id)
}

function trustScope(world: World, id: string, proven: Proven): TokenScope {
  const trust = world.state.trusts.get(id)
  if (trust === undefined) throw unauthorized(world)
  if (trust.trustee_user_id !== proven.user.id) throw forbidden('User is not a trustee')
  if (trust.expires_at !== null && Date.parse(trust.expires_at) <= world.now()) throw unauthorized(world)
  const project = trust.project_id === null ? undefined : world.state.projects.get(trust.project_id)
  if (project?.enabled === false) throw unauthorized(world)
  return { kind: 'trust', id }
}

function spendTrust(world: World, scope: TokenScope): void {
  if (scope.kind !== 'trust') return
  const trust = world.state.trusts.get(scope.id)
  if (trust === undefined || trust.remaining_uses === null) return
  world.state.trusts.set(trust.id, { ...trust, remaining_uses: trust.remaining_uses - 1 })
}
