/**
 * Identity providers of the tenant, with their protocols and mappings. People who come through one have no password in
 * Keystone, and it does not heed `enabled` of their accounts: the provider is their only door.
 */
import type { Finding } from '../finding.ts'
import { listFederationProtocols, listIdentityProviders, listMappings } from '../openstack/keystone/federation.ts'
import type { IdentityProvider, Mapping, MappedLocal } from '../openstack/keystone/federation.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { unseen } from './not-shown.ts'

export type Federation = {
  /** Those that put their people into the domain of the tenant. */
  readonly providers: readonly IdentityProvider[]
  readonly protocols: readonly { readonly id: string; readonly providerId: string }[]
  /** Ids of mappings that nobody else uses. */
  readonly mappings: readonly string[]
  /** A provider of somebody else that lets people into the tenant, and what could not be read. */
  readonly findings: readonly Finding[]
}

const noFederation: Federation = { providers: [], protocols: [], mappings: [], findings: [] }

/** What makes a mapping one about the tenant. */
type Subject = {
  readonly name: string
  /** Of the domain, also of a deleted one. */
  readonly domainIds: ReadonlySet<string>
  readonly groups: readonly Group[]
}

/** The lists that need no knowledge of the tenant. */
export function readFederationLists(
  operator: Session,
): Promise<readonly [readonly IdentityProvider[], readonly Mapping[]]> {
  return Promise.all([listIdentityProviders(operator), listMappings(operator)])
}

export async function readFederation(operator: Session, subject: Subject): Promise<Federation> {
  try {
    const [all, mappings] = await readFederationLists(operator)
    const each = all.map(async (provider) =>
      (await listFederationProtocols(operator, provider.id)).map((protocol) => ({ ...protocol, provider })),
    )
    return judge((await Promise.all(each)).flat(), all, mappings, subject)
  } catch (error) {
    const status = refusalOf(error)
    if (status === undefined) throw error
    const message = `answers ${status} to the list of identity providers: who comes through one is not known`
    return { ...noFederation, findings: [unseen('service identity', message)] }
  }
}

type UsedProtocol = { readonly id: string; readonly mapping_id: string; readonly provider: IdentityProvider }

/** Pure. */
function judge(
  protocols: readonly UsedProtocol[],
  all: readonly IdentityProvider[],
  mappings: readonly Mapping[],
  subject: Subject,
): Federation {
  const isOurs = ({ domain_id }: IdentityProvider): boolean =>
    domain_id !== undefined && subject.domainIds.has(domain_id)
  const usersOf = (mapping: Mapping): readonly IdentityProvider[] =>
    protocols.filter(({ mapping_id }) => mapping_id === mapping.id).map(({ provider }) => provider)
  const isOwn = (mapping: Mapping): boolean => {
    const users = usersOf(mapping)
    return users.length > 0 ? users.every(isOurs) : isOnlyAbout(mapping, subject)
  }
  const foreign = mappings.filter(
    (mapping) => !isOwn(mapping) && localsOf(mapping).some((one) => isAbout(one, subject)),
  )
  return {
    providers: all.filter(isOurs),
    protocols: protocols
      .filter(({ provider }) => isOurs(provider))
      .map(({ id, provider }) => ({ id, providerId: provider.id })),
    mappings: mappings.filter(isOwn).map(({ id }) => id),
    findings: foreign.map((mapping): Finding => {
      const { id } = mapping
      const users = usersOf(mapping)
        .filter((one) => !isOurs(one))
        .map((one) => `\`${one.id}\``)
      const through =
        users.length === 0 ? 'no identity provider uses it' : `identity provider ${users.join(', ')} uses it`
      return {
        code: 'offboard/foreign-mapping',
        severity: 'error',
        where: `mapping ${id}`,
        message: `lets people into the tenant who come through somebody else: ${through}`,
        remedy: `take the rules about \`${subject.name}\` out of it: openstack mapping set --rules FILE ${id}`,
        owner: 'operator',
      }
    }),
  }
}

function localsOf({ rules }: Mapping): readonly MappedLocal[] {
  return rules.flatMap(({ local }) => local)
}

function domainsOf({
  domain,
  user,
  group,
  projects = [],
}: MappedLocal): readonly { id?: string | undefined; name?: string | undefined }[] {
  return [domain, user?.domain, group?.domain, ...projects.map((one) => one.domain)].flatMap((one) => one ?? [])
}

function isAbout(local: MappedLocal, subject: Subject): boolean {
  const ids = new Set(subject.groups.map(({ id }) => id))
  const named = [local.group?.id, ...(local.group_ids?.split(/[^0-9a-zA-Z-]+/) ?? [])]
  return (
    domainsOf(local).some((domain) => isDomain(domain, subject)) || named.some((id) => id !== undefined && ids.has(id))
  )
}

/** A mapping that nobody uses is the tenant's if it names its domain and no other. */
function isOnlyAbout(mapping: Mapping, subject: Subject): boolean {
  const domains = localsOf(mapping).flatMap(domainsOf)
  return domains.length > 0 && domains.every((domain) => isDomain(domain, subject))
}

function isDomain(
  named: { readonly id?: string | undefined; readonly name?: string | undefined },
  { name, domainIds }: Subject,
): boolean {
  return named.name === name || (named.id !== undefined && domainIds.has(named.id))
}
