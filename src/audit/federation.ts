/**
 * Who comes in through an identity provider, and with which roles. Such a user is in no list and holds no assignment:
 * a mapping puts it into groups for the life of a token. keystone 22.0.2, keystone/auth/plugins/mapped.py and
 * keystone/federation/utils.py, RuleProcessor.
 */
import type { Finding } from '../finding.ts'
import type { MappedLocal, Mapping, MappingRule } from '../openstack/keystone/federation.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import { domainOf, renderHolding } from './holdings.ts'
import type { Holding } from './holdings.ts'
import type { ProviderProtocol } from './inventory.ts'
import type { UnmatchedAudit } from './unmatched.ts'

export type FederationAudit = UnmatchedAudit & {
  /** True if the role table allows it to the group. */
  readonly isExpected: (holding: Holding) => boolean
}

export type FederationAnswer = {
  readonly findings: readonly Finding[]
  /** How many of each kind are joined to what they name. */
  readonly matched: { readonly providers: number; readonly protocols: number; readonly mappings: number }
}

export function auditFederation(audit: FederationAudit): FederationAnswer {
  const { providers, protocols } = audit.inventory
  const mappings = audit.inventory.mappings ?? []
  const known = new Map(mappings.map((mapping) => [mapping.id, mapping]))
  const used = new Set(protocols.map(({ mapping_id }) => mapping_id))
  const homeless = providers.filter(
    ({ domain_id }) => domain_id !== undefined && !audit.holdings.domains.has(domain_id),
  )
  const unjoined = protocols.filter(({ mapping_id }) => !known.has(mapping_id))
  const dangling = audit.inventory.mappings === undefined ? [] : unjoined
  const unused = mappings.filter(({ id }) => !used.has(id))
  const reached = protocols.map((protocol) => {
    const mapping = known.get(protocol.mapping_id)
    return { mapping, found: mapping === undefined ? [] : auditMapping(audit, protocol, mapping) }
  })
  const incomplete = new Set(
    reached.flatMap(({ mapping, found }) =>
      mapping !== undefined && found.some(({ code }) => code === unmatched) ? [mapping.id] : [],
    ),
  )
  return {
    findings: [
      ...homeless.map(({ id, domain_id }): Finding => ({
        code: unmatched,
        severity: 'unknown',
        where: `identity provider ${id}`,
        message: `identity provider \`${id}\` is for users of domain ${domain_id}, which is not in the list of domains`,
        remedy: `openstack identity provider delete ${id}`,
        owner: 'operator',
      })),
      ...dangling.map(({ id, provider, mapping_id }): Finding => ({
        code: unmatched,
        severity: 'unknown',
        where: `protocol ${id} of identity provider ${provider.id}`,
        message: `protocol \`${id}\` of identity provider \`${provider.id}\` uses mapping \`${mapping_id}\`, which is not in the list of mappings: the next one of that name decides who comes in`,
        remedy: `openstack federation protocol delete --identity-provider ${provider.id} ${id}`,
        owner: 'operator',
      })),
      ...unused.map(({ id }): Finding => ({
        code: 'audit/mapping-unused',
        severity: 'warning',
        where: `mapping ${id}`,
        message: `no protocol uses mapping \`${id}\`: nobody comes in through it, and it was left or is not finished`,
        remedy: `openstack mapping delete ${id}`,
        owner: 'operator',
      })),
      ...reached.flatMap(({ found }) => found),
    ],
    matched: {
      providers: providers.length - homeless.length,
      protocols: protocols.length - unjoined.length,
      mappings: mappings.filter(({ id }) => used.has(id) && !incomplete.has(id)).length,
    },
  }
}

const unmatched = 'audit/federation-unmatched'

/** The way in, for a sentence. */
type Way = { readonly protocol: ProviderProtocol; readonly mapping: Mapping }

function auditMapping(audit: FederationAudit, protocol: ProviderProtocol, mapping: Mapping): readonly Finding[] {
  const way = { protocol, mapping }
  const found = mapping.rules.flatMap((rule) =>
    rule.local.flatMap((local) => [
      ...auditGroups(audit, way, rule, local),
      ...auditLocalUser(audit, way, local),
      ...auditProjects(audit, way, local),
    ]),
  )
  // several rules may lead to the same group
  return [...new Map(found.map((finding) => [finding.message, finding])).values()]
}

function auditGroups(audit: FederationAudit, way: Way, rule: MappingRule, local: MappedLocal): readonly Finding[] {
  return groupsOf(audit, rule, local).flatMap((reach): readonly Finding[] => {
    switch (reach.kind) {
      case 'group':
        return auditAccess(audit, way, reach.group)
      case 'unknown':
        return [
          {
            ...finding(way),
            code: unmatched,
            severity: 'unknown',
            message: `${through(way)} leads to group \`${reach.name}\`, which is in no list: nobody sees what it will give`,
          },
        ]
      case 'any':
        return [
          {
            ...finding(way),
            code: 'audit/mapping-unbounded',
            severity: isOfTenant(audit, way) ? 'error' : 'warning',
            message: `${through(way)} lets the provider itself name any group of the cloud (\`${reach.by}\`), also those with admin`,
          },
        ]
    }
  })
}

type GroupReach =
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'any'; readonly by: string }

function groupsOf(audit: FederationAudit, rule: MappingRule, local: MappedLocal): readonly GroupReach[] {
  const { groups } = audit.inventory
  const byId = (text: string): readonly GroupReach[] => {
    const ids = valuesOf(rule, text)
    if (ids === undefined) return [{ kind: 'any', by: text }]
    return ids.map((id) => {
      const group = groups.find((one) => one.id === id)
      return group === undefined ? { kind: 'unknown', name: id } : { kind: 'group', group }
    })
  }
  const byName = (text: string, domain: MappedLocal['domain']): readonly GroupReach[] => {
    const named = domain?.id ?? domain?.name ?? ''
    if (hasPlaceholder(named)) return [{ kind: 'any', by: named }]
    const domainId = domain?.id ?? audit.inventory.domains.find(({ name }) => name === domain?.name)?.id
    const inDomain = groups.filter(({ domain_id }) => domain_id === domainId)
    const names = valuesOf(rule, text)
    if (names === undefined) return inDomain.map((group) => ({ kind: 'group', group }))
    return names.map((name) => {
      const group = inDomain.find((one) => one.name === name)
      return group === undefined ? { kind: 'unknown', name } : { kind: 'group', group }
    })
  }
  const { group } = local
  return [
    ...(group?.id === undefined ? [] : byId(group.id)),
    ...(group?.id !== undefined || group?.name === undefined ? [] : byName(group.name, group.domain)),
    ...(local.groups === undefined ? [] : byName(local.groups, local.domain)),
    ...(local.group_ids === undefined ? [] : byId(local.group_ids)),
  ]
}

function hasPlaceholder(text: string): boolean {
  return /\{\d*\}/.test(text)
}

/**
 * The values that a text of a rule can have; `undefined` if the provider alone decides. `{0}` is the first requirement
 * that hands its values on: neither `any_one_of` nor `not_any_of` (utils.py, _verify_all_requirements).
 */
function valuesOf(rule: MappingRule, text: string): readonly string[] | undefined {
  if (!hasPlaceholder(text)) return listIn(text)
  const index = /^\{(\d+)\}$/.exec(text)?.[1]
  if (index === undefined) return undefined
  const handedOn = rule.remote.filter((one) => one['any_one_of'] === undefined && one['not_any_of'] === undefined)
  const { whitelist, regex } = handedOn[Number(index)] ?? {}
  if (!Array.isArray(whitelist) || regex === true) return undefined
  return whitelist.filter((value) => typeof value === 'string')
}

/** Keystone reads a text that looks like a list of Python as one: `['a', 'b']`. */
function listIn(text: string): readonly string[] {
  const inside = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1]
  return inside === undefined
    ? [text]
    : [...inside.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, one, two]) => one ?? two ?? '')
}

/** What a group gives to those who come in, as far as it bears on a tenant. */
function auditAccess(audit: FederationAudit, way: Way, group: Group): readonly Finding[] {
  return audit.holdings.all
    .filter(({ holder }) => holder.kind === 'group' && holder.group.id === group.id)
    .flatMap((holding): readonly Finding[] => {
      const severity = severityOf(audit, way, holding)
      if (severity === undefined) return []
      return [
        {
          ...finding(way),
          code: 'audit/federated-access',
          severity,
          message: `${through(way)} comes into group \`${group.name}\`, which holds ${renderHolding(holding)}`,
        },
      ]
    })
}

/** `undefined` if it does not bear on a tenant. */
function severityOf(audit: FederationAudit, way: Way, holding: Holding): Finding['severity'] | undefined {
  const { tenants, adminRoles } = audit
  const home = way.protocol.provider.domain_id
  const at = domainOf(holding.on)
  if (at === undefined || !tenants.has(at)) return isOfTenant(audit, way) ? 'error' : undefined
  if (adminRoles.has(holding.role.id)) return 'error'
  if (isOfTenant(audit, way) && home !== at) return 'error'
  return audit.isExpected(holding) ? 'info' : 'warning'
}

/** `type: local`: an account that exists signs in without its own password. */
function auditLocalUser(audit: FederationAudit, way: Way, { user }: MappedLocal): readonly Finding[] {
  if (user?.type !== 'local') return []
  const { domains, users } = audit.inventory
  const named = user.domain?.id ?? user.domain?.name
  const domain = domains.find(({ id, name }) => (user.domain?.id === undefined ? name === named : id === named))
  const home = way.protocol.provider.domain_id
  const account = user.id ?? user.name ?? ''
  const isOne = account !== '' && !hasPlaceholder(account)
  const known = users.find(({ id, name, domain_id }) =>
    user.id === undefined ? name === account && domain_id === domain?.id : id === account,
  )
  if (isOne && known === undefined)
    return [
      {
        ...finding(way),
        code: unmatched,
        severity: 'unknown',
        message: `${through(way)} signs in as the account \`${account}\`, which is in no list`,
      },
    ]
  const place = isOne ? known?.domain_id : user.id === undefined ? domain?.id : undefined
  if (!isOfTenant(audit, way) && place !== undefined && !audit.tenants.has(place)) return []
  const whom = isOne
    ? `the account \`${known?.name ?? account}\``
    : place === undefined
      ? 'any account of the cloud'
      : `any account of domain \`${domain?.name ?? place}\`, whose name the provider gives`
  return [
    {
      ...finding(way),
      code: isOne ? 'audit/federated-access' : 'audit/mapping-unbounded',
      severity: isOfTenant(audit, way) && place !== home ? 'error' : 'warning',
      message: `${through(way)} signs in as ${whom}, with all roles of that account`,
    },
  ]
}

/** Projects that Keystone makes at the first sign-in, with roles on them for the one who signs in. */
function auditProjects(audit: FederationAudit, way: Way, { projects = [] }: MappedLocal): readonly Finding[] {
  return projects.flatMap(({ name, domain, roles }): readonly Finding[] => {
    const { domains } = audit.inventory
    const home = way.protocol.provider.domain_id
    const other = domain?.id ?? domains.find((one) => one.name === domain?.name)?.id
    const at = domain === undefined ? home : other
    const isBounded = !hasPlaceholder(domain?.id ?? domain?.name ?? '')
    if (isBounded && at !== undefined && !audit.tenants.has(at) && !isOfTenant(audit, way)) return []
    const names = roles.map((role) => role.name)
    const isAdmin = names.some((role) => isAdminRole(role) || hasPlaceholder(role))
    return [
      {
        ...finding(way),
        code: 'audit/federated-access',
        severity: isAdmin || !isBounded || (isOfTenant(audit, way) && at !== home) ? 'error' : 'warning',
        message: `${through(way)} gets ${names.join(' and ')} on project \`${name}\` of domain \`${domains.find(({ id }) => id === at)?.name ?? at ?? 'unknown'}\`, which Keystone makes at the first sign-in`,
      },
    ]
  })
}

function isOfTenant({ tenants }: FederationAudit, { protocol }: Way): boolean {
  return protocol.provider.domain_id !== undefined && tenants.has(protocol.provider.domain_id)
}

function through({ protocol, mapping }: Way): string {
  const { provider } = protocol
  const state = provider.enabled ? '' : ' (now disabled)'
  return `who comes through identity provider \`${provider.id}\`${state}, protocol \`${protocol.id}\`, mapping \`${mapping.id}\`,`
}

function finding({ protocol, mapping }: Way): Pick<Finding, 'where' | 'remedy' | 'owner'> {
  return {
    where: `identity provider ${protocol.provider.id}`,
    remedy: `if it is not meant so: openstack mapping set --rules <file> ${mapping.id}, or openstack federation protocol delete --identity-provider ${protocol.provider.id} ${protocol.id}`,
    owner: 'operator',
  }
}
