/** What an audit read, and what it matched. */
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import type { FederationAnswer } from './federation.ts'
import type { Holding } from './holdings.ts'
import { rowOf } from './role-table.ts'
import type { RoleTable } from './role-table.ts'
import { isMatchedMember } from './tenants.ts'
import { isMatchedTrust } from './trusts.ts'
import { isMatchedCredential } from './unmatched.ts'
import type { UnmatchedAudit } from './unmatched.ts'

export type RowCount = {
  readonly kind: string
  readonly read: number
  /** Joined to everything that the row names, and allowed by the table. */
  readonly matched: number
  /** Of the matched ones: between accounts and places outside all tenants, of which the table says nothing. */
  readonly outside?: number
}

type Counting = Omit<UnmatchedAudit, 'tenants'> & {
  readonly table: RoleTable
  readonly tenants: ReadonlyMap<string, Domain>
  readonly matches: ReadonlyMap<Holding, 'row' | 'outside' | undefined>
  readonly federation: FederationAnswer
  /** The application credentials that were read. */
  readonly carried: readonly ApplicationCredential[]
}

export function countRows(counting: Counting): readonly RowCount[] {
  const { inventory, holdings, matches, federation, carried } = counting
  const tenants = new Set(counting.tenants.keys())
  const found = [...matches.values()]
  const memberships = inventory.groups.flatMap((group) =>
    (inventory.members.get(group.id) ?? []).map((member) => ({ group, member })),
  )
  const mappings = inventory.mappings ?? []
  return [
    {
      kind: 'assignments',
      read: inventory.assignments.length,
      matched: found.filter((match) => match !== undefined).length,
      outside: found.filter((match) => match === 'outside').length,
    },
    {
      kind: 'group members',
      read: memberships.length,
      matched: memberships.filter(({ group, member }) => {
        const domain = counting.tenants.get(group.domain_id)
        // what a service account holds through a group is more than its row
        const isExact = domain !== undefined && rowOf(counting.table, domain.name, member.name)?.match === 'exactly'
        return isMatchedMember(member, group, tenants) && !isExact
      }).length,
    },
    {
      kind: 'trusts',
      read: inventory.trusts.length,
      matched: inventory.trusts.filter((trust) => isMatchedTrust(trust, { ...counting, tenants })).length,
    },
    {
      kind: 'credentials',
      read: inventory.credentials.length,
      matched: inventory.credentials.filter((credential) => isMatchedCredential(credential, holdings)).length,
    },
    {
      kind: 'application credentials',
      read: carried.length,
      matched: carried.filter(({ project_id }) => project_id !== null && holdings.projects.has(project_id)).length,
    },
    { kind: 'identity providers', read: inventory.providers.length, matched: federation.matched.providers },
    { kind: 'federation protocols', read: inventory.protocols.length, matched: federation.matched.protocols },
    { kind: 'mappings', read: mappings.length, matched: federation.matched.mappings },
  ]
}
