/** /v3/role_assignments. keystone 22.0.2, keystone/api/role_assignments.py. */
import { effectiveAssignments, subtreeOf } from './effective.ts'
import { enforce } from './enforcer.ts'
import { isFlagSet, link, list } from './serializers.ts'
import { fillsTreeDomain } from '../../../policy/model/targets.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { projectTarget } from './projects.ts'
import { Refusal } from '../../refusal.ts'
import { route } from '../../service.ts'
import type { ServiceResponse, Call, Route } from '../../service.ts'
import type { Assignment } from './effective.ts'
import type { Json } from '../../json.ts'
import type { Role } from '../../state.ts'

const FILTERS = [
  'group.id',
  'role.id',
  'scope.domain.id',
  'scope.project.id',
  'scope.OS-INHERIT:inherited_to',
  'user.id',
  'scope.system',
]

const EXCLUSIVE: readonly (readonly [string, string, string])[] = [
  ['scope.domain.id', 'scope.project.id', 'Specify a domain or project, not both'],
  ['scope.domain.id', 'scope.system', 'Specify system or domain, not both'],
  ['scope.project.id', 'scope.system', 'Specify system or project, not both'],
  ['user.id', 'group.id', 'Specify a user or group, not both'],
]

function assertFilters(call: Call): void {
  const given = (name: string): boolean => (call.query.get(name) ?? '') !== ''
  for (const [one, other, said] of EXCLUSIVE) if (given(one) && given(other)) throw new Refusal(400, said)
  if (!isFlagSet(call, 'effective')) return
  if (given('group.id')) {
    throw new Refusal(400, 'Combining effective and group filter will always result in an empty list.')
  }
  if (call.query.get('scope.OS-INHERIT:inherited_to') === 'projects' && given('scope.domain.id')) {
    throw new Refusal(400, 'Combining effective, domain and inherited filters will always result in an empty list.')
  }
}

function matches(call: Call, assignment: Assignment, projects: ReadonlySet<string> | undefined): boolean {
  const { query } = call
  const is = (name: string, value: string | undefined): boolean => {
    const wanted = query.get(name)
    return wanted === null || wanted === '' || wanted === value
  }
  const on = (kind: Assignment['on']): string | undefined => (assignment.on === kind ? assignment.targetId : undefined)
  const inherited = query.get('scope.OS-INHERIT:inherited_to')
  if (inherited !== null && (inherited === 'projects') !== assignment.isInherited) return false
  // an effective list leaves the system out, and knows no filter for it
  if (query.has('scope.system') && !isFlagSet(call, 'effective') && assignment.on !== 'system') return false
  if (projects !== undefined && !projects.has(on('projects') ?? '')) return false
  return (
    is('user.id', assignment.actor === 'users' ? assignment.actorId : undefined) &&
    is('group.id', assignment.actor === 'groups' ? assignment.actorId : undefined) &&
    is('role.id', assignment.roleId) &&
    is('scope.domain.id', on('domains')) &&
    (projects !== undefined || is('scope.project.id', on('projects')))
  )
}

function named(call: Call, row: { id: string; name: string; domain_id: string } | undefined, id: string): Json {
  if (!isFlagSet(call, 'include_names') || row === undefined) return { id }
  const domain = call.world.state.domains.get(row.domain_id)
  return { id, name: row.name, domain: { id: row.domain_id, name: domain?.name ?? '' } }
}

function scopeOf(call: Call, assignment: Assignment): Json {
  const { state } = call.world
  const inherited = assignment.isInherited ? { 'OS-INHERIT:inherited_to': 'projects' } : {}
  switch (assignment.on) {
    case 'projects':
      return { project: named(call, state.projects.get(assignment.targetId), assignment.targetId), ...inherited }
    case 'domains': {
      const name = state.domains.get(assignment.targetId)?.name
      const shown = isFlagSet(call, 'include_names') ? { id: assignment.targetId, name } : { id: assignment.targetId }
      return { domain: shown, ...inherited }
    }
    case 'system':
      return { system: { all: true }, ...inherited }
  }
}

function assignmentPath(assignment: Assignment): string {
  const above =
    assignment.viaDomain === undefined
      ? `/projects/${assignment.viaProject ?? assignment.targetId}`
      : `/domains/${assignment.viaDomain}`
  const where =
    assignment.on === 'system' ? '/system' : assignment.on === 'domains' ? `/domains/${assignment.targetId}` : above
  const whose =
    assignment.viaGroup === undefined ? `${assignment.actor}/${assignment.actorId}` : `groups/${assignment.viaGroup}`
  const granted = `${where}/${whose}/roles/${assignment.viaRole ?? assignment.roleId}`
  return assignment.isInherited ? `/OS-INHERIT${granted}/inherited_to_projects` : granted
}

function show(call: Call, assignment: Assignment): Json {
  const { world } = call
  const { users, groups, roles } = world.state
  const role = roles.get(assignment.roleId)
  const isNamed = isFlagSet(call, 'include_names')
  return {
    links: {
      ...(assignment.viaGroup === undefined
        ? {}
        : { membership: link(world, `/groups/${assignment.viaGroup}/users/${assignment.actorId}`) }),
      assignment: link(world, assignmentPath(assignment)),
      // The ids are swapped in Keystone: the implied one comes first.
      ...(assignment.viaRole === undefined
        ? {}
        : { prior_role: link(world, `/prior_role/${assignment.roleId}/implies/${assignment.viaRole}`) }),
    },
    scope: scopeOf(call, assignment),
    ...(assignment.actor === 'users'
      ? { user: named(call, users.get(assignment.actorId), assignment.actorId) }
      : { group: named(call, groups.get(assignment.actorId), assignment.actorId) }),
    role: isNamed
      ? {
          id: assignment.roleId,
          name: role?.name ?? '',
          ...(role === undefined || role.domain_id === null
            ? {}
            : { domain: { id: role.domain_id, name: world.state.domains.get(role.domain_id)?.name ?? '' } }),
        }
      : { id: assignment.roleId },
  }
}

function isGlobal(role: Role | undefined): boolean {
  return (role?.domain_id ?? null) === null
}

function findAll(call: Call): readonly Assignment[] {
  const { state } = call.world
  if (!isFlagSet(call, 'effective')) return [...state.grants.values()]
  const userId = call.query.get('user.id') ?? undefined
  // the system is in no effective list: keystone 22.0.2, assignment/core.py, list_role_assignments
  return effectiveAssignments(state, userId).filter(
    (each) => each.on !== 'system' && isGlobal(state.roles.get(each.roleId)),
  )
}

function listAssignments(call: Call): ServiceResponse {
  const { domain } = call.caller()
  enforce(call, 'identity:list_role_assignments', {
    filters: FILTERS,
    ...(domain === undefined ? {} : { target: { domain_id: domain.id } }),
  })
  assertFilters(call)
  const rows = findAll(call)
    .filter((each) => matches(call, each, undefined))
    .filter((each) => domain === undefined || domainOf(call, each) === domain.id)
  return list(
    call,
    'role_assignments',
    rows.map((each) => show(call, each)),
  )
}

function domainOf(call: Call, assignment: Assignment): string | undefined {
  if (assignment.on === 'domains') return assignment.targetId
  return assignment.on === 'projects' ? call.world.state.projects.get(assignment.targetId)?.domain_id : undefined
}

function listTree(call: Call): ServiceResponse {
  const id = call.query.get('scope.project.id')
  const project = id === null ? undefined : projectTarget(call, id)
  // the handler of 25.0.0 fills `target.domain_id`, that of 22 does not: keystone/api/role_assignments.py
  const hasDomain = fillsTreeDomain(call.world.profile.release)
  const domain = hasDomain ? { domain_id: project?.['domain_id'] ?? null } : {}
  enforce(call, 'identity:list_role_assignments_for_tree', {
    filters: FILTERS,
    ...(project === undefined ? {} : { target: { project, ...domain } }),
  })
  if (id === null || id === '') {
    const isWorded = isReleaseAtLeast(call.world.profile, '2025.1')
    const said = isWorded
      ? "'scope.project.id' is a dependency of 'include_subtree'"
      : 'scope.project.id must be specified if include_subtree is also specified'
    throw new Refusal(400, said)
  }
  assertFilters(call)
  const tree = new Set([id, ...subtreeOf(call.world.state, id)])
  const rows = findAll(call).filter((each) => matches(call, each, tree))
  return list(
    call,
    'role_assignments',
    rows.map((each) => show(call, each)),
  )
}

export const roleAssignmentRoutes: readonly Route[] = [
  route('GET', '/v3/role_assignments', (call) =>
    isFlagSet(call, 'include_subtree') ? listTree(call) : listAssignments(call),
  ),
]
