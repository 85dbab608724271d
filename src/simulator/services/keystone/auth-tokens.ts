/** /v3/auth: checks and revokes tokens, and lists the scopes of a token. keystone 22.0.2, keystone/api/auth.py. */
import { authenticate } from './authenticate.ts'
import { catalogFor } from './catalog.ts'
import { enforce } from './enforcer.ts'
import { link, list, showDomain, showProject } from './serializers.ts'
import { noContent, ok, openRoute, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import { renderToken } from './token.ts'
import { resolveToken } from './caller.ts'
import { rolesOn } from './effective.ts'
import type { Caller } from './caller.ts'
import type { Call, Route } from '../../service.ts'
import type { Project } from '../../state.ts'

function subject(call: Call): Caller {
  const id = call.header('x-subject-token')
  if (id === undefined) throw new Refusal(404, 'No token in the request')
  if (!call.world.state.tokens.has(id)) throw new Refusal(404, 'Could not recognize Fernet token')
  try {
    return resolveToken(call.world, id)
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) throw new Refusal(404, 'Failed to validate token')
    throw error
  }
}

export function projectsOf(call: Call, userId: string): readonly Project[] {
  const { state } = call.world
  return state.projects.filter((project) => rolesOn(state, userId, 'projects', project.id).length > 0)
}

export const authRoutes: readonly Route[] = [
  openRoute('POST', '/v3/auth/tokens', authenticate),
  route('GET', '/v3/auth/tokens', (call) => {
    call.caller()
    const found = subject(call)
    enforce(call, 'identity:validate_token')
    const withCatalog = !call.query.has('nocatalog')
    return {
      status: 200,
      body: { token: renderToken(call.world, found, { withCatalog }) },
      headers: { 'X-Subject-Token': found.token.id },
    }
  }),
  route('DELETE', '/v3/auth/tokens', (call) => {
    call.caller()
    const found = subject(call)
    enforce(call, 'identity:revoke_token')
    call.world.state.tokens.set(found.token.id, { ...found.token, isRevoked: true })
    return noContent
  }),
  route('GET', '/v3/auth/projects', (call) => {
    enforce(call, 'identity:get_auth_projects')
    const rows = projectsOf(call, call.caller().user.id).filter((project) => project.enabled)
    return list(
      call,
      'projects',
      rows.map((row) => showProject(call.world, row)),
    )
  }),
  route('GET', '/v3/auth/domains', (call) => {
    enforce(call, 'identity:get_auth_domains')
    const { state } = call.world
    const userId = call.caller().user.id
    const rows = state.domains.filter((each) => each.enabled && rolesOn(state, userId, 'domains', each.id).length > 0)
    return list(
      call,
      'domains',
      rows.map((row) => showDomain(call.world, row)),
    )
  }),
  route('GET', '/v3/auth/system', (call) => {
    enforce(call, 'identity:get_auth_system')
    const isHeld = rolesOn(call.world.state, call.caller().user.id, 'system', 'system').length > 0
    return ok({ system: isHeld ? [{ all: true }] : [], links: { self: link(call.world, '/auth/system') } })
  }),
  route('GET', '/v3/auth/catalog', (call) => {
    enforce(call, 'identity:get_auth_catalog')
    const links = { self: link(call.world, '/auth/catalog') }
    return ok({ catalog: catalogFor(call.world, call.caller().project?.id), links })
  }),
]
