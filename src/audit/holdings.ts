/** Who holds which role, resolved from an inventory: names, scopes and the way of the grant. */
import type { Domain } from '../openstack/keystone/domains.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { CloudInventory, GroupMember } from './inventory.ts'

export type AssignmentTarget =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'domain'; readonly domain: Domain }
  | { readonly kind: 'system' }

export type Holding = {
  readonly role: Role
  readonly holder:
    | { readonly kind: 'user'; readonly user: User }
    | { readonly kind: 'group'; readonly group: Group; readonly members: readonly GroupMember[] }
  readonly on: AssignmentTarget
  readonly isInherited: boolean
}

/** An assignment that names something that is in no list, and that Keystone does not know by its id. */
export type UnmatchedAssignment = {
  readonly assignment: RoleAssignment
  /** At least one. */
  readonly unknown: readonly { readonly what: 'user' | 'group' | 'role' | 'project' | 'domain'; readonly id: string }[]
  readonly role: Role | undefined
  readonly holder: User | Group | undefined
  readonly on: AssignmentTarget | undefined
  readonly isInherited: boolean
}

export type Holdings = {
  /** Every assignment is either here or in `unmatched`. */
  readonly all: readonly Holding[]
  readonly unmatched: readonly UnmatchedAssignment[]
  readonly ofUser: ReadonlyMap<string, readonly Holding[]>
  readonly users: ReadonlyMap<string, User>
  readonly domains: ReadonlyMap<string, Domain>
  readonly projects: ReadonlyMap<string, Project>
  readonly usersIn: ReadonlyMap<string, readonly User[]>
  readonly projectsIn: ReadonlyMap<string, readonly Project[]>
}

export function holdingsOf(inventory: CloudInventory): Holdings {
  const byId = <T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
    new Map(list.map((item) => [item.id, item]))
  const users = byId(inventory.users)
  const groups = byId(inventory.groups)
  const roles = byId(inventory.roles)
  const domains = byId(inventory.domains)
  const projects = byId(inventory.projects)
  const all: Holding[] = []
  const unmatched: UnmatchedAssignment[] = []
  for (const assignment of inventory.assignments) {
    const role = roles.get(assignment.role.id)
    const isInherited = assignment.scope['OS-INHERIT:inherited_to'] !== undefined
    const on = targetOf(assignment, domains, projects)
    const user = assignment.user && users.get(assignment.user.id)
    const group = assignment.group && groups.get(assignment.group.id)
    if (role !== undefined && on !== undefined && user !== undefined)
      all.push({ role, holder: { kind: 'user', user }, on, isInherited })
    else if (role !== undefined && on !== undefined && group !== undefined)
      all.push({
        role,
        holder: { kind: 'group', group, members: inventory.members.get(group.id) ?? [] },
        on,
        isInherited,
      })
    else {
      const { scope } = assignment
      const unknown = [
        ...(user === undefined && assignment.user !== undefined
          ? [{ what: 'user' as const, id: assignment.user.id }]
          : []),
        ...(group === undefined && assignment.group !== undefined
          ? [{ what: 'group' as const, id: assignment.group.id }]
          : []),
        ...(role === undefined ? [{ what: 'role' as const, id: assignment.role.id }] : []),
        ...(on === undefined && scope.project !== undefined
          ? [{ what: 'project' as const, id: scope.project.id }]
          : []),
        ...(on === undefined && scope.domain !== undefined ? [{ what: 'domain' as const, id: scope.domain.id }] : []),
      ]
      unmatched.push({ assignment, unknown, role, holder: user ?? group, on, isInherited })
    }
  }
  const ofUser = new Map<string, Holding[]>()
  for (const holding of all) if (holding.holder.kind === 'user') push(ofUser, holding.holder.user.id, holding)
  const usersIn = new Map<string, User[]>()
  for (const user of inventory.users) push(usersIn, user.domain_id, user)
  const projectsIn = new Map<string, Project[]>()
  for (const project of inventory.projects) push(projectsIn, project.domain_id, project)
  return { all, unmatched, ofUser, users, domains, projects, usersIn, projectsIn }
}

function targetOf(
  { scope }: RoleAssignment,
  domains: ReadonlyMap<string, Domain>,
  projects: ReadonlyMap<string, Project>,
): AssignmentTarget | undefined {
  if (scope.system !== undefined) return { kind: 'system' }
  if (scope.project !== undefined) {
    const project = projects.get(scope.project.id) ?? asProject(domains.get(scope.project.id))
    return project && { kind: 'project', project }
  }
  const domain = scope.domain && domains.get(scope.domain.id)
  return domain && { kind: 'domain', domain }
}

/** A domain is a project as well, and a role on that project is not one on the domain. Lists of projects leave it out. */
function asProject(domain: Domain | undefined): Project | undefined {
  if (domain === undefined) return undefined
  const { id, name, enabled } = domain
  return { id, name, domain_id: id, parent_id: null, enabled, is_domain: true }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key)
  if (known === undefined) lists.set(key, [item])
  else known.push(item)
}

/** For people: `admin on project acme-prod, inherited`. */
export function renderHolding({ role, on, isInherited }: Holding): string {
  return `${role.name} on ${renderPlace(on)}${isInherited ? ', inherited by the projects below' : ''}`
}

export function renderPlace(on: AssignmentTarget): string {
  switch (on.kind) {
    case 'project':
      return on.project.is_domain
        ? `the project that domain \`${on.project.name}\` is itself`
        : `project \`${on.project.name}\``
    case 'domain':
      return `domain \`${on.domain.name}\``
    case 'system':
      return 'the system'
  }
}

/** The command that removes it, by ids, because names are not unique across domains. */
export function revocation({ role, holder, on, isInherited }: Holding): string {
  const who = holder.kind === 'user' ? `--user ${holder.user.id}` : `--group ${holder.group.id}`
  const where =
    on.kind === 'system'
      ? '--system all'
      : on.kind === 'project'
        ? `--project ${on.project.id}`
        : `--domain ${on.domain.id}`
  return `openstack role remove ${who} ${where}${isInherited ? ' --inherited' : ''} ${role.id}`
}

export function domainOf(on: AssignmentTarget): string | undefined {
  switch (on.kind) {
    case 'project':
      return on.project.domain_id
    case 'domain':
      return on.domain.id
    case 'system':
      return undefined
  }
}

export function holderName({ holder }: Pick<Holding, 'holder'>): string {
  return holder.kind === 'user' ? holder.user.name : holder.group.name
}

export function holderDomain({ holder }: Pick<Holding, 'holder'>): string {
  return holder.kind === 'user' ? holder.user.domain_id : holder.group.domain_id
}
