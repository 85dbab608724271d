/**
 * The same small cloud on any Keystone of `lab/up releases`: the domains acme, globex and magnum beside Default, one of
 * everything in each, and the tokens of the personas. Labels such as `user:acme-alice` are the same everywhere, ids are
 * not. It is made once for each Keystone, and kept beside its database.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { keep } from './releases.ts'
import type { RunningRelease } from './releases.ts'

const saved = z.object({
  ids: z.record(z.string(), z.string()),
  tokens: z.record(z.string(), z.string()),
  /** `admin>member`: what roles imply there. */
  inferences: z.array(z.string()),
})
export type World = z.infer<typeof saved>

export type WorldPersona = {
  readonly user: string
  readonly project: string | undefined
  readonly domain: string
  readonly foreign: string
}

/** Its user, project and domain, and the domain that is foreign to it; all as in the labels. */
export const worldPersonas: Readonly<Record<string, WorldPersona>> = {
  'cloud-admin': { user: 'admin', project: 'admin', domain: 'default', foreign: 'globex' },
  'system-admin': { user: 'admin', project: undefined, domain: 'default', foreign: 'globex' },
  'system-reader': { user: 'default-system-reader', project: undefined, domain: 'default', foreign: 'globex' },
  service: { user: 'default-service', project: 'service', domain: 'default', foreign: 'globex' },
  'service-admin': { user: 'default-service-admin', project: 'service', domain: 'default', foreign: 'globex' },
  'domain-admin': { user: 'magnum-domain-admin', project: undefined, domain: 'magnum', foreign: 'globex' },
  'domain-manager': { user: 'acme-domain-manager', project: undefined, domain: 'acme', foreign: 'globex' },
  'foreign-manager': { user: 'globex-foreign-manager', project: undefined, domain: 'globex', foreign: 'acme' },
  'domain-member': { user: 'acme-domain-member', project: undefined, domain: 'acme', foreign: 'globex' },
  'domain-reader': { user: 'acme-domain-reader', project: undefined, domain: 'acme', foreign: 'globex' },
  'project-admin': { user: 'acme-project-admin', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
  'project-manager': { user: 'acme-project-manager', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
  member: { user: 'acme-member', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
  reader: { user: 'acme-reader', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
  'app-credential': { user: 'acme-app-credential', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
  trustee: { user: 'acme-member', project: 'acme-prod', domain: 'acme', foreign: 'globex' },
}

const grants: readonly (readonly [persona: string, roles: readonly string[], on: string])[] = [
  ['system-reader', ['reader'], 'system'],
  ['service', ['service'], 'project:service'],
  ['service-admin', ['admin', 'service'], 'project:service'],
  ['domain-admin', ['admin'], 'domain:magnum'],
  ['domain-manager', ['manager'], 'domain:acme'],
  ['foreign-manager', ['manager'], 'domain:globex'],
  ['domain-member', ['member'], 'domain:acme'],
  ['domain-reader', ['reader'], 'domain:acme'],
  ['project-admin', ['admin'], 'project:acme-prod'],
  ['project-manager', ['manager'], 'project:acme-prod'],
  ['member', ['member', 'load-balancer_member'], 'project:acme-prod'],
  ['reader', ['reader'], 'project:acme-prod'],
  ['app-credential', ['member'], 'project:acme-prod'],
]

/** The cloud of this Keystone, made now if it is not there yet; from then on `restore` goes back to it. */
export async function worldOf(on: RunningRelease): Promise<World> {
  const path = join(on.dir, 'world.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  const world = text === undefined ? await new WorldBuilder(on).make() : saved.parse(JSON.parse(text))
  if (text === undefined) await writeFile(path, JSON.stringify(world))
  await keep(on)
  return world
}

type OnProject = { readonly token: string; readonly project: string }
type Answer = { readonly status: number; readonly body: unknown; readonly token: string | null }

class WorldBuilder {
  readonly #on: RunningRelease
  readonly #ids: Record<string, string> = {}
  readonly #tokens: Record<string, string> = {}
  #admin = ''
  /** Old releases let only the system's admin make limits. */
  #system = ''

  constructor(on: RunningRelease) {
    this.#on = on
  }

  async make(): Promise<World> {
    this.#admin = await this.#signIn(
      { name: 'admin', domain: { id: 'default' } },
      { project: { name: 'admin', domain: { id: 'default' } } },
    )
    this.#tokens['cloud-admin'] = this.#admin
    this.#ids['domain:default'] = 'default'
    this.#ids['user:admin'] = at(await this.#must('GET', '/users?name=admin'), 'users.0.id')
    this.#ids['project:admin'] = at(await this.#must('GET', '/projects?name=admin'), 'projects.0.id')
    const inferences = await this.#roles()
    const admin = this.#ids['user:admin']
    await this.#must('PUT', `/system/users/${admin}/roles/${this.#id('role:admin')}`)
    this.#system = await this.#signIn({ id: admin }, { system: { all: true } })
    this.#tokens['system-admin'] = this.#system
    await this.#cloud()
    for (const domain of ['acme', 'globex', 'magnum', 'default']) await this.#household(domain)
    await this.#people()
    return { ids: this.#ids, tokens: this.#tokens, inferences }
  }

  async #roles(): Promise<string[]> {
    const { roles } = (await this.#must('GET', '/roles')) as { roles: readonly { id: string; name: string }[] }
    for (const { id, name } of roles) this.#ids[`role:${name}`] = id
    for (const name of ['admin', 'manager', 'member', 'reader', 'service', 'load-balancer_member', 'custom']) {
      if (this.#ids[`role:${name}`] === undefined) await this.#create('role', `role:${name}`, '/roles', { name })
    }
    await this.#must('PUT', `/roles/${this.#id('role:custom')}/implies/${this.#id('role:load-balancer_member')}`)
    type Inference = { prior_role: { name: string }; implies: readonly { name: string }[] }
    const { role_inferences: found } = (await this.#must('GET', '/role_inferences')) as {
      role_inferences: readonly Inference[]
    }
    return found.flatMap(({ prior_role, implies }) => implies.map(({ name }) => `${prior_role.name}>${name}`)).sort()
  }

  /** What the whole cloud shares: one of each kind. */
  async #cloud(): Promise<void> {
    this.#ids['service:identity'] = at(await this.#must('GET', '/services?type=identity'), 'services.0.id')
    await this.#create('project', 'project:service', '/projects', { name: 'service', domain_id: 'default' })
    await this.#create('region', 'region:r1', '/regions', { id: 'r1', description: 'one' })
    const service = await this.#create('service', 'service:s1', '/services', { type: 'volumev3', name: 's1' })
    const endpoint = { service_id: service, interface: 'public', url: 'http://e1', region_id: 'r1' }
    await this.#create('endpoint', 'endpoint:e1', '/endpoints', endpoint)
    await this.#create('endpoint_group', 'endpoint_group:g1', '/OS-EP-FILTER/endpoint_groups', {
      name: 'g1',
      filters: { interface: 'public' },
    })
    await this.#create('policy', 'policy:p1', '/policies', { blob: '{}', type: 'application/json' })
    const rules = [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'REMOTE_USER' }] }]
    const federation = '/OS-FEDERATION'
    await this.#must('PUT', `${federation}/mappings/m1`, { mapping: { rules } })
    await this.#must('PUT', `${federation}/identity_providers/idp1`, {
      identity_provider: { enabled: true, remote_ids: ['https://idp1'] },
    })
    await this.#must('PUT', `${federation}/identity_providers/idp1/protocols/saml2`, { protocol: { mapping_id: 'm1' } })
    await this.#must('PUT', `${federation}/service_providers/sp1`, {
      service_provider: { auth_url: 'https://sp1/auth', sp_url: 'https://sp1' },
    })
    await this.#create('consumer', 'consumer:c1', '/OS-OAUTH1/consumers', { description: 'c1' })
    const limits = ['volumes', 'unused'].map((name) => ({
      service_id: service,
      resource_name: name,
      default_limit: 10,
    }))
    const made = await this.#must('POST', '/registered_limits', { registered_limits: limits }, this.#system)
    for (const index of [0, 1]) {
      this.#ids[`registered_limit:${at(made, `registered_limits.${index}.resource_name`)}`] = at(
        made,
        `registered_limits.${index}.id`,
      )
    }
    await this.#must(
      'PUT',
      `/policies/${this.#id('policy:p1')}/OS-ENDPOINT-POLICY/endpoints/${this.#id('endpoint:e1')}`,
    )
  }

  /** One of everything in a domain; alice owns it. */
  async #household(name: string): Promise<void> {
    if (name !== 'default') await this.#create('domain', `domain:${name}`, '/domains', { name })
    const domain = this.#id(`domain:${name}`)
    for (const user of ['alice', 'bob', 'spare']) await this.#user(`${name}-${user}`, domain)
    const team = await this.#create('group', `group:${name}-team`, '/groups', {
      name: `${name}-team`,
      domain_id: domain,
    })
    for (const project of ['prod', 'dev', 'spare']) {
      const label = `${name}-${project}`
      await this.#create('project', `project:${label}`, '/projects', { name: label, domain_id: domain })
    }
    const dev = this.#id(`project:${name}-dev`)
    const alice = this.#id(`user:${name}-alice`)
    const member = this.#id('role:member')
    await this.#must('PUT', `/projects/${dev}/tags/red`)
    await this.#create('role', `role:${name}-special`, '/roles', { name: `${name}-special`, domain_id: domain })
    await this.#must('PUT', `/groups/${team}/users/${alice}`)
    for (const whom of [`users/${alice}`, `groups/${team}`]) {
      await this.#must('PUT', `/projects/${dev}/${whom}/roles/${member}`)
      for (const role of ['member', 'reader'])
        await this.#must('PUT', `/domains/${domain}/${whom}/roles/${this.#id(`role:${role}`)}`)
    }
    await this.#must('PUT', `/projects/${dev}/users/${this.#id(`user:${name}-bob`)}/roles/${member}`)
    if (name !== 'default') {
      const config = { identity: { driver: 'sql' }, ldap: { url: `ldap://${name}` } }
      await this.#must('PUT', `/domains/${domain}/config`, { config })
    }
    const mine = await this.#signIn({ id: alice }, { project: { id: dev } })
    const credential = await this.#must(
      'POST',
      `/users/${alice}/application_credentials`,
      {
        application_credential: {
          name: 'ci',
          secret: this.#on.password,
          roles: [{ name: 'member' }],
          access_rules: [{ path: '/v2.0/ports', method: 'GET', service: 'network' }],
        },
      },
      mine,
    )
    this.#ids[`application_credential:${name}-alice`] = at(credential, 'application_credential.id')
    this.#ids[`access_rule:${name}-alice`] = at(credential, 'application_credential.access_rules.0.id')
    const ec2 = await this.#must('POST', `/users/${alice}/credentials/OS-EC2`, { tenant_id: dev })
    this.#ids[`ec2:${name}-alice`] = at(ec2, 'credential.access')
    await this.#create('credential', `credential:${name}-alice`, '/credentials', {
      user_id: alice,
      type: 'cert',
      blob: 'x',
      project_id: dev,
    })
    const trust = trustOf(alice, this.#id(`user:${name}-bob`), dev)
    await this.#create('trust', `trust:${name}-alice`, '/OS-TRUST/trusts', trust, mine)
    this.#tokens[`alice@${name}`] = mine
    const limit = { service_id: this.#id('service:s1'), project_id: dev, resource_name: 'volumes', resource_limit: 5 }
    const limited = await this.#must('POST', '/limits', { limits: [limit] }, this.#system)
    this.#ids[`limit:${name}`] = at(limited, 'limits.0.id')
  }

  async #people(): Promise<void> {
    for (const [persona, roles, on] of grants) {
      const { user, domain } = worldPersonas[persona] ?? { user: '', domain: '' }
      const id = await this.#user(user, this.#id(`domain:${domain}`))
      const [kind = ''] = on.split(':')
      const place = kind === 'system' ? '/system' : `/${kind}s/${this.#id(on)}`
      for (const role of roles) await this.#must('PUT', `${place}/users/${id}/roles/${this.#id(`role:${role}`)}`)
      const scope = kind === 'system' ? { system: { all: true } } : { [kind]: { id: this.#id(on) } }
      const token = await this.#signIn({ id }, scope)
      this.#tokens[persona] = token
      await this.#belongings(user, kind === 'project' ? { token, project: this.#id(on) } : await this.#elsewhere(id))
    }
    await this.#belongings('admin', { token: this.#admin, project: this.#id('project:admin') })
    const me = this.#id('user:acme-app-credential')
    const made = await this.#must(
      'POST',
      `/users/${me}/application_credentials`,
      { application_credential: { name: 'ci', secret: this.#on.password } },
      this.#tokens['app-credential'],
    )
    const id = at(made, 'application_credential.id')
    this.#ids['application_credential:own'] = id
    this.#tokens['app-credential'] = await this.#authenticate({
      identity: {
        methods: ['application_credential'],
        application_credential: { id, secret: this.#on.password },
      },
    })
    // a trustee with impersonation, as Magnum's and Heat's are
    const trustee = await this.#user('magnum-trustee', this.#id('domain:magnum'))
    const trust = trustOf(this.#id('user:acme-member'), trustee, this.#id('project:acme-prod'))
    await this.#create('trust', 'trust:own', '/OS-TRUST/trusts', trust, this.#tokens['member'])
    this.#tokens['trustee'] = await this.#signIn({ id: trustee }, { 'OS-TRUST:trust': { id: this.#id('trust:own') } })
  }

  /** A token on a project for somebody without one, who makes a trust by it. */
  async #elsewhere(user: string): Promise<OnProject> {
    const project = this.#id('project:service')
    await this.#must('PUT', `/projects/${project}/users/${user}/roles/${this.#id('role:member')}`)
    return { project, token: await this.#signIn({ id: user }, { project: { id: project } }) }
  }

  /** Keys of all kinds, and a trust. */
  async #belongings(user: string, { token, project }: OnProject): Promise<void> {
    const id = this.#id(`user:${user}`)
    const ec2 = await this.#must('POST', `/users/${id}/credentials/OS-EC2`, { tenant_id: project })
    this.#ids[`ec2:${user}`] = at(ec2, 'credential.access')
    const key = { user_id: id, type: 'cert', blob: 'x', project_id: project }
    await this.#create('credential', `credential:${user}`, '/credentials', key)
    const path = `/users/${id}/application_credentials`
    const credential = { name: 'own', secret: this.#on.password }
    const label = `application_credential:${user}`
    await this.#create('application_credential', label, path, credential, token)
    // any role that the token has
    const roles = await this.#must('GET', `/role_assignments?user.id=${id}&scope.project.id=${project}`)
    const trust = {
      ...trustOf(id, this.#id('user:acme-bob'), project),
      roles: [{ id: at(roles, 'role_assignments.0.role.id') }],
    }
    await this.#create('trust', `trust:${user}`, '/OS-TRUST/trusts', trust, token)
  }

  #user(name: string, domain: string): Promise<string> {
    return this.#create('user', `user:${name}`, '/users', { name, domain_id: domain, password: this.#on.password })
  }

  #id(label: string): string {
    const id = this.#ids[label]
    if (id === undefined) throw new Error(`nothing is called ${label}`)
    return id
  }

  async #create(kind: string, label: string, path: string, fields: object, token?: string): Promise<string> {
    const id = at(await this.#must('POST', path, { [kind]: fields }, token), `${kind}.id`)
    this.#ids[label] = id
    return id
  }

  #signIn(user: object, scope: object): Promise<string> {
    const { password } = this.#on
    return this.#authenticate({ identity: { methods: ['password'], password: { user: { ...user, password } } }, scope })
  }

  async #authenticate(auth: object): Promise<string> {
    const { token, status, body } = await this.#send('POST', '/auth/tokens', { auth })
    if (token === null) throw new Error(`sign-in answered ${status}: ${JSON.stringify(body)}`)
    return token
  }

  async #must(method: string, path: string, body?: unknown, token = this.#admin): Promise<unknown> {
    const answer = await this.#send(method, path, body, token)
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async #send(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const answer = await fetch(`${this.#on.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-auth-token': token }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
      token: answer.headers.get('x-subject-token'),
    }
  }
}

function trustOf(trustor: string, trustee: string, project: string): object {
  return {
    trustor_user_id: trustor,
    trustee_user_id: trustee,
    project_id: project,
    impersonation: true,
    roles: [{ name: 'member' }],
  }
}

/** The text at a path of a body. */
function at(body: unknown, path: string): string {
  let here = body
  for (const key of path.split('.')) here = (here as Readonly<Record<string, unknown>>)[key]
  if (typeof here !== 'string') throw new Error(`no text at \`${path}\` of ${JSON.stringify(body)}`)
  return here
}
