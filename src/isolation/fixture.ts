/**
 * The objects that the probes of `verify` use: throwaways in the tenant's own domain, made by its own manager, and a
 * throwaway foreign domain with everything that a neighbour has. Probes that change something use these and nothing
 * else.
 */
import { invariant } from '../errors.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import type { GrantScope } from '../openstack/keystone/grants.ts'
import { createGroupMember } from '../openstack/keystone/groups.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import type { Party } from '../probes/checks.ts'
import { authOf, ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import type { Login } from '../probes/throwaway/accounts.ts'
import { rolesOf, throwawayDomain, throwawayRole } from '../probes/throwaway/domain.ts'
import type { Roles } from '../probes/throwaway/domain.ts'
import { TenantThrowaways } from '../probes/throwaway/in-tenant.ts'
import type { Random } from '../probes/throwaway/run.ts'
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
  readonly inTenant: TenantThrowaways
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

export type Account = Party & Login & { readonly project: Project }

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
  const { operator, manager, random, tenant } = options
  const allRoles = await listRoles(operator)
  const roles = rolesOf(allRoles)
  const [first, ...more] = options.managedRoles.flatMap((name) => roles.byName(name) ?? [])
  invariant(first, 'a cloud without any of the managed roles has no tenant to verify')
  const managed = [first, ...more] as const
  const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random })
  const inTenant = new TenantThrowaways({ accounts, domainId: tenant.domainId, manager, operator })
  const making: Making = { options, accounts, inTenant, roles, managed }
  const [own, foreign, role] = await Promise.all([
    buildOwn(making),
    buildForeign(making),
    throwawayRole(operator, throwaways, 'role'),
  ])
  return {
    ...making,
    throwaways,
    operator,
    manager: { session: manager, who: 'the domain manager', actor: 'manager' },
    workers: options.workers.map((session) => ({
      session,
      who: `the tenant's ${session.actor}`,
      actor: session.actor,
    })),
    allRoles,
    role,
    own,
    foreign,
  }
}

type Making = Pick<VerificationFixture, 'options' | 'accounts' | 'inTenant' | 'roles' | 'managed'>

async function buildOwn(making: Making): Promise<Own> {
  const { inTenant, options } = making
  const [project, grantee, decoyUser, targetUser, group, login] = await Promise.all([
    inTenant.project('project'),
    inTenant.disabledUser('grantee'),
    inTenant.disabledUser('decoy'),
    inTenant.disabledUser('target-user'),
    inTenant.group('group'),
    inTenant.user('account'),
  ])
  const account = await managedAccount(making, login, project, 'an account of the tenant')
  return { domainId: options.tenant.domainId, project, grantee, decoyUser, targetUser, group, account }
}

async function buildForeign(making: Making): Promise<Foreign> {
  const { accounts, options, roles, managed } = making
  const { operator, open } = options
  const [domain, idle, idleRoot] = await Promise.all([
    throwawayDomain(operator, accounts.throwaways, 'foreign'),
    throwawayDomain(operator, accounts.throwaways, 'idle', false),
    throwawayDomain(operator, accounts.throwaways, 'idle-root', false),
  ])
  const [project, decoyProject, group, decoyGroup, decoyUser, login] = await Promise.all([
    accounts.project(domain.id, 'foreign-project'),
    accounts.project(domain.id, 'decoy-project'),
    accounts.group(domain.id, 'foreign-group'),
    accounts.group(domain.id, 'decoy-group'),
    accounts.disabledUser(domain.id, 'decoy-user'),
    accounts.user(domain.id, 'foreign-user'),
  ])
  const onDomain = { kind: 'domain', id: domain.id } as const
  const onProject = { kind: 'project', id: project.id } as const
  const decoyRoles = managed.slice(0, 1)
  const groupAsGrantee = { kind: 'group', id: group.id } as const
  const holder = async (what: string, role: Role | undefined, on: GrantScope): Promise<Session> => {
    const made = await accounts.holder(domain.id, what, role === undefined ? [] : [role], on)
    return open(made.user.name, authOf(made, on))
  }
  const [account, manager, projectManager, domainAdmin] = await Promise.all([
    managedAccount(making, login, project, 'an account of a foreign domain'),
    holder('foreign-manager', roles.manager, onDomain),
    holder('project-manager', roles.manager, onProject),
    holder('domain-admin', roles.admin, onDomain),
    accounts.grant(decoyRoles, { kind: 'user', id: login.user.id }, onDomain),
    accounts.grant(decoyRoles, groupAsGrantee, onDomain),
    accounts.grant(decoyRoles, groupAsGrantee, onProject),
    createGroupMember(operator, group.id, login.user.id),
  ])
  return {
    domain,
    idle: { domain: idle, root: idleRoot },
    manager: { session: manager, who: 'the manager of another domain', actor: 'manager' },
    account,
    projectManager: roles.manager && { session: projectManager, who: 'a manager of a project', actor: 'manager' },
    domainAdmin: roles.admin && { session: domainAdmin, who: 'an admin of another domain', actor: 'operator' },
    group,
    decoys: { user: decoyUser, project: decoyProject, group: decoyGroup },
  }
}

/** What an account of a tenant is: the managed roles on a project. */
async function managedAccount(
  { accounts, options, managed }: Making,
  login: Login,
  project: Project,
  who: string,
): Promise<Account> {
  const on = { kind: 'project', id: project.id } as const
  await accounts.grant(managed, { kind: 'user', id: login.user.id }, on)
  return { ...login, project, session: options.open(login.user.name, authOf(login, on)), who, actor: 'creator' }
}
