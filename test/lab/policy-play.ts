/** Plays a counterexample on a real Keystone: whom and what it is about is made, then the request is sent. */
import type { Counterexample } from '../../src/policy/prove/counterexample.ts'
import { lookUp } from '../../src/policy/python/value.ts'
import { isRefused } from './policy-people.ts'
import type { Person, Reply, Scope, Stage } from './policy-people.ts'

/** What Keystone decided; `words` is its answer. */
export type Played = { readonly decision: 'allow' | 'deny'; readonly request: string; readonly message: string }

/** What earlier plays made, by what it is: most counterexamples are about the same few things. */
export type Pool = { readonly ids: Map<string, string>; readonly people: Map<string, Person> }

/** A request that can be sent: whoever sends it and whatever it names is there. */
export type Prepared = {
  readonly caller: Person
  readonly method: string
  /** Without `/v3`. */
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** Makes whom and what a counterexample is about. `standing`: ids of things that are there, by the name of their id. */
export async function prepare(
  found: Counterexample,
  stage: Stage,
  known: readonly string[],
  pool: Pool,
  standing: Readonly<Record<string, string>> = {},
): Promise<Prepared> {
  const props = new Props(found, stage, known, pool)
  const caller = await props.caller()
  await props.objects(standing)
  const { request, action } = found
  // a HEAD has no body that could name the action; GET asks the same
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const path = props.real(request.path.replace(/^\/v3/, ''))
  const body: unknown = request.body === undefined ? undefined : JSON.parse(props.real(JSON.stringify(request.body)))
  const subject = request.headers?.['X-Subject-Token']
  const token = subject === undefined ? undefined : await props.subjectToken(caller)
  return {
    caller,
    method,
    path: path.replaceAll(/\{(\w+)\}/g, (whole, id: string) => standing[id] ?? whole),
    body: complete(action, body, stage),
    headers: token === undefined ? undefined : { 'X-Subject-Token': token },
  }
}

/** `known`: ids that are real already, because the base policy names them. */
export async function play(found: Counterexample, stage: Stage, known: readonly string[], pool: Pool): Promise<Played> {
  const { action } = found
  const { caller, method, path, body, headers } = await prepare(found, stage, known, pool)
  const reply = await caller.ask(method, path, body, headers)
  const decision = isRefused(reply, action) ? 'deny' : 'allow'
  if (method === 'DELETE' && decision === 'allow') {
    for (const [what, id] of pool.ids) if (path.endsWith(`/${id}`)) pool.ids.delete(what)
  }
  return { decision, request: `${method} ${path}`, message: `${reply.status} ${reply.message}` }
}

/** What Keystone wants in a body and no rule looks at. */
function complete(action: string, body: unknown, stage: Stage): unknown {
  const member = /^identity:create_(user|project|group|domain|role|service|region)$/.exec(action)?.[1]
  if (member === undefined) return body
  const all = (body ?? {}) as Readonly<Record<string, object | undefined>>
  return { ...all, [member]: { name: stage.name(member), ...all[member] } }
}

/** Real ids for the invented ones, each made when it is first needed. */
class Props {
  readonly #found: Counterexample
  readonly #stage: Stage
  readonly #ids = new Map<string, string>()
  readonly #pool: Pool

  constructor(found: Counterexample, stage: Stage, known: readonly string[], pool: Pool) {
    this.#found = found
    this.#stage = stage
    this.#pool = pool
    for (const id of known) this.#ids.set(id, id)
  }

  /** Longest first, so that `home-2` is not taken for `home`. */
  real(text: string): string {
    const names = [...this.#ids.keys()].sort((a, b) => b.length - a.length)
    return text.replaceAll(new RegExp(names.map((name) => name.replaceAll(/\W/g, '\\$&')).join('|'), 'g'), (name) => {
      return this.#ids.get(name) ?? name
    })
  }

  async caller(): Promise<Person> {
    const { creds, caller } = this.#found
    const domain = await this.#domain(text(lookUp(creds, 'user_domain_id')))
    const scope = await this.#scope()
    const who = JSON.stringify([domain, scope, caller.roles])
    const person = this.#pool.people.get(who) ?? (await this.#cast(domain, scope))
    this.#pool.people.set(who, person)
    this.#ids.set(text(lookUp(creds, 'user_id')), person.id)
    return person
  }

  async #cast(domain: string, scope: Scope | undefined): Promise<Person> {
    const user = await this.#stage.user(domain)
    if (scope === undefined) return this.#stage.signIn(user)
    for (const role of this.#found.caller.roles) {
      await this.#stage.grant(user, await this.#role(role, undefined), scope)
    }
    return this.#stage.signIn(user, scope)
  }

  async #scope(): Promise<Scope | undefined> {
    const { creds, caller } = this.#found
    switch (caller.scope) {
      case 'system':
        return { system: { all: true } }
      case 'domain':
        return { domain: { id: await this.#domain(text(lookUp(creds, 'domain_id'))) } }
      case 'project':
      case 'admin-project': {
        const domain = await this.#domain(text(lookUp(creds, 'project_domain_id')))
        const project = text(lookUp(creds, 'project_id'))
        return { project: { id: await this.#make(project, `project in ${domain}`, () => this.#stage.project(domain)) } }
      }
      case 'unscoped':
        return undefined
    }
  }

  /** The owner of the token that the request is about. */
  async subjectToken(caller: Person): Promise<string> {
    const owner = this.#found.objects['target.token.user_id']
    const id = typeof owner === 'string' ? this.#ids.get(owner) : undefined
    if (id === undefined || id === caller.id) return caller.token
    return (await this.#stage.signIn(id)).token
  }

  /** Everything that the request names. */
  async objects(standing: Readonly<Record<string, string>>): Promise<void> {
    const { objects } = this.#found
    for (const [key, id] of Object.entries(standing)) {
      const name = objects[key]
      if (typeof name === 'string' && !this.#ids.has(name)) this.#ids.set(name, id)
    }
    const domains = ['target.domain.id', 'target.user.domain_id', 'target.group.domain_id', 'target.project.domain_id']
    for (const key of domains) {
      const id = objects[key]
      if (typeof id === 'string') await this.#domain(id)
    }
    for (const kind of ['user', 'group'] as const) await this.#account(kind)
    await this.#project()
    for (const kind of ['role', 'prior_role', 'implied_role'] as const) await this.#namedRole(kind)
    await this.#owner()
    await this.#credential()
    await this.#trust()
    await this.#applicationCredential()
  }

  /** Of a token or a trust, who is named only there. */
  async #owner(): Promise<void> {
    const { objects } = this.#found
    for (const key of ['target.token.user_id', 'target.trust.trustor_user_id', 'target.trust.trustee_user_id']) {
      const id = objects[key]
      if (typeof id !== 'string') continue
      const home = await this.#domain(objects['target.token.user.domain.id'] ?? `domain of ${key}`)
      await this.#make(id, `user in ${home}`, () => this.#stage.user(home))
    }
  }

  async #trust(): Promise<void> {
    const { objects } = this.#found
    const id = objects['target.trust.id'] ?? objects['trust_id']
    const party = (key: string): string | undefined => {
      const name = objects[`target.trust.${key}_user_id`]
      return typeof name === 'string' ? this.#ids.get(name) : undefined
    }
    if (typeof id !== 'string') return
    await this.#make(id, 'trust', async () => {
      const { person, project } = await this.#onProject(party('trustor'))
      const trust = {
        trustor_user_id: person.id,
        trustee_user_id: party('trustee') ?? this.#stage.admin.id,
        project_id: project,
        impersonation: true,
        roles: [{ name: 'member' }],
      }
      return idIn(await person.ask('POST', '/OS-TRUST/trusts', { trust }), 'trust')
    })
  }

  async #applicationCredential(): Promise<void> {
    const { objects } = this.#found
    const id = objects['application_credential_id']
    if (typeof id !== 'string') return
    const owner = objects['user_id']
    await this.#make(id, 'application credential', async () => {
      const { person } = await this.#onProject(typeof owner === 'string' ? this.#ids.get(owner) : undefined)
      if (typeof owner === 'string') this.#ids.set(owner, person.id)
      const made = await person.ask('POST', `/users/${person.id}/application_credentials`, {
        application_credential: { name: 'of a test' },
      })
      return idIn(made, 'application_credential')
    })
  }

  /** Somebody as a member of a project of its own. */
  async #onProject(user: string | undefined): Promise<{ readonly person: Person; readonly project: string }> {
    const home = await this.#domain('domain of somebody')
    const project = await this.#stage.project(home)
    const id = user ?? (await this.#stage.user(home))
    await this.#stage.grant(id, this.#stage.role('member'), { project: { id: project } })
    return { person: await this.#stage.signIn(id, { project: { id: project } }), project }
  }

  async #account(kind: 'user' | 'group'): Promise<void> {
    const { objects } = this.#found
    const id = objects[`target.${kind}.id`] ?? objects[`${kind}_id`]
    if (typeof id !== 'string') return
    const home = await this.#domain(objects[`target.${kind}.domain_id`] ?? `domain of the ${kind}`)
    await this.#make(id, `${kind} in ${home}`, () => this.#stage[kind](home))
  }

  async #project(): Promise<void> {
    const { objects } = this.#found
    const id = objects['target.project.id']
    if (typeof id !== 'string') return
    const home = objects['target.project.domain_id']
    // the record of a domain has the domain's id
    if (home === null) {
      await this.#domain(id)
      return
    }
    const place = await this.#domain(home ?? 'domain of the project')
    await this.#make(id, `project in ${place}`, () => this.#stage.project(place))
  }

  async #namedRole(kind: string): Promise<void> {
    const { objects } = this.#found
    const id = objects[`${kind}_id`] ?? objects[`target.${kind}.id`]
    if (typeof id !== 'string') return
    const own = objects[`target.${kind}.domain_id`]
    const name = objects[`target.${kind}.name`] ?? 'member'
    this.#ids.set(id, await this.#role(name, typeof own === 'string' ? await this.#domain(own) : undefined))
  }

  async #credential(): Promise<void> {
    const { objects } = this.#found
    const id = objects['target.credential.id'] ?? objects['credential_id']
    if (typeof id !== 'string') return
    const owner = this.#ids.get(text(objects['target.credential.user_id'] ?? objects['user_id']))
    const user = owner ?? this.#stage.admin.id
    const fields = { type: 'totp', blob: 'a seed', user_id: user }
    if (this.#found.action.startsWith('identity:ec2_')) {
      await this.#make(id, `EC2 key of ${user}`, async () => {
        const { project } = await this.#onProject(user)
        const made = await this.#stage.admin.ask('POST', `/users/${user}/credentials/OS-EC2`, { tenant_id: project })
        return idIn(made, 'credential', 'access')
      })
      return
    }
    await this.#make(id, `credential of ${fields.user_id}`, () => this.#stage.create('credential', fields))
  }

  async #role(name: string, domain: string | undefined): Promise<string> {
    if (domain !== undefined) {
      return this.#make(`role ${name} of ${domain}`, '', () => this.#stage.create('role', { name, domain_id: domain }))
    }
    const known = this.#stage.roles.get(name.toLowerCase())
    return known ?? this.#make(`role ${name}`, '', () => this.#stage.create('role', { name: this.#stage.name(name) }))
  }

  #domain(id: string): Promise<string> {
    return this.#make(id, '', () => this.#stage.domain())
  }

  /** `where` tells two things of the same name apart. */
  async #make(name: string, where: string, make: () => Promise<string>): Promise<string> {
    const what = `${name} ${where}`
    const id = this.#ids.get(name) ?? this.#pool.ids.get(what) ?? (await make())
    this.#ids.set(name, id)
    this.#pool.ids.set(what, id)
    return id
  }
}

function idIn({ body, message }: Reply, kind: string, key = 'id'): string {
  const made = (body as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | undefined)?.[kind]
  const id = made?.[key]
  if (typeof id !== 'string') throw new Error(`making a ${kind} answered ${message}`)
  return id
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`no text but ${String(value)}`)
  return value
}
