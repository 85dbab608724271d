/**
 * The personas of src/policy on a real Keystone: their domains, projects, groups and accounts under names of their own,
 * and a token for each. What src/policy calls `acme-alice` has an id there that this knows.
 */
import { personasOf } from '../../src/policy/model/persona.ts'
import type { Persona, PersonaName } from '../../src/policy/model/persona.ts'
import type { CloudFacts } from '../../src/policy/model/cloud-facts.ts'
import type { WireRequest } from '../../src/policy/model/operation.ts'
import { otherDomain } from '../../src/policy/model/request-context.ts'
import { at, signInAdmin, text } from './ask.ts'
import type { LabKeystone } from './cloud.ts'

export type PersonaAccounts = {
  readonly tokens: ReadonlyMap<PersonaName, string>
  /** The names of the roles in each token. */
  readonly roles: ReadonlyMap<PersonaName, readonly string[]>
  /** The same request with the ids of this Keystone. */
  readonly translate: (request: WireRequest) => WireRequest
}

/** `mark` keeps the names of two runs apart. */
export async function makePersonaAccounts(on: LabKeystone, facts: CloudFacts, mark: string): Promise<PersonaAccounts> {
  const admin = await signInAdmin(on)
  const post = async (collection: string, kind: string, attributes: Record<string, unknown>): Promise<string> =>
    text((await admin('POST', `${on.url}/${collection}`, { [kind]: attributes })).body, `${kind}.id`)
  const find = async (path: string, kind: string): Promise<string> =>
    text((await admin('GET', `${on.url}/${path}`)).body, `${kind}.0.id`)

  const domains = new Map<string, string>()
  const users = new Map<string, string>()
  const groups = new Map<string, string>()
  const projects = new Map<string, string>()
  const roles = new Map<string, string>()

  const personas = personasOf(facts)
  const adminDomain = await find(`domains?name=${on.admin.projectDomain}`, 'domains')
  domains.set(facts.adminDomain, adminDomain)
  projects.set('admin', await find(`projects?name=${on.admin.project}&domain_id=${adminDomain}`, 'projects'))
  const services = await admin('GET', `${on.url}/projects/${facts.servicesProject}`)
  if (services.status === 200) {
    projects.set(facts.servicesProject, facts.servicesProject)
    domains.set('service_domain', text(services.body, 'project.domain_id'))
  }
  for (const name of new Set([...personas.flatMap(({ domain, userDomain }) => [domain, userDomain]), otherDomain])) {
    const id = domains.get(name) ?? (await post('domains', 'domain', { name: `${mark}-${name}` }))
    domains.set(name, id)
    users.set(`${name}-alice`, await post('users', 'user', { name: `${mark}-${name}-alice`, domain_id: id }))
    groups.set(`${name}-team`, await post('groups', 'group', { name: `${mark}-${name}-team`, domain_id: id }))
    projects.set(`${name}-dev`, await post('projects', 'project', { name: `${mark}-${name}-dev`, domain_id: id }))
    roles.set(`${name}-special`, await post('roles', 'role', { name: `${mark}-${name}-special`, domain_id: id }))
  }
  for (const name of new Set([...personas.flatMap((persona) => persona.roles), 'manager', 'load-balancer_member'])) {
    const found = await admin('GET', `${on.url}/roles?name=${name}`)
    const id = at(found.body, 'roles.0.id')
    roles.set(name, typeof id === 'string' ? id : await post('roles', 'role', { name }))
  }
  for (const { project, domain } of personas) {
    if (project === undefined || projects.has(project)) continue
    projects.set(
      project,
      await post('projects', 'project', { name: `${mark}-${project}`, domain_id: idIn(domains, domain) }),
    )
  }
  for (const { user, userDomain } of personas) {
    if (users.has(user)) continue
    const account = { name: `${mark}-${user}`, domain_id: idIn(domains, userDomain), password: `of ${user}` }
    users.set(user, await post('users', 'user', account))
  }

  const tokens = new Map<PersonaName, string>()
  const held = new Map<PersonaName, readonly string[]>()
  for (const persona of personas) {
    const { place, scope } = scopeOf(persona, domains, projects)
    const user = idIn(users, persona.user)
    for (const role of persona.roles) {
      await admin('PUT', `${on.url}/${place}/users/${user}/roles/${idIn(roles, role)}`)
    }
    const { token, body } = await authenticate(on, persona, user, scope)
    tokens.set(persona.name, token)
    const names = at(body, 'token.roles')
    held.set(persona.name, Array.isArray(names) ? names.map((role) => text(role, 'name')) : [])
  }
  const ids = { domains, users, groups, projects, roles }
  return { tokens, roles: held, translate: (request) => translated(request, ids) }
}

function scopeOf({ creds, project, domain }: Persona, domains: Ids, projects: Ids) {
  if (creds['system_scope'] === 'all') return { place: 'system', scope: { system: { all: true } } }
  if (project === undefined) {
    const id = idIn(domains, domain)
    return { place: `domains/${id}`, scope: { domain: { id } } }
  }
  const id = idIn(projects, project)
  return { place: `projects/${id}`, scope: { project: { id } } }
}

type SignedIn = { readonly token: string; readonly body: unknown }

async function authenticate(on: LabKeystone, persona: Persona, user: string, scope: unknown): Promise<SignedIn> {
  const signed = await issue(on, {
    identity: { methods: ['password'], password: { user: { id: user, password: `of ${persona.user}` } } },
    scope,
  })
  if (persona.name !== 'application-credential') return signed
  const made = await fetch(`${on.url}/users/${user}/application_credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': signed.token },
    body: JSON.stringify({ application_credential: { name: 'ci', secret: 'of the credential' } }),
  })
  const id = text(await made.json(), 'application_credential.id')
  return issue(on, {
    identity: { methods: ['application_credential'], application_credential: { id, secret: 'of the credential' } },
  })
}

async function issue(on: LabKeystone, auth: unknown): Promise<SignedIn> {
  const answer = await fetch(`${on.url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  })
  const token = answer.headers.get('x-subject-token')
  if (token === null) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`)
  return { token, body: await answer.json() }
}

type Ids = ReadonlyMap<string, string>
type AllIds = {
  readonly domains: Ids
  readonly users: Ids
  readonly groups: Ids
  readonly projects: Ids
  readonly roles: Ids
}

function idIn(ids: Ids, name: string): string {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`nothing on the stage is called ${name}`)
  return id
}

/** An account that does not exist stays as it is; a project may be a domain's own record. */
function translated(request: WireRequest, ids: AllIds): WireRequest {
  const project = (name: string): string => ids.projects.get(name) ?? idIn(ids.domains, name)
  const kinds: Readonly<Record<string, (name: string) => string>> = {
    domain: (name) => idIn(ids.domains, name),
    user: (name) => ids.users.get(name) ?? name,
    group: (name) => ids.groups.get(name) ?? name,
    project,
    role: (name) => idIn(ids.roles, name.replace(/-role$/, '')),
  }
  const as = (kind: string | undefined, name: string): string => kinds[kind ?? '']?.(name) ?? name
  const [path = '', query] = request.path.split('?')
  const real = path.replace(
    /\/(domain|user|group|project|role)s\/([^/]+)/g,
    (_whole, kind: string, name: string) => `/${kind}s/${as(kind, name)}`,
  )
  const implied = real.replace(/\/implies\/([^/]+)/, (_whole, name: string) => `/implies/${as('role', name)}`)
  const pairs = query?.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split('=')
    return `${key}=${as(kindOf(key), value)}`
  })
  const body = request.body === undefined ? undefined : bodyOf(request.body, as)
  const { headers, method } = request
  return {
    method,
    path: pairs === undefined ? implied : `${implied}?${pairs.join('&')}`,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  }
}

/** `trustor_user_id`, `scope.project.id`, `tenant_id`. */
function kindOf(key: string): string | undefined {
  if (key === 'tenant_id') return 'project'
  return /(domain|user|group|project|role)[._]id$/.exec(key)?.[1]
}

function bodyOf(body: object, as: (kind: string | undefined, name: string) => string): Record<string, never> {
  const walk = (key: string, value: unknown): unknown => {
    if (typeof value === 'string') return as(kindOf(key), value)
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(name, each)]))
  }
  return JSON.parse(JSON.stringify(walk('', body))) as Record<string, never>
}
