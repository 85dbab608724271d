/** Domains of the cloud itself. None of them can be a tenant, whatever marks it as one. */
import type { Finding } from '../finding.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { isAdminRole, isSameRole } from '../openstack/keystone/role-names.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { homeDomainsOf } from '../openstack/token.ts'
import { magnumDomainAdmin, magnumDomainOf } from './cloud-facts.ts'
import { carriesMarker } from './names.ts'
import type { Tenant } from './tenant.ts'

export type ProtectedDomainFacts = {
  readonly domains: readonly Domain[]
  /** Ids, of `homeDomainsOf`. */
  readonly operatorDomains: ReadonlySet<string>
  readonly magnumDomain: string
  readonly users: readonly { readonly id: string; readonly name: string; readonly domain_id: string }[]
  /** Ids of users who hold `service`, the role by which services know each other, or admin. */
  readonly withServiceRole: ReadonlySet<string>
  /** Names of the catalog: `nova`, `neutron`. The accounts of services are named after them. */
  readonly services: readonly string[]
}

/** Heat makes users for its stacks there: `[DEFAULT] stack_domain_admin`, as the charm and the installation guide call it. */
const heatDomains: readonly string[] = ['heat', 'heat_user_domain']
const heatDomainAdmin = 'heat_domain_admin'

/** Why each is one, by id. */
export function protectedDomainsOf(facts: ProtectedDomainFacts): ReadonlyMap<string, string> {
  const { domains, operatorDomains, magnumDomain, users, withServiceRole, services } = facts
  const homesOf = (account: string): ReadonlySet<string> =>
    new Set(users.filter(({ name }) => name === account).map(({ domain_id }) => domain_id))
  const homesOfMagnum = homesOf(magnumDomainAdmin)
  const homesOfHeat = homesOf(heatDomainAdmin)
  // the role alone says nothing: granted to one account of a tenant, it would hide the whole tenant
  const homesOfServices = new Set(
    users
      .filter(({ id, name }) => withServiceRole.has(id) && services.some((one) => isNamedAfter(name, one)))
      .map(({ domain_id }) => domain_id),
  )
  return new Map(
    domains.flatMap(({ id, name }): readonly (readonly [string, string])[] => {
      const called = collated(name)
      if (operatorDomains.has(id)) return [[id, 'the operator signs in to it']]
      if (id === 'default' || called === 'default') return [[id, "it is Keystone's default domain"]]
      if (called === collated(magnumDomain) || homesOfMagnum.has(id)) return [[id, 'Magnum keeps its trustees in it']]
      if (heatDomains.includes(called) || homesOfHeat.has(id)) return [[id, 'Heat keeps the users of its stacks in it']]
      return homesOfServices.has(id) ? [[id, 'accounts of services are in it']] : []
    }),
  )
}

/** Charms name an account after several services at once: `cinderv2_cinderv3`. */
function isNamedAfter(account: string, service: string): boolean {
  return account === service || account.split('_').includes(service)
}

/** As MariaDB compares names (utf8_general_ci): without case, accents and spaces at the end. */
function collated(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .trimEnd()
}

/** Names alone: also of a domain that is not there, and on a machine without an operator. */
export function protectionByName({ names, facts }: Pick<Tenant, 'names' | 'facts'>): Finding | undefined {
  return findingOf(names.domain, {
    domains: [{ id: '', name: names.domain, enabled: true, description: '' }],
    operatorDomains: new Set(),
    magnumDomain: magnumDomainOf(facts),
    users: [],
    withServiceRole: new Set(),
    services: [],
  })
}

/**
 * Why the domain of a tenant file cannot be a tenant's, if so. Reads the domain, its users, and who holds admin or
 * `service`. `trustsMarker`: our marker says that it is a tenant's, which saves those requests; not for a removal.
 */
export async function protectionOf(
  operator: Session,
  { spec, names, facts }: Pick<Tenant, 'spec' | 'names' | 'facts'>,
  { trustsMarker }: { readonly trustsMarker: boolean },
): Promise<Finding | undefined> {
  const [token, found] = await Promise.all([operator.token(), listDomains(operator, { name: names.domain })])
  const exact = found.filter(({ name }) => name === names.domain)
  // another spelling is the same row on MariaDB, where it could not be made beside it
  const domains = exact.length > 0 ? exact : found
  const isOurs = domains.some(({ description }) => carriesMarker(spec.tenant, description))
  const byName = protectionByName({ names, facts })
  if (byName !== undefined || domains.length === 0) return byName
  const common = { domains, operatorDomains: new Set(homeDomainsOf(token)), magnumDomain: magnumDomainOf(facts) }
  if (trustsMarker && isOurs)
    return findingOf(names.domain, { ...common, users: [], withServiceRole: new Set(), services: [] })
  const users = (await Promise.all(domains.map(({ id }) => listUsers(operator, { domain_id: id })))).flat()
  const services = token.catalog.flatMap(({ name }) => name ?? [])
  const named = users.filter(({ name }) => services.some((one) => isNamedAfter(name, one)))
  const [own, ...held] = await Promise.all([
    Promise.all(domains.map(({ id }) => listRoleAssignments(operator, { domainId: id, includesNames: true }))),
    ...named.map(({ id }) => listRoleAssignments(operator, { userId: id, includesNames: true })),
  ])
  const admin = own.flat().find(({ role, user }) => isAdminRole(role.name) && users.some(({ id }) => id === user?.id))
  const serving = held
    .flat()
    .flatMap(({ role, user }) =>
      user !== undefined && (isSameRole(role.name, 'service') || isAdminRole(role.name)) ? [user.id] : [],
    )
  const ofServices = findingOf(names.domain, { ...common, users, withServiceRole: new Set(serving), services })
  // of a tenant it is a deviation, which must not keep its operator from removing it
  if (ofServices !== undefined || isOurs || admin?.user === undefined) return ofServices
  return protectedDomain(names.domain, `its account \`${admin.user.name ?? admin.user.id}\` holds admin on it`)
}

function findingOf(name: string, facts: ProtectedDomainFacts): Finding | undefined {
  const [because] = protectedDomainsOf(facts).values()
  return because === undefined ? undefined : protectedDomain(name, because)
}

function protectedDomain(name: string, because: string): Finding {
  return {
    code: 'tenant/protected-domain',
    severity: 'error',
    where: `domain ${name}`,
    message: `${because}, so it cannot be a tenant's: not with \`--adopt\` either`,
    remedy: 'choose another name for the tenant',
    owner: 'operator',
  }
}
