/**
 * What the built override must give, asked of real patched Keystones with requests: on the default base (main) and on
 * the charm's base. The SCS suite itself is run by `lab/scs`; here are its persona and what it does not ask.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { findKeystone, layOverride, removeOverrides } from './cloud.ts'
import type { LabKeystone } from './cloud.ts'
import { Stage, isRefused } from './policy-people.ts'
import type { Person, Scope } from './policy-people.ts'

const managed = ['member', 'load-balancer_member']
const unmanaged = ['reader', 'manager', 'admin', 'service']

describe.each([{ on: 'main' }, { on: 'charm' }] as const)('the override on the $on Keystone', ({ on }) => {
  const isCharm = on === 'charm'
  let keystone: LabKeystone
  let stage: Stage
  /** `acme` is the manager's domain, `globex` another tenant's, `magnum` that of a confined admin. */
  let home: Readonly<Record<'acme' | 'globex' | 'magnum', Home>>
  let people: Readonly<Record<PersonName, Person>>

  beforeAll(async () => {
    keystone = await findKeystone(on)
    const base: Base = isCharm
      ? { kind: 'file', file: 'policy.json', text: await readFile(keystone.basePolicy, 'utf8') }
      : { kind: 'default' }
    await layOverride(keystone, buildOverride(await loadKeystone(parseRelease('debian-22')), { base }).text)
    stage = await Stage.open(keystone)
    home = { acme: await homeOf(stage), globex: await homeOf(stage), magnum: await homeOf(stage) }
    people = await castOf(stage, home, isCharm)
  })
  afterAll(async () => {
    await stage.close()
    await removeOverrides(keystone)
  })

  async function allows(who: Person, action: string, request: Request): Promise<boolean> {
    const [method, path, body, headers] = request
    const reply = await who.ask(method, path, body, headers)
    expect(reply.status, `${method} ${path}: ${reply.message}`).not.toBe(500)
    return !isRefused(reply, `identity:${action}`)
  }

  function grantTo(user: string, role: string, { project, domain }: { project?: string; domain?: string }): Request {
    const where = project === undefined ? `domains/${domain ?? ''}` : `projects/${project}`
    return ['PUT', `/${where}/users/${user}/roles/${stage.role(role)}`]
  }

  test('a manager runs its own domain and no other', async () => {
    const { manager } = people
    for (const [name, { domain, project, group }] of Object.entries(home)) {
      const isOwn = name === 'acme'
      const victim = await stage.user(domain)
      const requests: readonly (readonly [string, Request])[] = [
        ['create_user', ['POST', '/users', { user: { name: stage.name('u'), domain_id: domain } }]],
        ['get_user', ['GET', `/users/${victim}`]],
        ['update_user', ['PATCH', `/users/${victim}`, { user: { password: 'lab-Pass-word2' } }]],
        ['create_project', ['POST', '/projects', { project: { name: stage.name('p'), domain_id: domain } }]],
        ['get_project', ['GET', `/projects/${project}`]],
        ['update_project', ['PATCH', `/projects/${project}`, { project: { description: 'changed' } }]],
        ['create_group', ['POST', '/groups', { group: { name: stage.name('g'), domain_id: domain } }]],
        ['get_group', ['GET', `/groups/${group}`]],
        ['add_user_to_group', ['PUT', `/groups/${group}/users/${victim}`]],
        ['get_domain', ['GET', `/domains/${domain}`]],
        ['list_grants', ['GET', `/projects/${project}/users/${victim}/roles`]],
        ['list_user_projects', ['GET', `/users/${victim}/projects`]],
        ['delete_user', ['DELETE', `/users/${victim}`]],
      ]
      for (const [action, request] of requests) {
        expect(await allows(manager, action, request), `${action} in ${name}`).toBe(isOwn)
      }
    }
    expect(await allows(manager, 'create_domain', ['POST', '/domains', { domain: { name: stage.name('d') } }])).toBe(
      false,
    )
    expect(await allows(manager, 'list_domains', ['GET', '/domains'])).toBe(false)
    const mine = (await stage.admin.ask('GET', `/domains/${home.acme.domain}`)).body as { domain: { name: string } }
    const found = await manager.ask('GET', `/domains?name=${mine.domain.name}`)
    expect((found.body as { domains: { id: string }[] }).domains.map(({ id }) => id)).toEqual([home.acme.domain])
  })

  test('a trust is made by its trustor with a password, and by nobody else', async () => {
    const { member, plainAdmin } = people
    const { project, user } = home.acme
    const trustOf = (trustor: string): Request => [
      'POST',
      '/OS-TRUST/trusts',
      {
        trust: {
          trustor_user_id: trustor,
          trustee_user_id: user,
          impersonation: true,
          project_id: project,
          // by id: a domain may have a role of that name, and then the name alone is refused (400)
          roles: [{ id: stage.role('member') }],
        },
      },
    ]
    const [method, path, body] = trustOf(member.id)
    expect((await member.ask(method, path, body)).status).toBe(201)
    for (const other of [plainAdmin, people.manager, people.confined, stage.admin]) {
      expect(await allows(other, 'create_trust', trustOf(member.id))).toBe(false)
    }
  })

  test("no project's token reads or changes the record of a domain", async () => {
    const people3 = [people.member, people.reader, people.projectManager, ...(isCharm ? [people.plainAdmin] : [])]
    for (const { domain } of [home.acme, home.globex]) {
      const requests: readonly (readonly [string, Request])[] = [
        ['get_project', ['GET', `/projects/${domain}`]],
        ['update_project', ['PATCH', `/projects/${domain}`, { project: { description: 'changed' } }]],
        ['delete_project', ['DELETE', `/projects/${domain}`]],
        ['create_project_tag', ['PUT', `/projects/${domain}/tags/changed`]],
        ['list_project_tags', ['GET', `/projects/${domain}/tags`]],
        ['update_domain', ['PATCH', `/domains/${domain}`, { domain: { description: 'changed' } }]],
        ['delete_domain', ['DELETE', `/domains/${domain}`]],
        ['create_grant', grantTo(people.member.id, 'member', { project: domain })],
      ]
      for (const person of people3) {
        for (const [action, request] of requests) {
          expect(await allows(person, action, request), `${action} ${request[1]}`).toBe(false)
        }
      }
      expect(await allows(stage.admin, 'get_project', ['GET', `/projects/${domain}`])).toBe(true)
      expect(
        await allows(stage.admin, 'update_domain', ['PATCH', `/domains/${domain}`, { domain: { description: '' } }]),
      ).toBe(true)
    }
    expect(await allows(people.reader, 'get_domain', ['GET', `/domains/${home.globex.domain}`])).toBe(false)
  })

  test('an admin of one domain acts in that domain only', async () => {
    const { confined } = people
    for (const [name, { domain, project, group, user }] of Object.entries(home)) {
      const isOwn = name === 'magnum'
      const victim = await stage.user(domain)
      const requests: readonly (readonly [string, Request])[] = [
        ['create_user', ['POST', '/users', { user: { name: stage.name('u'), domain_id: domain } }]],
        ['get_user', ['GET', `/users/${user}`]],
        ['update_user', ['PATCH', `/users/${victim}`, { user: { password: 'lab-Pass-word2' } }]],
        ['delete_user', ['DELETE', `/users/${victim}`]],
        ['create_project', ['POST', '/projects', { project: { name: stage.name('p'), domain_id: domain } }]],
        ['update_project', ['PATCH', `/projects/${project}`, { project: { description: 'changed' } }]],
        ['create_project_tag', ['PUT', `/projects/${project}/tags/changed`]],
        ['create_group', ['POST', '/groups', { group: { name: stage.name('g'), domain_id: domain } }]],
        ['add_user_to_group', ['PUT', `/groups/${group}/users/${user}`]],
        ['create_grant', grantTo(user, 'member', { project })],
        ['create_grant', grantTo(user, 'heat_stack_user', { domain })],
        ['get_domain', ['GET', `/domains/${domain}`]],
      ]
      for (const [action, request] of requests) {
        expect(await allows(confined, action, request), `${action} in ${name}`).toBe(isOwn)
      }
    }
    expect(await allows(confined, 'list_roles', ['GET', '/roles'])).toBe(true)
    for (const [name, { domain }] of Object.entries(isCharm ? {} : home)) {
      const role = await stage.create('role', { name: stage.name('role'), domain_id: domain })
      const isOwn = name === 'magnum'
      expect(await allows(confined, 'get_domain_role', ['GET', `/roles/${role}`])).toBe(isOwn)
      expect(await allows(confined, 'list_domain_roles', ['GET', `/roles?domain_id=${domain}`])).toBe(isOwn)
    }
    expect(await allows(stage.admin, 'get_user', ['GET', `/users/${home.globex.user}`])).toBe(true)
  })

  test('an admin of one domain gains no cloud power by what it grants itself', async () => {
    const { confined } = people
    const { domain, project } = home.magnum
    for (const role of ['admin', 'member']) {
      const path = `/system/users/${confined.id}/roles/${stage.role(role)}`
      expect(await allows(confined, 'create_system_grant_for_user', ['PUT', path])).toBe(false)
    }
    const spare = await stage.user(home.acme.domain)
    const system = `/system/users/${spare}/roles/${stage.role('member')}`
    expect(await allows(stage.admin, 'create_system_grant_for_user', ['PUT', system])).toBe(true)
    for (const where of [{ project }, { domain }]) {
      expect(await allows(confined, 'create_grant', grantTo(confined.id, 'service', where))).toBe(false)
      expect(await allows(confined, 'create_grant', grantTo(confined.id, 'admin', where))).toBe(isCharm)
    }
    const implied = `/roles/${stage.role('member')}/implies/${stage.role('service')}`
    for (const person of isCharm ? [confined, people.plainAdmin] : [confined]) {
      expect(await allows(person, 'create_implied_role', ['PUT', implied])).toBe(false)
    }
    if (!isCharm) return
    const scope: Scope = { project: { id: project } }
    const again = await stage.signIn(confined.id, scope)
    expect(await allows(again, 'list_domains', ['GET', '/domains'])).toBe(false)
    expect(await allows(again, 'update_user', ['PATCH', `/users/${home.globex.user}`, { user: { email: 'x' } }])).toBe(
      false,
    )
    expect(await allows(again, 'create_grant', grantTo(confined.id, 'service', { project }))).toBe(false)
    const inherited = `/OS-INHERIT/projects/${home.globex.domain}/users/${confined.id}/roles/${stage.role('admin')}/inherited_to_projects`
    expect(await allows(again, 'create_grant', ['PUT', inherited])).toBe(false)
  })

  test('an admin of one domain cannot exchange the EC2 key that it made for somebody else', async () => {
    const { confined } = people
    const key = { access: randomUUID().replaceAll('-', ''), secret: 'a secret of its own choice' }
    const { project, user } = home.globex
    await stage.grant(user, stage.role('member'), { project: { id: project } })
    const fields = { type: 'ec2', blob: JSON.stringify(key), user_id: user, project_id: project }
    // Heat's domain admin needs this
    expect(await allows(confined, 'create_credential', ['POST', '/credentials', { credential: fields }])).toBe(true)
    const exchange: Request = ['POST', '/ec2tokens', { credentials: signed(key) }]
    expect(await allows(confined, 'ec2tokens_validate', exchange)).toBe(false)
    expect(await allows(confined, 's3tokens_validate', ['POST', '/s3tokens', { credentials: signed(key) }])).toBe(false)
    const [method, path, body] = exchange
    expect((await people.services.ask(method, path, body)).status).toBe(200)
  })

  test('cloud admins keep everything, and an admin of one domain what Heat and Magnum need', async () => {
    const clouds = [stage.admin, people.system]
    const { domain, project, user } = home.globex
    const requests: readonly (readonly [string, Request])[] = [
      ['list_domains', ['GET', '/domains']],
      ['get_domain', ['GET', `/domains/${domain}`]],
      ['list_users', ['GET', `/users?domain_id=${domain}`]],
      ['list_projects', ['GET', '/projects']],
      ['get_project', ['GET', `/projects/${domain}`]],
      ['update_project', ['PATCH', `/projects/${project}`, { project: { description: '' } }]],
      ['list_role_assignments', ['GET', '/role_assignments']],
      ['create_grant', grantTo(user, 'admin', { project })],
      ['revoke_grant', ['DELETE', `/projects/${project}/users/${user}/roles/${stage.role('admin')}`]],
      ['list_system_grants_for_user', ['GET', `/system/users/${user}/roles`]],
      ['list_credentials', ['GET', '/credentials']],
      ['list_services', ['GET', '/services']],
      ['list_trusts', ['GET', '/OS-TRUST/trusts']],
    ]
    for (const cloud of clouds) {
      for (const [action, request] of requests) expect(await allows(cloud, action, request), action).toBe(true)
    }
    expect(await allows(people.confined, 'list_role_assignments', ['GET', '/role_assignments'])).toBe(true)
    expect(await allows(people.confined, 'list_users', ['GET', '/users'])).toBe(true)
    expect(await allows(people.confined, 'list_role_assignments', ['GET', '/role_assignments'])).toBe(true)
    const credential = await stage.create('credential', { type: 'totp', blob: 'seed', user_id: user })
    expect(await allows(people.confined, 'delete_credential', ['DELETE', `/credentials/${credential}`])).toBe(true)
    expect(await allows(people.manager, 'delete_credential', ['DELETE', `/credentials/${credential}`])).toBe(false)
  })

  test('a manager grants exactly the managed roles, inherited or not', async () => {
    const { manager } = people
    const { domain, project, user, group } = home.acme
    for (const role of [...managed, ...unmanaged]) {
      const id = stage.role(role)
      const places = [
        `/projects/${project}/users/${user}/roles/${id}`,
        `/projects/${project}/groups/${group}/roles/${id}`,
        `/domains/${domain}/users/${user}/roles/${id}`,
        `/OS-INHERIT/domains/${domain}/users/${user}/roles/${id}/inherited_to_projects`,
        `/OS-INHERIT/projects/${project}/users/${user}/roles/${id}/inherited_to_projects`,
      ]
      for (const path of places) {
        expect(await allows(manager, 'create_grant', ['PUT', path]), path).toBe(managed.includes(role))
        expect(await allows(manager, 'revoke_grant', ['DELETE', path]), path).toBe(managed.includes(role))
      }
      const injected = {
        target: { role: { name: 'member' }, user: { domain_id: domain }, project: { domain_id: domain } },
      }
      expect(
        await allows(manager, 'create_grant', ['PUT', `/projects/${project}/users/${user}/roles/${id}`, injected]),
      ).toBe(managed.includes(role))
    }
    const namesake = await stage.create('role', { name: 'member', domain_id: domain })
    expect(await allows(manager, 'create_grant', ['PUT', `/projects/${project}/users/${user}/roles/${namesake}`])).toBe(
      false,
    )
    expect(await allows(manager, 'create_grant', grantTo(home.globex.user, 'member', { project }))).toBe(false)
    expect(await allows(manager, 'create_grant', grantTo(user, 'member', { project: home.globex.project }))).toBe(false)
  })

  test('an application credential is for its owner, for cloud admins, and for the services that clean up', async () => {
    const { member } = people
    const ofMember = `/users/${member.id}/application_credentials`
    const create = async (): Promise<string> => {
      const { body } = await member.ask('POST', ofMember, { application_credential: { name: stage.name('ac') } })
      return (body as { application_credential: { id: string } }).application_credential.id
    }
    const others = [people.manager, people.reader, people.confined, people.foreign]
    // the charm's cloud admin is told apart from an admin of another project
    const cloud = [people.services, stage.admin]
    const strangers = isCharm ? [...others, people.plainAdmin] : others
    for (const [person, isLetIn] of [
      ...strangers.map((each) => [each, false] as const),
      ...[member, ...cloud].map((each) => [each, true] as const),
    ]) {
      const id = await create()
      expect(await allows(person, 'get_application_credential', ['GET', `${ofMember}/${id}`])).toBe(isLetIn)
      expect(await allows(person, 'list_application_credentials', ['GET', ofMember])).toBe(isLetIn)
      const subject: Request = ['GET', ofMember, undefined, { 'X-Subject-Token': person.token }]
      expect(await allows(person, 'list_application_credentials', subject)).toBe(isLetIn)
      // in the URL it is the caller's own, but what counts is whose it is
      const own: Request = ['GET', `/users/${person.id}/application_credentials/${id}`]
      expect(await allows(person, 'get_application_credential', own)).toBe(isLetIn)
      expect(await allows(person, 'delete_application_credential', ['DELETE', `${ofMember}/${id}`])).toBe(isLetIn)
    }
    const keys: Request = [
      'GET',
      `/users/${member.id}/credentials/OS-EC2`,
      undefined,
      { 'X-Subject-Token': people.foreign.token },
    ]
    expect(await allows(people.foreign, 'ec2_list_credentials', keys)).toBe(false)
  })

  test('`manager` on a project gains nothing', async () => {
    const { projectManager, manager } = people
    const { domain, project, user } = home.acme
    const requests: readonly (readonly [string, Request])[] = [
      ['list_users', ['GET', '/users']],
      ['list_projects', ['GET', '/projects']],
      ['list_roles', ['GET', '/roles']],
      ['get_role', ['GET', `/roles/${stage.role('member')}`]],
      ['create_user', ['POST', '/users', { user: { name: stage.name('u'), domain_id: domain } }]],
      ['update_project', ['PATCH', `/projects/${project}`, { project: { description: '' } }]],
      ['create_grant', grantTo(user, 'member', { project })],
      ['list_grants', ['GET', `/projects/${project}/users/${user}/roles`]],
    ]
    for (const [action, request] of requests) {
      expect(await allows(projectManager, action, request), action).toBe(false)
      expect(await allows(manager, action, request), action).toBe(true)
    }
  })
})

describe('the override on the native Keystone', () => {
  test('names the roles that the persona of the release grants', async () => {
    const keystone = await findKeystone('native')
    const built = buildOverride(await loadKeystone(parseRelease('2025.1+oct-2026')))
    expect(Object.keys(built.rules)).toEqual(['domain_managed_target_role'])
    const stage = await Stage.open(keystone)
    const { domain, project, user } = await homeOf(stage)
    const manager = await stage.person(domain, { domain: { id: domain } }, 'manager')
    const granted = async (): Promise<readonly string[]> => {
      const roles: string[] = []
      for (const role of [...managed, ...unmanaged]) {
        const reply = await manager.ask('PUT', `/projects/${project}/users/${user}/roles/${stage.role(role)}`)
        if (reply.status === 204) roles.push(role)
      }
      return roles
    }
    try {
      await removeOverrides(keystone)
      expect(await granted()).toEqual(['member', 'reader', 'manager'])
      await layOverride(keystone, built.text)
      expect(await granted()).toEqual(managed)
    } finally {
      await removeOverrides(keystone)
      await stage.close()
    }
  })
})

type Request = readonly [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]

type Home = { readonly domain: string; readonly project: string; readonly user: string; readonly group: string }

async function homeOf(stage: Stage): Promise<Home> {
  const domain = await stage.domain()
  return {
    domain,
    project: await stage.project(domain),
    user: await stage.user(domain),
    group: await stage.group(domain),
  }
}

type PersonName =
  'manager' | 'projectManager' | 'member' | 'reader' | 'foreign' | 'plainAdmin' | 'confined' | 'services' | 'system'

async function castOf(
  stage: Stage,
  { acme, globex, magnum }: Readonly<Record<'acme' | 'globex' | 'magnum', Home>>,
  isCharm: boolean,
): Promise<Readonly<Record<PersonName, Person>>> {
  const onAcme: Scope = { project: { id: acme.project } }
  const name = isCharm ? 'services' : 'service'
  const { body } = await stage.admin.ask('GET', `/projects?name=${name}`)
  const { projects } = body as { projects: { id: string; domain_id: string }[] }
  // the charm has a `services` in the default domain too, which is nobody's
  const services = projects.find(({ domain_id }) => !isCharm || domain_id !== 'default')
  if (services === undefined) throw new Error(`the lab has no project ${name}`)
  const onServices: Scope = { project: { id: services.id } }
  return {
    manager: await stage.person(acme.domain, { domain: { id: acme.domain } }, 'manager'),
    projectManager: await stage.person(acme.domain, onAcme, 'manager'),
    member: await stage.person(acme.domain, onAcme, 'member', 'load-balancer_member'),
    reader: await stage.person(acme.domain, onAcme, 'reader'),
    foreign: await stage.person(globex.domain, { project: { id: globex.project } }, 'member'),
    plainAdmin: await stage.person(acme.domain, onAcme, 'admin'),
    confined: await stage.person(magnum.domain, { domain: { id: magnum.domain } }, 'admin'),
    services: await stage.person(acme.domain, onServices, 'admin', 'service'),
    system: await stage.person(globex.domain, { system: { all: true } }, 'admin'),
  }
}

/** What a client signs with an EC2 key, in the oldest way that Keystone still takes. keystoneclient, contrib/ec2/utils.py. */
function signed({ access, secret }: { readonly access: string; readonly secret: string }): object {
  const params = { SignatureVersion: '0', Action: 'Test', Timestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z') }
  const signature = createHmac('sha1', secret).update(`${params.Action}${params.Timestamp}`).digest('base64')
  return { access, signature, params, host: 'localhost', verb: 'GET', path: '/' }
}
