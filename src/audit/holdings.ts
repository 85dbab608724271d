/** Who holds which role, resolved from an inventory: names, scopes and the way of the grant. */
import type { Domain } from '../openstack/keystone/domains.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { CloudInventory } from './inventory.ts'

export type AssignmentTarget =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'domain'; readonly domain: Domain }
  | { readonly kind: 'system' }

export type Holding = {
  readonly role: Role
  readonly holder:
    | { readonly kind: 'user'; readonly user: User }
    | { readonly kind: 'group'; readonly group: Group; readonly members: readonly User[] }
  readonly on: AssignmentTarget
  readonly isInherited: boolean
}

export type Holdings = {
  readonly all: readonly Holding[]
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
  const all = inventory.assignments.flatMap((assignment): readonly Holding[] => {
    const role = roles.get(assignment.role.id)
    const { scope } = assignment
    const isInherited = scope['OS-INHERIT:inherited_to'] !== undefined
    const project = scope.project && projects.get(scope.project.id)
    const domain = scope.domain && domains.get(scope.domain.id)
    const on: AssignmentTarget | undefined =
      scope.system !== undefined
        ? { kind: 'system' }
        : project !== undefined
          ? { kind: 'project', project }
          : domain && { kind: 'domain', domain }
    const user = assignment.user && users.get(assignment.user.id)
    const group = assignment.group && groups.get(assignment.group.id)
    // an object that was deleted between two lists is no deviation
    if (role === undefined || on === undefined) return []
    if (user !== undefined) return [{ role, holder: { kind: 'user', user }, on, isInherited }]
    if (group === undefined) return []
    const members = (inventory.members.get(group.id) ?? []).flatMap((id) => users.get(id) ?? [])
    return [{ role, holder: { kind: 'group', group, members }, on, isInherited }]
  })
  const ofUser = new Map<string, Holding[]>()
  for (const holding of all) if (holding.holder.kind === 'user') push(ofUser, holding.holder.user.id, holding)
  const usersIn = new Map<string, User[]>()
  for (const user of inventory.users) push(usersIn, user.domain_id, user)
  const projectsIn = new Map<string, Project[]>()
  for (const project of inventory.projects) push(projectsIn, project.domain_id, project)
  return { all, ofUser, users, domains, projects, usersIn, projectsIn }
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
      return `project \`${on.project.name}\``
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
