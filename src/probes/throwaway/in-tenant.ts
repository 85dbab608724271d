/** Throwaways in the domain of a real tenant. The domain stays, so each of them is removed by itself. */
import { deleteGroup, findGroup } from '../../openstack/keystone/groups.ts'
import type { Group } from '../../openstack/keystone/groups.ts'
import { deleteProject, findProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { deleteUser, findUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Login, ThrowawayAccounts } from './accounts.ts'

export type InTenantOptions = {
  readonly accounts: ThrowawayAccounts
  readonly domainId: string
  readonly manager: Session
  /** Makes what the manager may not, so that all probes run, and removes it. Absent: the manager does all of it. */
  readonly operator?: Session
}

/** `by`: whose right to make it is in question; nobody makes it in its place. */
export class TenantThrowaways {
  readonly #accounts: ThrowawayAccounts
  readonly #domainId: string
  readonly #manager: Session
  readonly #operator: Session | undefined

  constructor({ accounts, domainId, manager, operator }: InTenantOptions) {
    this.#accounts = accounts
    this.#domainId = domainId
    this.#manager = manager
    this.#operator = operator
  }

  async user(what: string, by?: Session): Promise<Login> {
    const password = await this.#accounts.newPassword()
    const user = await this.#user(what, by, (maker) => this.#accounts.userWith(password, this.#domainId, what, maker))
    return this.#accounts.usable(user, password)
  }

  disabledUser(what: string, by?: Session): Promise<User> {
    return this.#user(what, by, (maker) => this.#accounts.disabledUser(this.#domainId, what, maker))
  }

  project(what: string, by?: Session): Promise<Project> {
    return this.#accounts.throwaways.make({
      kind: 'project',
      name: this.#name(what),
      create: () => this.#create(by, (maker) => this.#accounts.project(this.#domainId, what, maker)),
      find: () => findProject(this.#remover, this.#name(what), this.#domainId),
      remove: ({ id }) => deleteProject(this.#remover, id),
    })
  }

  group(what: string, by?: Session): Promise<Group> {
    return this.#accounts.throwaways.make({
      kind: 'group',
      name: this.#name(what),
      create: () => this.#create(by, (maker) => this.#accounts.group(this.#domainId, what, maker)),
      find: () => findGroup(this.#remover, this.#name(what), this.#domainId),
      remove: ({ id }) => deleteGroup(this.#remover, id),
    })
  }

  get #remover(): Session {
    return this.#operator ?? this.#manager
  }

  #name(what: string): string {
    return this.#accounts.throwaways.name(what)
  }

  #user(what: string, by: Session | undefined, make: (maker: Session) => Promise<User>): Promise<User> {
    return this.#accounts.throwaways.make({
      kind: 'user',
      name: this.#name(what),
      create: () => this.#create(by, make),
      find: () => findUser(this.#remover, this.#name(what), this.#domainId),
      remove: ({ id }) => deleteUser(this.#remover, id),
    })
  }

  async #create<T>(by: Session | undefined, make: (maker: Session) => Promise<T>): Promise<T> {
    try {
      return await make(by ?? this.#manager)
    } catch (error) {
      if (by !== undefined || this.#operator === undefined || refusalOf(error) !== 403) throw error
      return make(this.#operator)
    }
  }
}
