/** Plays a counterexample on a real Keystone: whom and what it is about is made, then the request is sent. */
import type { Counterexample } from '../../src/policy/prove/counterexample.ts'
import { lookUp } from '../../src/policy/python/value.ts'
import { isRefused } from './policy-people.ts'
import type { Person, Scope, Stage } from './policy-people.ts'

/** What Keystone decided; `words` is its answer. */
export type Played = { readonly decision: 'allow' | 'deny'; readonly request: string; readonly message: string }

/** What earlier plays made, by what it is: most counterexamples are about the same few things. */
export type Pool = { readonly ids: Map<string, string>; readonly people: Map<string, Person> }

/** `known`: ids that are real already, because the base policy names them. */
export async function play(found: Counterexample, stage: Stage, known: readonly string[], pool: Pool): Promise<Played> {
  const props = new Props(found, stage, known, pool)
  const caller = await props.caller()
  await props.objects()
  const { request, action } = found
  // a HEAD has no body that could name the action; GET asks the same
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const path = props.real(request.path.replace(/^\/v3/, ''))
  const body: unknown = request.body === undefined ? undefined : JSON.parse(props.real(JSON.stringify(request.body)))
  const subject = request.headers?.['X-Subject-Token']
  const headers = subject === undefined ? undefined : { 'X-Subject-Token': caller.token }
  const reply = await caller.ask(method, path, complete(action, body, stage), headers)
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

  /** Everything that the request names. */
  async objects(): Promise<void> {
    const { objects } = this.#found
    const domains = ['target.domain.id', 'target.user.domain_id', 'target.group.domain_id', 'target.project.domain_id']
    for (const key of domains) {
      const id = objects[key]
      if (typeof id === 'string') await this.#domain(id)
    }
    for (const kind of ['user', 'group'] as const) await this.#account(kind)
    await this.#project()
    for (const kind of ['role', 'prior_role', 'implied_role'] as const) await this.#namedRole(kind)
    await this.#credential()
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
    const fields = { type: 'totp', blob: 'a seed', user_id: owner ?? this.#stage.admin.id }
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

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`no text but ${String(value)}`)
  return value
}
