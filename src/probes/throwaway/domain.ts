/** The throwaway domain in which a cloud is probed, and its accounts. */
import { createDomain, deleteDomain, findDomain, updateDomain } from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import { listRoles } from '../../openstack/keystone/roles.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import { createUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { Auth } from '../../openstack/auth.ts'
import type { Session } from '../../openstack/session.ts'
import { Secret } from '../../secret.ts'
import { throwawayPassword } from './run.ts'
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
  /** By its exact name, as an assignment needs it. */
  readonly byName: (name: string) => Role | undefined
  /** In any spelling: the charms say `Admin`, and policies ignore case. */
  readonly admin: Role | undefined
  readonly manager: Role | undefined
}

export function rolesOf(roles: readonly Role[]): Roles {
  const byName = (name: string): Role | undefined => roles.find((role) => role.name === name)
  const anyCase = (name: string): Role | undefined =>
    byName(name) ?? roles.find((role) => role.name.toLowerCase() === name)
  return { byName, admin: anyCase('admin'), manager: byName('manager') }
}

export async function buildProbeDomain(options: ProbeDomainOptions, throwaways: Throwaways): Promise<ProbeDomain> {
  const { operator } = options
  const [roles, domain] = await Promise.all([
    options.roles ?? listRoles(operator),
    throwawayDomain(operator, throwaways, 'domain'),
  ])
  const known = rolesOf(roles)
  const account = async (what: string, role: Role | undefined): Promise<Session | undefined> => {
    if (role === undefined) return undefined
    const password = new Secret(throwawayPassword(options.random))
    const user = await createThrowawayUser(operator, throwaways, { what, domainId: domain.id, password })
    await createGrant(operator, {
      roleId: role.id,
      to: { kind: 'user', id: user.id },
      on: { kind: 'domain', id: domain.id },
    })
    const scope = { kind: 'domain', domain: { id: domain.id } } as const
    return options.open(user.name, { kind: 'password', user: { id: user.id }, password, scope })
  }
  const [manager, domainAdmin] = await Promise.all([account('manager', known.manager), account('admin', known.admin)])
  return { options, throwaways, domain, roles: known, manager, domainAdmin }
}

/** Everything inside is deleted with it. */
export function throwawayDomain(
  operator: Session,
  throwaways: Throwaways,
  what: string,
  enabled = true,
): Promise<Domain> {
  const name = throwaways.name(what)
  return throwaways.make({
    kind: 'domain',
    name,
    create: () => createDomain(operator, { name, description: throwaways.description, enabled }),
    find: () => findDomain(operator, name),
    remove: (domain) => removeDomain(operator, domain.id),
  })
}

/** Keystone deletes no enabled domain. Disabling it ends all sessions of its users at once. */
export async function removeDomain(operator: Session, id: string): Promise<void> {
  await updateDomain(operator, id, { enabled: false })
  await deleteDomain(operator, id)
}

/** In a throwaway domain, so it needs no removal of its own. */
export function createThrowawayUser(
  session: Session,
  throwaways: Throwaways,
  user: { readonly what: string; readonly domainId: string; readonly password: Secret; readonly enabled?: boolean },
): Promise<User> {
  return createUser(session, {
    name: throwaways.name(user.what),
    domain_id: user.domainId,
    password: user.password,
    description: throwaways.description,
    enabled: user.enabled ?? true,
  })
}
