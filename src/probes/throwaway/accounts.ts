/** Users, projects and groups of a throwaway domain, and the roles between them: all of it dies with the domain. */
import type { Auth } from '../../openstack/auth.ts'
import { createApplicationCredential } from '../../openstack/keystone/application-credentials.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import type { Grantee, GrantScope } from '../../openstack/keystone/grants.ts'
import { createGroup, findGroup } from '../../openstack/keystone/groups.ts'
import type { Group } from '../../openstack/keystone/groups.ts'
import { getPasswordRule } from '../../openstack/keystone/password-rule.ts'
import type { PasswordRule } from '../../openstack/keystone/password-rule.ts'
import { createProject, findProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import { createUser, findUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { Session } from '../../openstack/session.ts'
import { Secret } from '../../secret.ts'
import { exchangeExpiredOf } from '../../tenant/first-use.ts'
import { generatePassword } from '../../tenant/password.ts'
import { makeOnce } from './made-once.ts'
import type { Random } from './run.ts'
import type { Throwaways } from './throwaways.ts'

export type AccountsOptions = {
  /** The operator; on a tenant's own machine its manager. */
  readonly maker: Session
  readonly throwaways: Throwaways
  readonly random: Random
}

/** A user that can sign in. */
export type Login = {
  readonly user: User
  readonly password: Secret
  /** The password that it was made with signed nobody in. */
  readonly isExchanged: boolean
}

export class ThrowawayAccounts {
  readonly maker: Session
  readonly throwaways: Throwaways
  readonly #random: Random
  #rule: Promise<PasswordRule | undefined> | undefined

  constructor({ maker, throwaways, random }: AccountsOptions) {
    this.maker = maker
    this.throwaways = throwaways
    this.#random = random
  }

  /** `by`: somebody else than the maker, whose right to make it is in question. */
  async user(domainId: string, what: string, by = this.maker): Promise<Login> {
    const password = await this.newPassword()
    return this.usable(await this.userWith(password, domainId, what, by), password)
  }

  /** Whether it can sign in with that is another matter: `usable`. */
  userWith(password: Secret, domainId: string, what: string, by = this.maker): Promise<User> {
    return this.#createUser(domainId, what, by, { password })
  }

  /** After the change that some clouds want at first use. It needs no right of the maker: the old password is enough. */
  usable(user: User, password: Secret): Promise<Login> {
    return exchangeExpiredOf(this.maker, user, password, () => this.newPassword())
  }

  /** By the rule of the cloud, as the passwords of a tenant's accounts. */
  async newPassword(): Promise<Secret> {
    this.#rule ??= getPasswordRule(this.maker)
    return new Secret(generatePassword(await this.#rule, this.#random))
  }

  /** Nobody keeps its password: what is granted to it, be it by a hole in the policy, is of no use to anybody. */
  async disabledUser(domainId: string, what: string, by = this.maker): Promise<User> {
    return this.#createUser(domainId, what, by, { password: await this.newPassword(), enabled: false })
  }

  /** The maker looks, whoever made it: it sees the whole domain. */
  #createUser(
    domainId: string,
    what: string,
    by: Session,
    more: { readonly password: Secret; readonly enabled?: false },
  ): Promise<User> {
    const fields = this.throwaways.fields(domainId, what)
    return makeOnce(
      () => createUser(by, { ...fields, ...more }),
      () => findUser(this.maker, fields.name, domainId),
    )
  }

  project(domainId: string, what: string, by = this.maker): Promise<Project> {
    const fields = this.throwaways.fields(domainId, what)
    return makeOnce(
      () => createProject(by, fields),
      () => findProject(this.maker, fields.name, domainId),
    )
  }

  group(domainId: string, what: string, by = this.maker): Promise<Group> {
    const fields = this.throwaways.fields(domainId, what)
    return makeOnce(
      () => createGroup(by, fields),
      () => findGroup(this.maker, fields.name, domainId),
    )
  }

  /** A user that holds these roles, and nothing else. */
  async holder(domainId: string, what: string, roles: readonly Role[], on: GrantScope): Promise<Login> {
    const login = await this.user(domainId, what)
    await this.grant(roles, { kind: 'user', id: login.user.id }, on)
    return login
  }

  async grant(roles: readonly Role[], to: Grantee, on: GrantScope): Promise<void> {
    await Promise.all(roles.map(({ id: roleId }) => createGrant(this.maker, { roleId, to, on })))
  }

  /** Of the user whose session this is. It dies with its user, and by itself within the hour. */
  async applicationCredential(
    owner: Session,
    userId: string,
    of: { readonly what: string; readonly isUnrestricted: boolean; readonly now: Date },
  ): Promise<{ readonly name: string; readonly auth: Auth }> {
    const { id, name, secret } = await createApplicationCredential(owner, userId, {
      name: this.throwaways.name(of.what),
      description: this.throwaways.description,
      expires_at: new Date(of.now.getTime() + 3_600_000).toISOString(),
      unrestricted: of.isUnrestricted,
    })
    return { name, auth: { kind: 'application-credential', credential: { id }, secret } }
  }
}

/** Signs in where it was granted something. */
export function authOf({ user, password }: Login, on: GrantScope): Auth {
  return { kind: 'password', user: { id: user.id }, password, scope: scopeOf(on) }
}

function scopeOf(on: GrantScope): Extract<Auth, { kind: 'password' }>['scope'] {
  switch (on.kind) {
    case 'system':
      return { kind: 'system' }
    case 'domain':
      return { kind: 'domain', domain: { id: on.id } }
    case 'project':
      return { kind: 'project', project: { id: on.id } }
  }
}
