/**
 * The personas of the policy tools as real accounts: each has the roles that the tools give it, and everything that it
 * could reach for is in throwaway domains. So a request of the tools can be sent, and the cloud's answer can be
 * compared with theirs.
 */
import type { Auth } from '../openstack/auth.ts'
import { createApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import type { GrantScope } from '../openstack/keystone/grants.ts'
import { createGroup } from '../openstack/keystone/groups.ts'
import { createProject } from '../openstack/keystone/projects.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { createUser } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { throwawayPassword } from '../probes/throwaway/run.ts'
import { rolesOf, throwawayDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import type { Throwaways } from '../probes/throwaway/throwaways.ts'
import type { WireRequest } from '../policy/model/operation.ts'
import type { PersonaName } from '../policy/model/persona.ts'
import { Secret } from '../secret.ts'
import { translator } from './translate.ts'

export type PersonaSessions = {
  readonly sessions: ReadonlyMap<PersonaName, Session>
  /** The same request with the ids of this cloud; `undefined` if it names something that does not exist. */
  readonly translate: (request: WireRequest) => WireRequest | undefined
}

/** The accounts by the names of the tools (policy/model/persona.ts). The cloud's admin is the operator itself. */
const accounts = [
  { persona: 'system-reader', user: 'auditor', home: 'magnum', on: 'system', roles: ['reader'] },
  { persona: 'domain-admin', user: 'magnum_domain_admin', home: 'magnum', on: 'domain', roles: ['admin'] },
  { persona: 'project-admin', user: 'acme-admin', home: 'acme', on: 'project', roles: ['admin'] },
  { persona: 'domain-manager', user: 'acme-domain-admin', home: 'acme', on: 'domain', roles: ['manager'] },
  { persona: 'project-manager', user: 'acme-lead', home: 'acme', on: 'project', roles: ['manager'] },
  { persona: 'domain-reader', user: 'acme-auditor', home: 'acme', on: 'domain', roles: ['reader'] },
  { persona: 'member', user: 'acme-cluster', home: 'acme', on: 'project', roles: ['member', 'load-balancer_member'] },
  { persona: 'reader', user: 'acme-viewer', home: 'acme', on: 'project', roles: ['reader'] },
  {
    persona: 'application-credential',
    user: 'acme-svc',
    home: 'acme',
    on: 'project',
    roles: ['member', 'load-balancer_member'],
  },
] as const

const homes = ['acme', 'globex', 'magnum'] as const

type Home = { readonly name: string; readonly id: string }

/** A persona whose role this cloud lacks is left out. */
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
  const fields = (home: Home, what: string) => ({
    name: throwaways.name(what.replace('_', '-').slice(0, 24)),
    domain_id: home.id,
    description: throwaways.description,
  })
  const furnish = async (name: string): Promise<Home> => {
    const home = { name, id: (await throwawayDomain(operator, throwaways, `p-${name}`)).id }
    const [user, group, project] = await Promise.all([
      // disabled, so that nobody can use what it is granted
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
    accounts.map(async ({ persona, user: name, home: homeName, on, roles: wanted }) => {
      const home = homeOf(homeName)
      const project = projects.get('acme-prod')
      const held = wanted.flatMap((role) => (role === 'admin' ? roles.admin : roles.byName(role)) ?? [])
      if (home === undefined || project === undefined || held[0] === undefined) return
      const password = new Secret(throwawayPassword(options.random))
      const user = await createUser(operator, { ...fields(home, name), password })
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

function scopeOf(
  on: 'system' | 'domain' | 'project',
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

/** Restricted, like an ordinary one. It ends with its user, and at the latest after an hour. */
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
