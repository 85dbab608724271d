/**
 * The personas of the policy tools as real accounts: each has the roles that the tools give it, and everything that it
 * could reach for is in throwaway domains. So a request of the tools can be sent, and the cloud's answer can be
 * compared with theirs.
 */
import type { GrantScope } from '../openstack/keystone/grants.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import { authOf } from '../probes/throwaway/accounts.ts'
import type { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { rolesOf, throwawayDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import type { WireRequest } from '../policy/model/operation.ts'
import { usualMagnumDomain } from '../policy/model/cloud-facts.ts'
import type { CloudFacts } from '../policy/model/cloud-facts.ts'
import { personasOf } from '../policy/model/persona.ts'
import type { PersonaName } from '../policy/model/persona.ts'
import { translator } from './translate.ts'

export type PersonaSessions = {
  readonly sessions: ReadonlyMap<PersonaName, Session>
  /** The same request with the ids of this cloud; `undefined` if it names something that does not exist. */
  readonly translate: (request: WireRequest) => WireRequest | undefined
}

/** Only names in the throwaway domains matter; the answers show who is admin. */
export const probedFacts: CloudFacts = {
  adminRole: 'admin',
  adminDomain: 'admin_domain',
  servicesProject: 'services',
  hasAdminProject: false,
  inferences: [],
  magnumDomain: usualMagnumDomain,
}

/** The cloud's own accounts: its admin is the operator itself, and the others are not made, be it for a moment. */
const ofCloud: ReadonlySet<PersonaName> = new Set(['cloud-admin', 'system-admin', 'service-admin', 'service'])

const homes = ['acme', 'globex', usualMagnumDomain] as const

type Home = { readonly name: string; readonly id: string }

export type PersonaSessionsOptions = {
  /** Made by the cloud's admin, which is a persona as well. */
  readonly accounts: ThrowawayAccounts
  readonly open: ProbeDomainOptions['open']
  readonly roles: readonly Role[]
  readonly now: Date
}

/** A persona whose role this cloud lacks is left out. */
export async function openPersonaSessions(options: PersonaSessionsOptions): Promise<PersonaSessions> {
  const { accounts, open, now } = options
  const roles = rolesOf(options.roles)
  const ids = {
    domains: new Map<string, string>(),
    users: new Map<string, string>(),
    groups: new Map<string, string>(),
  }
  const projects = new Map<string, string>()
  const furnish = async (name: string): Promise<Home> => {
    const { id } = await throwawayDomain(accounts.maker, accounts.throwaways, `p-${name}`)
    const [user, group, project] = await Promise.all([
      accounts.disabledUser(id, `${name}-alice`),
      accounts.group(id, `${name}-team`),
      accounts.project(id, `${name}-dev`),
    ])
    ids.domains.set(name, id)
    ids.users.set(`${name}-alice`, user.id)
    ids.groups.set(`${name}-team`, group.id)
    projects.set(`${name}-dev`, project.id)
    return { name, id }
  }
  const furnished = await Promise.all(homes.map(furnish))
  const homeOf = (name: string): Home | undefined => furnished.find((home) => home.name === name)
  const acme = homeOf('acme')
  if (acme !== undefined) projects.set('acme-prod', (await accounts.project(acme.id, 'acme-prod')).id)

  const sessions = new Map<PersonaName, Session>([['cloud-admin', accounts.maker]])
  await Promise.all(
    personasOf(probedFacts).map(async ({ name: persona, user: name, userDomain, on: kind, held: wanted }) => {
      if (ofCloud.has(persona)) return
      // the domain of the cloud's admin is not made for this
      const home = homeOf(userDomain) ?? homeOf(usualMagnumDomain)
      const project = projects.get('acme-prod')
      const held = wanted.flatMap((role) => (isAdminRole(role) ? roles.admin : roles.byName(role)) ?? [])
      if (home === undefined || project === undefined || held[0] === undefined) return
      const on: GrantScope = kind === 'system' ? { kind } : { kind, id: kind === 'domain' ? home.id : project }
      const login = await accounts.holder(home.id, name.replace('_', '-'), held, on)
      const { user } = login
      ids.users.set(name, user.id)
      const own = open(user.name, authOf(login, on))
      if (persona !== 'application-credential') sessions.set(persona, own)
      else {
        // restricted, as an ordinary one is
        const credential = { what: 'persona', isUnrestricted: false, now }
        const made = await accounts.applicationCredential(own, user.id, credential)
        sessions.set(persona, open(made.name, made.auth))
      }
    }),
  )
  return { sessions, translate: translator({ ...ids, projects, roles }) }
}
