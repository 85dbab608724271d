/** The content of a token: user, scope, roles, expiry, and the catalog. The token's id is not part of it. */
import { catalog } from './catalog.ts'
import type { CatalogService } from './catalog.ts'
import { flag, inside, isRecord, listOf, object, optional, record, text } from './shape.ts'
import type { Read } from './shape.ts'

export type RoleRef = { readonly id: string; readonly name: string }

export type Token = {
  readonly userId: string
  readonly userName: string
  readonly userDomainId: string
  readonly userDomainName?: string | undefined
  /** Of a project-scoped token. */
  readonly projectId?: string
  readonly projectName?: string
  readonly projectDomainId?: string
  readonly projectDomainName?: string | undefined
  /** Of a domain-scoped token. */
  readonly domainId?: string
  readonly domainName?: string
  readonly isSystem: boolean
  /** Implied roles are among them; only the assignments show which were granted. */
  readonly roles: readonly RoleRef[]
  readonly methods: readonly string[]
  /** Of a token from an application credential. */
  readonly applicationCredential?: { readonly id: string; readonly name: string; readonly restricted: boolean }
  readonly trust?: { readonly id: string; readonly impersonation: boolean }
  readonly issuedAt: string
  readonly expiresAt: string
  readonly catalog: readonly CatalogService[]
}

/**
 * A token has its issue time in seconds, and so has the end of a user's tokens: one that is issued in the second of the change
 * counts as an old one. keystone 22.0.2, keystone/token/token_formatters.py, creation_time; keystone/models/revoke_model.py,
 * RevokeEvent; seen on the lab as 401 to a fresh token.
 */
export const sameSecondMs = 1100

/** Domains that the account itself comes from, whatever else it can reach: of its user, and of the project it signs in to. */
export function homeDomainsOf({ userDomainId, projectDomainId }: Token): readonly string[] {
  return projectDomainId === undefined ? [userDomainId] : [userDomainId, projectDomainId]
}

const named = object<RoleRef>({ id: text, name: text })
type InDomain = RoleRef & { readonly domain: { readonly id: string; readonly name?: string | undefined } }
const inDomain = object<InDomain>({ id: text, name: text, domain: object({ id: text, name: optional(text) }) })
const delegation = object<{ readonly id: string; readonly impersonation: boolean }>({ id: text, impersonation: flag })
const credential = object<{ readonly id: string; readonly name: string; readonly restricted: boolean }>({
  id: text,
  name: text,
  restricted: flag,
})

/** Reads the body of `POST` or `GET /v3/auth/tokens`. */
export const token: Read<Token> = inside('token', (value, at) => {
  const from = record(value, at)
  const user = inDomain(from['user'], `${at}.user`)
  const project = optional(inDomain)(from['project'], `${at}.project`)
  const domain = optional(named)(from['domain'], `${at}.domain`)
  const applicationCredential = optional(credential)(from['application_credential'], `${at}.application_credential`)
  const trust = optional(delegation)(from['OS-TRUST:trust'], `${at}.OS-TRUST:trust`)
  return {
    userId: user.id,
    userName: user.name,
    userDomainId: user.domain.id,
    userDomainName: user.domain.name,
    ...(project === undefined
      ? {}
      : {
          projectId: project.id,
          projectName: project.name,
          projectDomainId: project.domain.id,
          projectDomainName: project.domain.name,
        }),
    ...(domain === undefined ? {} : { domainId: domain.id, domainName: domain.name }),
    isSystem: isRecord(from['system']),
    // an unscoped token has neither roles nor a catalog
    roles: optional(listOf(named))(from['roles'], `${at}.roles`) ?? [],
    methods: listOf(text)(from['methods'], `${at}.methods`),
    ...(applicationCredential === undefined ? {} : { applicationCredential }),
    ...(trust === undefined ? {} : { trust }),
    issuedAt: text(from['issued_at'], `${at}.issued_at`),
    expiresAt: text(from['expires_at'], `${at}.expires_at`),
    catalog: optional(catalog)(from['catalog'], `${at}.catalog`) ?? [],
  }
})
