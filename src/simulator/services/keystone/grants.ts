/**
 * Grants on projects, domains and the system, direct and inherited. The ids are looked up before the policy check, so a
 * missing one is 404 even to a caller who would be refused. keystone 22.0.2: api/projects.py, api/domains.py,
 * api/os_inherit.py and api/system.py.
 */
import { enforce } from './enforcer.ts'
import { findDomain } from './domains.ts'
import { findGroup } from './groups.ts'
import { findProject, projectTarget } from './projects.ts'
import { findRole } from './roles.ts'
import { findUser, userTarget } from './users.ts'
import { list, showRole } from './serializers.ts'
import { noContent, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import { textAt } from '../../json.ts'
import type { Call, Method, Route } from '../../service.ts'
import type { Grant, Role } from '../../state.ts'
import type { Json } from '../../json.ts'

/** One kind of grant: its scope and its grantee. */
type Kind = {
  readonly on: 'projects' | 'domains' | 'system'
  readonly actor: 'users' | 'groups'
  readonly isInherited: boolean
}

export function grantKey(grant: Grant): string {
  const { actor, actorId, on, targetId, roleId, isInherited } = grant
  return `${actor}/${actorId}/${on}/${targetId}/${roleId}${isInherited ? '/inherited' : ''}`
}

function idsOf(call: Call, kind: Kind): { readonly actorId: string; readonly targetId: string } {
  return {
    actorId: param(call, kind.actor === 'users' ? 'user_id' : 'group_id'),
    targetId: kind.on === 'system' ? 'system' : param(call, kind.on === 'projects' ? 'project_id' : 'domain_id'),
  }
}

/** Keystone ignores a missing user or group only when a grant is revoked. */
function targetOf(call: Call, kind: Kind, mayMissActor: boolean): Json {
  const { actorId, targetId } = idsOf(call, kind)
  const roleId = textAt(call.params, 'role_id')
  return {
    ...(roleId === undefined ? {} : { role: findRole(call, roleId) }),
    ...actorTarget(call, kind, actorId, mayMissActor),
    ...(kind.on === 'projects' ? { project: projectTarget(call, targetId) ?? findProject(call, targetId) } : {}),
    ...(kind.on === 'domains' ? { domain: findDomain(call, targetId) } : {}),
  }
}

function actorTarget(call: Call, kind: Kind, id: string, mayMiss: boolean): Json {
  const { users, groups } = call.world.state
  if (kind.actor === 'users') {
    if (mayMiss && !users.has(id)) return {}
    return { user: userTarget(findUser(call, id)) }
  }
  if (mayMiss && !groups.has(id)) return {}
  return { group: findGroup(call, id) }
}

/** `identity:create_grant`, or for the system `identity:create_system_grant_for_user`. */
function ruleFor(kind: Kind, verb: string): string {
  if (kind.on !== 'system') return verb === 'list' ? 'identity:list_grants' : `identity:${verb}_grant`
  const whose = kind.actor === 'users' ? 'user' : 'group'
  return verb === 'list' ? `identity:list_system_grants_for_${whose}` : `identity:${verb}_system_grant_for_${whose}`
}

function grantOf(call: Call, kind: Kind): Grant {
  return { ...kind, ...idsOf(call, kind), roleId: param(call, 'role_id') }
}

function missing(grant: Grant): Refusal {
  return new Refusal(
    404,
    `Could not find role assignment with role: ${grant.roleId}, user or group: ${grant.actorId}, ` +
      `project, domain, or system: ${grant.targetId}.`,
  )
}

/** Keystone compares the domain of a role with that of a project alone: a grant on another domain is taken. keystone 22.0.2, assignment/core.py. */
function assertAssignable(call: Call, on: Kind['on'], targetId: string, role: Role): void {
  if (role.domain_id === null) return
  if (on === 'system')
    throw new Refusal(
      400,
      `Role ${role.id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.`,
    )
  if (on === 'projects' && call.world.state.projects.get(targetId)?.domain_id !== role.domain_id)
    throw new Refusal(403, `Project ${targetId} must be in the same domain as the role ${role.id} being assigned.`)
}

function routesOf(kind: Kind): readonly Route[] {
  const prefix = kind.isInherited ? '/v3/OS-INHERIT' : '/v3'
  const suffix = kind.isInherited ? '/inherited_to_projects' : ''
  const where = { projects: '/projects/:project_id', domains: '/domains/:domain_id', system: '/system' }[kind.on]
  const whose = kind.actor === 'users' ? '/users/:user_id' : '/groups/:group_id'
  const base = `${prefix}${where}${whose}/roles`
  const one = (method: Method, handle: Route['handle']): Route => route(method, `${base}/:role_id${suffix}`, handle)
  return [
    route('GET', `${base}${suffix}`, (call) => {
      enforce(call, ruleFor(kind, 'list'), { target: targetOf(call, kind, false) })
      const { actorId, targetId } = idsOf(call, kind)
      const rows = call.world.state.grants
        .filter((each) => each.actor === kind.actor && each.actorId === actorId)
        .filter((each) => each.on === kind.on && each.targetId === targetId && each.isInherited === kind.isInherited)
      return list(
        call,
        'roles',
        rows.map((each) => showRole(call.world, findRole(call, each.roleId))),
      )
    }),
    one('GET', (call) => {
      enforce(call, ruleFor(kind, 'check'), { target: targetOf(call, kind, false) })
      const grant = grantOf(call, kind)
      if (!call.world.state.grants.has(grantKey(grant))) throw missing(grant)
      return noContent
    }),
    one('PUT', (call) => {
      enforce(call, ruleFor(kind, 'create'), { target: targetOf(call, kind, false) })
      const grant = grantOf(call, kind)
      const role = findRole(call, grant.roleId)
      assertAssignable(call, kind.on, grant.targetId, role)
      call.world.state.grants.set(grantKey(grant), grant)
      return noContent
    }),
    one('DELETE', (call) => {
      enforce(call, ruleFor(kind, 'revoke'), { target: targetOf(call, kind, true) })
      const grant = grantOf(call, kind)
      if (!call.world.state.grants.delete(grantKey(grant))) throw missing(grant)
      return noContent
    }),
  ]
}

const KINDS: readonly Kind[] = (['users', 'groups'] as const).flatMap((actor): readonly Kind[] => [
  { on: 'projects', actor, isInherited: false },
  { on: 'domains', actor, isInherited: false },
  { on: 'system', actor, isInherited: false },
  { on: 'projects', actor, isInherited: true },
  { on: 'domains', actor, isInherited: true },
])

export const grantRoutes: readonly Route[] = KINDS.flatMap(routesOf)
