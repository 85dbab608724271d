/** The throwaway domain in which a cloud is probed, and its accounts. */
import { createDomain, deleteDomain, findDomain, updateDomain } from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { createRole, deleteRole, findRole, listRoles } from '../../openstack/keystone/roles.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import type { Auth } from '../../openstack/auth.ts'
import { adminRoleOf, roleNamed } from '../../openstack/keystone/role-names.ts'
import type { Session } from '../../openstack/session.ts'
import { authOf, ThrowawayAccounts } from './accounts.ts'
import type { Random } from './run.ts'
import type { Throwaways } from './throwaways.ts'

export type ProbeDomainOptions = {
  readonly operator: Session<'operator'>
  /** Opens a session of a throwaway identity. */
  readonly open: (actor: string, auth: Auth) => Session
  readonly random: Random
  /** The roles of the cloud, if they were read just before; otherwise they are listed. */
  readonly roles?: readonly Role[] | undefined
}

export type ProbeDomain = {
  readonly options: ProbeDomainOptions
  readonly accounts: ThrowawayAccounts
  readonly throwaways: Throwaways
  readonly domain: Domain
  readonly roles: Roles
  /** A domain manager of the throwaway domain; `undefined` if this cloud has no such role. */
  readonly manager: Session | undefined
  /**
   * An admin of the throwaway domain and of nothing else, in place of `magnum_domain_admin`, whose password we lack.
   */
  readonly domainAdmin: Session | undefined
}

export type Roles = {
  /** In any spelling, as all of them: the charms say `Admin`, and policies ignore case. */
  readonly byName: (name: string) => Role | undefined
  readonly admin: Role | undefined
  readonly manager: Role | undefined
}

export function rolesOf(roles: readonly Role[]): Roles {
  const byName = (name: string): Role | undefined => roleNamed(roles, name)
  return { byName, admin: adminRoleOf(roles), manager: byName('manager') }
}

export async function buildProbeDomain(options: ProbeDomainOptions, throwaways: Throwaways): Promise<ProbeDomain> {
  const { operator, open, random } = options
  const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random })
  const [roles, domain] = await Promise.all([
    options.roles ?? listRoles(operator),
    throwawayDomain(operator, throwaways, 'domain'),
  ])
  const known = rolesOf(roles)
  const on = { kind: 'domain', id: domain.id } as const
  const account = async (what: string, role: Role | undefined): Promise<Session | undefined> => {
    if (role === undefined) return undefined
    const login = await accounts.holder(domain.id, what, [role], on)
    return open(login.user.name, authOf(login, on))
  }
  const [manager, domainAdmin] = await Promise.all([account('manager', known.manager), account('admin', known.admin)])
  return { options, accounts, throwaways, domain, roles: known, manager, domainAdmin }
}

/** All that is made in it dies with it. `maker` removes it as well. */
export function throwawayDomain(maker: Session, throwaways: Throwaways, what: string, enabled = true): Promise<Domain> {
  const name = throwaways.name(what)
  return throwaways.make({
    kind: 'domain',
    name,
    create: () => createDomain(maker, { name, description: throwaways.description, enabled }),
    find: () => findDomain(maker, name),
    remove: (domain) => removeDomain(maker, domain.id),
  })
}

/** Keystone deletes no enabled domain. Disabling it ends all sessions of its users at once. */
export async function removeDomain(operator: Session, id: string): Promise<void> {
  await updateDomain(operator, id, { enabled: false })
  await deleteDomain(operator, id)
}

/** Nobody holds it, unless a probe grants it. */
export function throwawayRole(maker: Session, throwaways: Throwaways, what: string): Promise<Role> {
  const name = throwaways.name(what)
  return throwaways.make({
    kind: 'role',
    name,
    create: () => createRole(maker, { name, description: throwaways.description }),
    find: () => findRole(maker, name),
    remove: ({ id }) => deleteRole(maker, id),
  })
}
