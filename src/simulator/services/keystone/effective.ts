/**
 * Effective role assignments: direct grants, those of groups, those inherited from a domain or a parent project, and
 * the roles that each of these implies. keystone 22.0.2, keystone/assignment/core.py, list_role_assignments.
 */
import type { Grant, Role, State } from '../../state.ts'

export type Assignment = {
  readonly actor: 'users' | 'groups'
  readonly actorId: string
  readonly on: 'projects' | 'domains' | 'system'
  readonly targetId: string
  readonly roleId: string
  readonly isInherited: boolean
  /** The source of an assignment that is not a direct grant. */
  readonly viaGroup?: string
  readonly viaDomain?: string
  readonly viaProject?: string
  readonly viaRole?: string
}

/** Every effective assignment of all users, or of one. */
export function effectiveAssignments(state: State, userId?: string): readonly Assignment[] {
  const direct: Assignment[] = []
  for (const grant of state.grants.values()) {
    for (const byUser of spreadGroup(state, grant, userId)) direct.push(...spreadInherited(state, byUser))
  }
  return withImplied(state, direct)
}

function* spreadGroup(state: State, grant: Grant, userId: string | undefined): Generator<Assignment> {
  if (grant.actor === 'users') {
    if (userId === undefined || grant.actorId === userId) yield grant
    return
  }
  for (const membership of state.memberships.values()) {
    if (membership.groupId !== grant.actorId) continue
    if (userId !== undefined && membership.userId !== userId) continue
    yield { ...grant, actor: 'users', actorId: membership.userId, viaGroup: grant.actorId }
  }
}

function spreadInherited(state: State, assignment: Assignment): readonly Assignment[] {
  if (!assignment.isInherited) return [assignment]
  const below = (id: string): Assignment => ({
    ...assignment,
    on: 'projects',
    targetId: id,
    ...(assignment.on === 'domains' ? { viaDomain: assignment.targetId } : { viaProject: assignment.targetId }),
  })
  if (assignment.on === 'domains') {
    return state.projects.filter((project) => project.domain_id === assignment.targetId).map((found) => below(found.id))
  }
  return subtreeOf(state, assignment.targetId).map(below)
}

/** The ids of all projects under a project, without itself. */
export function subtreeOf(state: State, projectId: string): readonly string[] {
  const ids: string[] = []
  for (const child of state.projects.filter((project) => project.parent_id === projectId)) {
    ids.push(child.id, ...subtreeOf(state, child.id))
  }
  return ids
}

function withImplied(state: State, assignments: readonly Assignment[]): readonly Assignment[] {
  const all = new Map<string, Assignment>()
  const keep = (assignment: Assignment): boolean => {
    const key = JSON.stringify(assignment)
    if (all.has(key)) return false
    all.set(key, assignment)
    return true
  }
  const queue = assignments.filter(keep)
  for (const assignment of queue) {
    for (const inference of state.inferences.values()) {
      if (inference.priorId !== assignment.roleId) continue
      const implied = { ...assignment, roleId: inference.impliedId, viaRole: assignment.roleId }
      if (keep(implied)) queue.push(implied)
    }
  }
  return [...all.values()]
}

/** The roles that a user holds on one target, implied ones included. Domain-specific roles only carry what they imply. */
export function rolesOn(
  state: State,
  userId: string,
  on: 'projects' | 'domains' | 'system',
  targetId: string,
  options: { readonly withDomainSpecific: boolean } = { withDomainSpecific: false },
): readonly Role[] {
  const groups = new Set<string>()
  for (const membership of state.memberships.values()) if (membership.userId === userId) groups.add(membership.groupId)
  const above = on === 'projects' ? ancestorsOf(state, targetId) : new Set<string>()
  const ids = new Set<string>()
  for (const grant of state.grants.values()) {
    const isTheirs = grant.actor === 'users' ? grant.actorId === userId : groups.has(grant.actorId)
    if (!isTheirs) continue
    const isHere = !grant.isInherited && grant.on === on && grant.targetId === targetId
    if (isHere || (grant.isInherited && above.has(`${grant.on}/${grant.targetId}`))) ids.add(grant.roleId)
  }
  return impliedClosure(state, ids).filter((role) => role.domain_id === null || options.withDomainSpecific)
}

function ancestorsOf(state: State, projectId: string): ReadonlySet<string> {
  const above = new Set<string>()
  let at = state.projects.get(projectId)
  if (at !== undefined) above.add(`domains/${at.domain_id}`)
  while (at !== undefined && !above.has(`projects/${at.parent_id}`)) {
    above.add(`projects/${at.parent_id}`)
    at = state.projects.get(at.parent_id)
  }
  return above
}

/** The roles themselves and all that they imply. */
export function impliedClosure(state: State, ids: Iterable<string>): readonly Role[] {
  const all = new Set(ids)
  for (const id of all) {
    for (const inference of state.inferences.values()) if (inference.priorId === id) all.add(inference.impliedId)
  }
  const roles: Role[] = []
  for (const id of all) {
    const role = state.roles.get(id)
    if (role !== undefined) roles.push(role)
  }
  return roles
}
