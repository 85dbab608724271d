/** Domains of the cloud itself. None of them can be a tenant, whatever marks it as one. */
import type { Domain } from '../openstack/keystone/domains.ts'
import { magnumDomainAdmin } from './cloud-facts.ts'

export type ServiceDomainFacts = {
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

/** Why each is one, by id. MySQL ignores case in names, so case does not tell two domains apart. */
export function serviceDomainsOf(facts: ServiceDomainFacts): ReadonlyMap<string, string> {
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
      const called = name.toLowerCase()
      if (operatorDomains.has(id)) return [[id, 'the operator signs in to it']]
      if (id === 'default' || called === 'default') return [[id, "it is Keystone's default domain"]]
      if (called === magnumDomain.toLowerCase() || homesOfMagnum.has(id))
        return [[id, 'Magnum keeps its trustees in it']]
      if (heatDomains.includes(called) || homesOfHeat.has(id)) return [[id, 'Heat keeps the users of its stacks in it']]
      return homesOfServices.has(id) ? [[id, 'accounts of services are in it']] : []
    }),
  )
}

/** Charms name an account after several services at once: `cinderv2_cinderv3`. */
function isNamedAfter(account: string, service: string): boolean {
  return account === service || account.split('_').includes(service)
}
