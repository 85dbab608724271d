/** Accounts of a Keystone in the lab for tests about its policy, and plain requests in their name. */
import { randomUUID } from 'node:crypto'
import type { LabKeystone } from './cloud.ts'

export type Reply = { readonly status: number; readonly body: unknown; readonly message: string }

export type Person = {
  readonly id: string
  readonly token: string
  ask: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>
}

export type Scope =
  | { readonly project: { readonly id: string } }
  | { readonly domain: { readonly id: string } }
  | { readonly system: { readonly all: true } }

export const password = 'lab-Pass-word1'

/** Signs in with a whole `identity`; errors carry what Keystone said. */
export async function signIn(url: string, identity: unknown, scope?: unknown): Promise<Person> {
  const answer = await send(url, undefined, 'POST', '/auth/tokens', {
    auth: { identity, ...(scope === undefined ? {} : { scope }) },
  })
  const token = answer.headers.get('x-subject-token')
  const body = (await answer.json()) as { readonly token: { readonly user: { readonly id: string } } }
  if (token === null) throw new Error(`sign-in answered ${answer.status}: ${JSON.stringify(body)}`)
  return {
    id: body.token.user.id,
    token,
    async ask(method, path, content, headers) {
      const reply = await send(url, token, method, path, content, headers)
      const text = await reply.text()
      const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
      return { status: reply.status, body: parsed, message: text }
    },
  }
}

function send(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** Makes what a test needs as the cloud's admin, and takes all of it away again. */
export class Stage {
  readonly admin: Person
  readonly keystone: LabKeystone
  /** Of cloud-wide roles, by name in lower case: the charm's admin is called Admin. */
  readonly roles: ReadonlyMap<string, string>
  readonly #made: string[] = []
  readonly #mark = randomUUID().slice(0, 8)
  #count = 0

  private constructor(keystone: LabKeystone, admin: Person, roles: ReadonlyMap<string, string>) {
    this.keystone = keystone
    this.admin = admin
    this.roles = roles
  }

  static async open(keystone: LabKeystone): Promise<Stage> {
    const { admin, url } = keystone
    const person = await signIn(
      url,
      passwordOf({ name: admin.username, domain: { name: admin.userDomain } }, admin.password),
      {
        project: { name: admin.project, domain: { name: admin.projectDomain } },
      },
    )
    const { body } = await person.ask('GET', '/roles')
    const { roles } = body as { readonly roles: readonly { readonly id: string; readonly name: string }[] }
    return new Stage(keystone, person, new Map(roles.map(({ id, name }) => [name.toLowerCase(), id])))
  }

  /** A name that nothing else has. */
  name(what: string): string {
    this.#count += 1
    return `policy-${this.#mark}-${what}-${this.#count}`
  }

  role(name: string): string {
    const id = this.roles.get(name.toLowerCase())
    if (id === undefined) throw new Error(`the lab has no role ${name}`)
    return id
  }

  /** The id of a new object; `kind` as the URL has it, without the plural s. */
  async create(kind: 'domain' | 'project' | 'user' | 'group' | 'role' | 'credential', fields: object): Promise<string> {
    const { body, status, message } = await this.admin.ask('POST', `/${kind}s`, { [kind]: fields })
    const made = (body as Readonly<Record<string, { readonly id: string } | undefined>> | undefined)?.[kind]
    if (made === undefined) throw new Error(`making a ${kind} answered ${status}: ${message}`)
    this.#made.push(`/${kind}s/${made.id}`)
    return made.id
  }

  domain(): Promise<string> {
    return this.create('domain', { name: this.name('domain') })
  }

  project(domain: string): Promise<string> {
    return this.create('project', { name: this.name('project'), domain_id: domain })
  }

  user(domain: string): Promise<string> {
    return this.create('user', { name: this.name('user'), domain_id: domain, password })
  }

  group(domain: string): Promise<string> {
    return this.create('group', { name: this.name('group'), domain_id: domain })
  }

  async grant(user: string, role: string, scope: Scope): Promise<void> {
    const where =
      'system' in scope
        ? '/system'
        : 'domain' in scope
          ? `/domains/${scope.domain.id}`
          : `/projects/${scope.project.id}`
    const { status, message } = await this.admin.ask('PUT', `${where}/users/${user}/roles/${role}`)
    if (status !== 204) throw new Error(`a grant answered ${status}: ${message}`)
  }

  /** Somebody new who holds these roles. */
  async person(domain: string, scope: Scope, ...roles: readonly string[]): Promise<Person> {
    const user = await this.user(domain)
    for (const role of roles) await this.grant(user, this.role(role), scope)
    return this.signIn(user, scope)
  }

  signIn(user: string, scope?: Scope): Promise<Person> {
    return signIn(this.keystone.url, passwordOf({ id: user }, password), scope)
  }

  /** Last made, first removed; a domain has to be disabled before, and takes along who and what is in it. */
  async close(): Promise<void> {
    for (const path of this.#made.filter((made) => !/^\/(?:users|groups|projects)\//.test(made)).reverse()) {
      if (path.startsWith('/domains/')) await this.admin.ask('PATCH', path, { domain: { enabled: false } })
      await this.admin.ask('DELETE', path)
    }
  }
}

function passwordOf(user: object, secret: string): object {
  return { methods: ['password'], password: { user: { ...user, password: secret } } }
}

/** Keystone names the action when a rule says no, and nothing else that it refuses does. */
export function isRefused({ status, message }: Reply, action: string): boolean {
  return status === 403 && message.includes(`requested action: ${action}.`)
}
