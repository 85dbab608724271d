/**
 * The objects that the probes of `verify` use: throwaways in the tenant's own domain, made by its own manager, and a
 * throwaway foreign domain with everything that a neighbour has. Probes that change something use these and nothing
 * else.
 */
import type { Auth } from '../openstack/auth.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import type { Grantee, GrantScope } from '../openstack/keystone/grants.ts'
import { createGroup, createGroupMember, deleteGroup, findGroup } from '../openstack/keystone/groups.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { createProject, deleteProject, findProject } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { createRole, deleteRole, findRole, listRoles } from '../openstack/keystone/roles.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { createUser, deleteUser, findUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { Secret } from '../secret.ts'
import { invariant } from '../errors.ts'
import type { Party } from '../probes/checks.ts'
import { throwawayPassword } from '../probes/throwaway/run.ts'
import type { Random } from '../probes/throwaway/run.ts'
import { rolesOf, throwawayDomain } from '../probes/throwaway/domain.ts'
import type { Roles } from '../probes/throwaway/domain.ts'
import type { Throwaways } from '../probes/throwaway/throwaways.ts'

export type FixtureOptions = {
  readonly operator: Session<'operator'>
  readonly manager: Session<'manager'>
  /** The tenant's own working accounts, if their secrets are here. They read foreign objects, and change nothing. */
  readonly workers: readonly Session<'creator' | 'automation'>[]
  readonly tenant: { readonly name: string; readonly domainId: string }
  readonly open: (actor: string, auth: Auth) => Session
  readonly managedRoles: readonly string[]
  readonly random: Random
  readonly now: () => Date
}

export type VerificationFixture = {
  readonly accounts: ThrowawayAccounts
  readonly options: FixtureOptions
  readonly throwaways: Throwaways
  readonly operator: Session<'operator'>
  readonly manager: Party
  readonly workers: readonly Party[]
  readonly roles: Roles
  readonly allRoles: readonly Role[]
  /** The managed roles of this cloud. The first is the one that every refused grant tries to give. */
  readonly managed: readonly [Role, ...Role[]]
  /** Nobody holds it: the target of probes that change roles. */
  readonly role: Role
  readonly own: Own
  readonly foreign: Foreign
}

export type Own = {
  readonly domainId: string
  readonly project: Project
  /** Disabled, so that nobody can use a grant that should have been refused. */
  readonly grantee: User
  /** Another one, to distinguish a grant by an injected target from a plain one. */
  readonly decoyUser: User
  /** Another one, for the attempts of an admin of another domain. */
  readonly targetUser: User
  /** No member of it can sign in, for the same reason. */
  readonly group: Group
  /** Like an account of the tenant: the managed roles on a project. */
  readonly account: Account
}

export type Account = Party & { readonly user: User; readonly password: Secret; readonly project: Project }

export type Foreign = {
  readonly domain: Domain
  /** Disabled, as a domain must be before it can be deleted: one for each attempt. */
  readonly idle: { readonly domain: Domain; readonly root: Domain }
  readonly manager: Party
  readonly account: Account
  /** Holds `manager` on a project and nothing on the domain. */
  readonly projectManager: Party | undefined
  /** An admin of this domain and of nothing else, as Magnum and Heat have one each. */
  readonly domainAdmin: Party | undefined
  readonly group: Group
  /** What probes try to change or delete. The others are read, or lose a grant. */
  readonly decoys: { readonly user: User; readonly project: Project; readonly group: Group }
}

export async function buildFixture(options: FixtureOptions, throwaways: Throwaways): Promise<VerificationFixture> {
  const { operator } = options
  const allRoles = await listRoles(operator)
  const roles = rolesOf(allRoles)
  const [first, ...more] = options.managedRoles.flatMap((name) => roles.byName(name) ?? [])
  invariant(first, 'a cloud without any of the managed roles has no tenant to verify')
  const managed = [first, ...more] as const
  const accounts = new ThrowawayAccounts(options, throwaways, managed)
  const [own, foreign, role] = await Promise.all([buildOwn(accounts), buildForeign(accounts, roles), accounts.role()])
  return {
    accounts,
    options,
    throwaways,
    operator,
    manager: { session: options.manager, who: 'the domain manager', actor: 'manager' },
    workers: options.workers.map((session) => ({
      session,
      who: `the tenant's ${session.actor}`,
      actor: session.actor,
    })),
    roles,
    allRoles,
    managed,
    role,
    own,
    foreign,
  }
}

async function buildOwn(accounts: ThrowawayAccounts): Promise<Own> {
  const { domainId } = accounts.options.tenant
  const [project, grantee, decoyUser, targetUser, group, user] = await Promise.all([
    accounts.ownProject('project'),
    accounts.ownUser('grantee', false),
    accounts.ownUser('decoy', false),
    accounts.ownUser('target-user', false),
    accounts.ownGroup('group'),
    accounts.ownUser('account', true),
  ])
  const account = await accounts.account({ user, project, who: 'an account of the tenant', actor: 'creator' })
  return {
    domainId,
    project,
    grantee: grantee.user,
    decoyUser: decoyUser.user,
    targetUser: targetUser.user,
    group,
    account,
  }
}

async function buildForeign(accounts: ThrowawayAccounts, roles: Roles): Promise<Foreign> {
  const { operator, open } = accounts.options
  const [domain, idle, idleRoot] = await Promise.all([
    throwawayDomain(operator, accounts.throwaways, 'foreign'),
    throwawayDomain(operator, accounts.throwaways, 'idle', false),
    throwawayDomain(operator, accounts.throwaways, 'idle-root', false),
  ])
  const [manager, user, projectManager, domainAdmin, spareUser, project, spareProject, group, spareGroup] =
    await Promise.all([
      accounts.user(domain.id, 'foreign-manager'),
      accounts.user(domain.id, 'foreign-user'),
      accounts.user(domain.id, 'project-manager'),
      accounts.user(domain.id, 'domain-admin'),
      accounts.user(domain.id, 'decoy-user', false),
      accounts.project(domain.id, 'foreign-project'),
      accounts.project(domain.id, 'decoy-project'),
      accounts.group(domain.id, 'foreign-group'),
      accounts.group(domain.id, 'decoy-group'),
    ])
  const [decoyRole] = accounts.managed
  const onDomain = { kind: 'domain', id: domain.id } as const
  const onProject = { kind: 'project', id: project.id } as const
  const groupAsGrantee = { kind: 'group', id: group.id } as const
  const [account] = await Promise.all([
    accounts.account({ user, project, who: 'an account of a foreign domain', actor: 'creator' }),
    accounts.grant(decoyRole, { kind: 'user', id: user.user.id }, onDomain),
    accounts.grant(decoyRole, groupAsGrantee, onDomain),
    accounts.grant(decoyRole, groupAsGrantee, onProject),
    createGroupMember(operator, group.id, user.user.id),
    roles.manager && accounts.grant(roles.manager, { kind: 'user', id: manager.user.id }, onDomain),
    roles.manager && accounts.grant(roles.manager, { kind: 'user', id: projectManager.user.id }, onProject),
    roles.admin && accounts.grant(roles.admin, { kind: 'user', id: domainAdmin.user.id }, onDomain),
  ])
  const signIn = (made: MadeUser, scope: Scoped): Session =>
    open(made.user.name, { kind: 'password', user: { id: made.user.id }, password: made.password, scope })
  return {
    domain,
    idle: { domain: idle, root: idleRoot },
    manager: {
      session: signIn(manager, { kind: 'domain', domain: { id: domain.id } }),
      who: 'the manager of another domain',
      actor: 'manager',
    },
    account,
    projectManager: roles.manager && {
      session: signIn(projectManager, { kind: 'project', project: { id: project.id } }),
      who: 'a manager of a project',
      actor: 'manager',
    },
    domainAdmin: roles.admin && {
      session: signIn(domainAdmin, { kind: 'domain', domain: { id: domain.id } }),
      who: 'an admin of another domain',
      actor: 'operator',
    },
    group,
    decoys: { user: spareUser.user, project: spareProject, group: spareGroup },
  }
}

type Scoped = Extract<Auth, { kind: 'password' }>['scope']
type MadeUser = { readonly user: User; readonly password: Secret }

/**
 * Makes throwaways: in the tenant's domain by its manager, or by the operator if that is refused, so that all probes
 * run.
 */
export class ThrowawayAccounts {
  readonly options: FixtureOptions
  readonly throwaways: Throwaways
  readonly managed: readonly [Role, ...Role[]]

  constructor(options: FixtureOptions, throwaways: Throwaways, managed: readonly [Role, ...Role[]]) {
    this.options = options
    this.throwaways = throwaways
    this.managed = managed
  }

  async user(
    domainId: string,
    what: string,
    enabled = true,
    session: Session = this.options.operator,
  ): Promise<MadeUser> {
    const password = new Secret(throwawayPassword(this.options.random))
    const name = this.throwaways.name(what)
    const user = await createUser(session, { ...this.fields(domainId, what), name, password, enabled })
    return { user, password }
  }

  project(domainId: string, what: string, session: Session = this.options.operator): Promise<Project> {
    return createProject(session, this.fields(domainId, what))
  }

  group(domainId: string, what: string, session: Session = this.options.operator): Promise<Group> {
    return createGroup(session, this.fields(domainId, what))
  }

  ownUser(what: string, enabled: boolean): Promise<MadeUser> {
    const { operator, tenant } = this.options
    const name = this.throwaways.name(what)
    return this.throwaways.make({
      kind: 'user',
      name,
      create: () => this.#byManager((session) => this.user(tenant.domainId, what, enabled, session)),
      find: async () => {
        const user = await findUser(operator, name, tenant.domainId)
        return user && { user, password: new Secret('') }
      },
      remove: ({ user }) => deleteUser(operator, user.id),
    })
  }

  ownProject(what: string): Promise<Project> {
    const { operator, tenant } = this.options
    const name = this.throwaways.name(what)
    return this.throwaways.make({
      kind: 'project',
      name,
      create: () => this.#byManager((session) => this.project(tenant.domainId, what, session)),
      find: () => findProject(operator, name, tenant.domainId),
      remove: ({ id }) => deleteProject(operator, id),
    })
  }

  ownGroup(what: string): Promise<Group> {
    const { operator, tenant } = this.options
    const name = this.throwaways.name(what)
    return this.throwaways.make({
      kind: 'group',
      name,
      create: () => this.#byManager((session) => this.group(tenant.domainId, what, session)),
      find: () => findGroup(operator, name, tenant.domainId),
      remove: ({ id }) => deleteGroup(operator, id),
    })
  }

  role(): Promise<Role> {
    const { operator } = this.options
    const name = this.throwaways.name('role')
    return this.throwaways.make({
      kind: 'role',
      name,
      create: () => createRole(operator, { name, description: this.throwaways.description }),
      find: () => findRole(operator, name),
      remove: ({ id }) => deleteRole(operator, id),
    })
  }

  async account(of: {
    readonly user: MadeUser
    readonly project: Project
    readonly who: string
    readonly actor: Party['actor']
  }): Promise<Account> {
    const { project, who, actor } = of
    const { user, password } = of.user
    await Promise.all(
      this.managed.map((role) => this.grant(role, { kind: 'user', id: user.id }, { kind: 'project', id: project.id })),
    )
    const scope = { kind: 'project', project: { id: project.id } } as const
    const session = this.options.open(user.name, { kind: 'password', user: { id: user.id }, password, scope })
    return { user, password, project, session, who, actor }
  }

  grant(role: Role, to: Grantee, on: GrantScope): Promise<void> {
    return createGrant(this.options.operator, { roleId: role.id, to, on })
  }

  async #byManager<T>(make: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await make(this.options.manager)
    } catch (error) {
      if (refusalOf(error) !== 403) throw error
      return make(this.options.operator)
    }
  }

  fields(
    domainId: string,
    what: string,
  ): { readonly name: string; readonly domain_id: string; readonly description: string } {
    return { name: this.throwaways.name(what), domain_id: domainId, description: this.throwaways.description }
  }
}
