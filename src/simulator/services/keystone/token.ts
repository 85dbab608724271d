/** Keystone's tokens: issue, output and revocation. keystone 22.0.2, keystone/common/render_token.py. */
import { isAdminProject } from './enforcer.ts'
import { catalogFor } from './catalog.ts'
import { isoMicros } from '../../world.ts'
import { mint } from './caller.ts'
import { showExpiry } from './passwords.ts'
import { showRoleBare } from './serializers.ts'
import type { Caller } from './caller.ts'
import type { Json } from '../../json.ts'
import type { Token, TokenScope } from '../../state.ts'
import type { World } from '../../world.ts'

/** `[token] expiration`, four hours on the lab as on a charmed cloud. */
const LIFETIME_MS = 4 * 3600 * 1000

export function issueToken(
  world: World,
  wanted: {
    readonly userId: string
    readonly methods: readonly string[]
    readonly scope: TokenScope
    readonly applicationCredentialId?: string | undefined
    /** The parent token: the new one ends with it. */
    readonly parent?: Token | undefined
  },
): Caller {
  const issuedAt = Math.floor(world.now() / 1000) * 1000
  const audit = Buffer.from(world.ids.bytes(16)).toString('base64url')
  const parentAudit = wanted.parent?.auditIds.at(-1)
  const token: Token = {
    id: `gAAAAA${Buffer.from(world.ids.bytes(96)).toString('base64url')}`,
    userId: wanted.userId,
    methods: wanted.methods,
    scope: wanted.scope,
    applicationCredentialId: wanted.applicationCredentialId,
    auditIds: parentAudit === undefined ? [audit] : [audit, parentAudit],
    issuedAt,
    expiresAt: wanted.parent?.expiresAt ?? issuedAt + LIFETIME_MS,
    isRevoked: false,
  }
  const caller = mint(world, token)
  sweepExpired(world)
  world.state.tokens.set(token.id, token)
  return caller
}

/** Keeps memory linear in live tokens: an unusable token is forgotten. */
function sweepExpired(world: World): void {
  for (const [id, token] of world.state.tokens) {
    if (token.expiresAt > world.now()) return
    world.state.tokens.delete(id)
  }
}

/**
 * Ends every token of a user, also one that is issued later in the same second: both times are kept in seconds.
 * keystone 22.0.2, models/revoke_model.py, RevokeEvent and _match_issued_at; token/token_formatters.py, creation_time.
 */
export function endTokensOf(world: World, userId: string): void {
  const user = world.state.users.get(userId)
  if (user !== undefined)
    world.state.users.set(userId, { ...user, tokensEndedAt: Math.floor(world.now() / 1000) * 1000 })
  revokeTokensOf(world, userId)
}

/** Ends every token of a user: being disabled or deleted. */
export function revokeTokensOf(world: World, userId: string): void {
  const { tokens, trusts } = world.state
  for (const [id, token] of tokens) {
    const trust = token.scope.kind === 'trust' ? trusts.get(token.scope.id) : undefined
    if (token.userId === userId || trust?.trustor_user_id === userId) tokens.set(id, { ...token, isRevoked: true })
  }
}

export function renderToken(world: World, caller: Caller, options: { readonly withCatalog: boolean }): Json {
  const { token, user, userDomain, project, projectDomain, domain, trust, applicationCredential } = caller
  const bareRoles = caller.roles.map((role) => ({ id: role.id, name: role.name }))
  const admin = world.profile.adminProject
  return {
    methods: token.methods,
    user: {
      domain: { id: userDomain.id, name: userDomain.name },
      id: user.id,
      name: user.name,
      password_expires_at: showExpiry(user),
    },
    audit_ids: token.auditIds,
    expires_at: isoMicros(token.expiresAt),
    issued_at: isoMicros(token.issuedAt),
    ...(trust === undefined
      ? {}
      : {
          'OS-TRUST:trust': {
            id: trust.id,
            trustor_user: { id: trust.trustor_user_id },
            trustee_user: { id: trust.trustee_user_id },
            impersonation: trust.impersonation,
          },
        }),
    ...(domain === undefined ? {} : { domain: { id: domain.id, name: domain.name } }),
    ...(project === undefined
      ? {}
      : {
          project: { domain: { id: project.domain_id, name: projectDomain?.name }, id: project.id, name: project.name },
          ...(trust === undefined ? { is_domain: false } : {}),
        }),
    ...(token.scope.kind === 'unscoped'
      ? {}
      : { roles: trust === undefined ? bareRoles : caller.roles.map(showRoleBare) }),
    ...(caller.isSystem ? { system: { all: true } } : {}),
    ...(admin === undefined || project === undefined ? {} : { is_admin_project: isAdminProject(world, caller) }),
    ...(applicationCredential === undefined
      ? {}
      : {
          application_credential: {
            id: applicationCredential.id,
            name: applicationCredential.name,
            restricted: applicationCredential.unrestricted !== true,
          },
        }),
    ...(token.scope.kind === 'unscoped' || !options.withCatalog ? {} : { catalog: catalogFor(world, project?.id) }),
  }
}
