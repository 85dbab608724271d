/**
 * `/v3/OS-FEDERATION`: identity providers, their protocols, and the mappings that turn what a provider asserts into
 * users, groups and roles. keystone 22.0.2, keystone/api/os_federation.py and keystone/federation/utils.py.
 */
import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, listOf, object, optional, record, text } from '../shape.ts'
import type { Read } from '../shape.ts'

export type IdentityProvider = {
  readonly id: string
  /** Of the users that come through it. Keystone makes one if the provider was registered without. */
  readonly domain_id?: string | undefined
  readonly enabled: boolean
}

/** Joins an identity provider to a mapping. Keystone keeps it when the mapping is deleted. */
export type FederationProtocol = { readonly id: string; readonly mapping_id: string }

type Named = { readonly id?: string | undefined; readonly name?: string | undefined }
type NamedInDomain = Named & { readonly domain?: Named | undefined }

/**
 * What one rule gives. In every text `{0}`, `{1}`.. stand for what the provider asserts. Schema: MAPPING_SCHEMA of
 * keystone/federation/utils.py.
 */
export type MappedLocal = {
  /** `local`: an existing account signs in. Otherwise Keystone makes a user in the domain of the provider. */
  readonly user?: (NamedInDomain & { readonly type?: string | undefined }) | undefined
  readonly group?: NamedInDomain | undefined
  /** Names of groups of `domain`, one text. */
  readonly groups?: string | undefined
  readonly group_ids?: string | undefined
  readonly domain?: Named | undefined
  /** Made at the first sign-in, in the domain of the provider (later releases: in their own), with these roles. */
  readonly projects?:
    | readonly {
        readonly name: string
        readonly domain?: Named | undefined
        readonly roles: readonly { readonly name: string }[]
      }[]
    | undefined
}

export type MappingRule = {
  readonly local: readonly MappedLocal[]
  readonly remote: readonly Readonly<Record<string, unknown>>[]
}

export type Mapping = { readonly id: string; readonly rules: readonly MappingRule[] }

const named = object<Named>({ id: optional(text), name: optional(text) })
const inDomain = object<NamedInDomain>({ id: optional(text), name: optional(text), domain: optional(named) })

const local: Read<MappedLocal> = object<MappedLocal>({
  user: optional(
    object<NonNullable<MappedLocal['user']>>({
      id: optional(text),
      name: optional(text),
      domain: optional(named),
      type: optional(text),
    }),
  ),
  group: optional(inDomain),
  groups: optional(text),
  group_ids: optional(text),
  domain: optional(named),
  projects: optional(
    listOf(
      object<NonNullable<MappedLocal['projects']>[number]>({
        name: text,
        domain: optional(named),
        roles: listOf(object<{ readonly name: string }>({ name: text })),
      }),
    ),
  ),
})

const provider = object<IdentityProvider>({ id: text, domain_id: optional(text), enabled: flag })
const protocol = object<FederationProtocol>({ id: text, mapping_id: text })
const mapping = object<Mapping>({
  id: text,
  rules: listOf(object<MappingRule>({ local: listOf(local), remote: listOf(record) })),
})

export function listIdentityProviders(session: Session): Promise<readonly IdentityProvider[]> {
  const path = '/OS-FEDERATION/identity_providers'
  return list(session, { service: 'identity', path }, 'identity_providers', provider)
}

/** Of one provider: Keystone has no list of all. */
export function listFederationProtocols(session: Session, providerId: string): Promise<readonly FederationProtocol[]> {
  const path = `/OS-FEDERATION/identity_providers/${encodeURIComponent(providerId)}/protocols`
  return list(session, { service: 'identity', path }, 'protocols', protocol)
}

export function listMappings(session: Session): Promise<readonly Mapping[]> {
  return list(session, { service: 'identity', path: '/OS-FEDERATION/mappings' }, 'mappings', mapping)
}
