/**
 * The personas of the policy tools as real accounts: each signs in as what the tools say of it, and all that they could
 * reach for stands in throwaway domains. So a request of the tools can be sent, and the cloud's answer be held against theirs.
 */
import type { Auth } from '../openstack/auth.ts'
import { createApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import type { GrantScope } from '../openstack/keystone/grants.ts'
import { createGroup } from '../openstack/keystone/groups.ts'
import { createProject } from '../openstack/keystone/projects.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { createUser } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { makeThrowawayUser } from '../probes/throwaway/users.ts'
import { rolesOf, throwawayDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import type { Throwaways } from '../probes/throwaway/throwaways.ts'
import type { WireRequest } from '../policy/model/operation.ts'
import type { CloudFacts } from '../policy/model/cloud-facts.ts'
import { personasOf } from '../policy/model/persona.ts'
import type { Persona, PersonaName } from '../policy/model/persona.ts'
import { translator } from './translate.ts'

export type PersonaSessions = {
  readonly sessions: ReadonlyMap<PersonaName, Session>
  /** The same request with the ids of this cloud; `undefined` when it names what is not there. */
  readonly translate: (request: WireRequest) => WireRequest | undefined
}

/** Only names that stand on the stage matter; who is admin is found in the answers. */
export const probedFacts: CloudFacts = {
  adminRole: 'admin',
  adminDomain: 'admin_domain',
  servicesProject: 'services',
  hasAdminProject: false,
  impliesManager: false,
}

/** The cloud's own accounts: its admin is the operator itself, and the others are not made, be it for a moment. */
const ofCloud: ReadonlySet<PersonaName> = new Set(['cloud-admin', 'system-admin', 'service-admin', 'service'])

const homes = ['acme', 'globex', 'magnum'] as const

type Home = { readonly name: string; readonly id: string }

/** A persona whose role this cloud does not have is left out. */
export async function openPersonaSessions(
  options: ProbeDomainOptions,
  throwaways: Throwaways,
  allRoles: readonly Role[],
  now: Date,
): Promise<PersonaSessions> {
  const { operator } = options
  const roles = rolesOf(allRoles)
  const ids = {
    domains: new Map<string, string>(),
    users: new Map<string, string>(),
    groups: new Map<string, string>(),
  }
  const projects = new Map<string, string>()
  const fields = (home: Home, name: string) => throwaways.fields(home.id, whatOf(name))
  const furnish = async (name: string): Promise<Home> => {
    const home = { name, id: (await throwawayDomain(operator, throwaways, `p-${name}`)).id }
    const [user, group, project] = await Promise.all([
      // disabled: what is granted to it is of no use to anybody
      createUser(operator, { ...fields(home, `${name}-alice`), enabled: false }),
      createGroup(operator, fields(home, `${name}-team`)),
      createProject(operator, fields(home, `${name}-dev`)),
    ])
    ids.domains.set(name, home.id)
    ids.users.set(`${name}-alice`, user.id)
    ids.groups.set(`${name}-team`, group.id)
    projects.set(`${name}-dev`, project.id)
    return home
  }
  const furnished = await Promise.all(homes.map(furnish))
  const homeOf = (name: string): Home | undefined => furnished.find((home) => home.name === name)
  const acme = homeOf('acme')
  if (acme !== undefined) projects.set('acme-prod', (await createProject(operator, fields(acme, 'acme-prod'))).id)

  const sessions = new Map<PersonaName, Session>([['cloud-admin', operator]])
  await Promise.all(
    personasOf(probedFacts).map(async ({ name: persona, user: name, userDomain, on, held: wanted }) => {
      if (ofCloud.has(persona)) return
      // the domain of the cloud's admin is not made for this
      const home = homeOf(userDomain) ?? homeOf('magnum')
      const project = projects.get('acme-prod')
      const held = wanted.flatMap((role) => (isAdminRole(role) ? roles.admin : roles.byName(role)) ?? [])
      if (home === undefined || project === undefined || held[0] === undefined) return
      const of = { what: whatOf(name), domainId: home.id }
      const { user, password } = await makeThrowawayUser(operator, throwaways, options.random, of)
      ids.users.set(name, user.id)
      const scope = scopeOf(on, home.id, project)
      await Promise.all(
        held.map(({ id }) => createGrant(operator, { roleId: id, to: { kind: 'user', id: user.id }, on: scope.grant })),
      )
      const own = options.open(user.name, { kind: 'password', user: { id: user.id }, password, scope: scope.auth })
      sessions.set(
        persona,
        persona === 'application-credential' ? await byCredential(own, user.id, options, throwaways, now) : own,
      )
    }),
  )
  return { sessions, translate: translator({ ...ids, projects, roles }) }
}

/** As a part of a throwaway's name. */
function whatOf(name: string): string {
  return name.replace('_', '-').slice(0, 24)
}

function scopeOf(
  on: Persona['on'],
  domain: string,
  project: string,
): { readonly grant: GrantScope; readonly auth: Extract<Auth, { kind: 'password' }>['scope'] } {
  switch (on) {
    case 'system':
      return { grant: { kind: 'system' }, auth: { kind: 'system' } }
    case 'domain':
      return { grant: { kind: 'domain', id: domain }, auth: { kind: 'domain', domain: { id: domain } } }
    case 'project':
      return { grant: { kind: 'project', id: project }, auth: { kind: 'project', project: { id: project } } }
  }
}

/** Restricted, as an ordinary one is; it dies with its user, and by itself within the hour. */
async function byCredential(
  own: Session,
  userId: string,
  { open }: ProbeDomainOptions,
  throwaways: Throwaways,
  now: Date,
): Promise<Session> {
  const { id, secret, name } = await createApplicationCredential(own, userId, {
    name: throwaways.name('persona'),
    description: throwaways.description,
    expires_at: new Date(now.getTime() + 3_600_000).toISOString(),
  })
  return open(name, { kind: 'application-credential', credential: { id }, secret })
}
