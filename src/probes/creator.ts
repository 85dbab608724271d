/**
 * Can an account create a cluster? Asked of the account itself just before it must: experiments that make nothing.
 * Experiments that need throwaway objects are in `delegation.ts`.
 */
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { Session } from '../openstack/session.ts'
import type { Token } from '../openstack/token.ts'
import { attemptSelfTrust, selfTrustSeen } from './delegation.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { conclude } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'

export type CreatorOptions = {
  readonly creator: Session
  /** Reads the roles that the account really holds; without an operator the token's roles count. */
  readonly operator?: Session<'operator'> | undefined
}

/** Never throws for an answer of the cloud. An account that cannot sign in gets one result, which says so. */
export async function probeCreator({ creator, operator }: CreatorOptions): Promise<readonly ProbeResult[]> {
  const signedIn = await attempt(creator, (session) => session.token())
  if (signedIn.kind !== 'answered') return [conclude(signInClaim(creator.actor), refusedSignIn(signedIn))]
  const token = signedIn.value
  const who = token.userName
  const { projectId } = token
  if (projectId === undefined) return [conclude(scopeClaim(who), { ...noProject, requestIds: signedIn.requestIds })]
  const [selfTrust, held] = await Promise.all([
    attemptSelfTrust(creator, token.userId, projectId),
    operator === undefined ? undefined : attempt(operator, (session) => rolesHeld(session, token.userId, projectId)),
  ])
  const roles = held === undefined ? [] : [conclude(heldClaim(who), rolesSeen(token, held))]
  return [
    conclude(adminClaim(who), adminSeen(token, signedIn.requestIds)),
    ...roles,
    conclude(trustClaim(who), selfTrustSeen(selfTrust)),
  ]
}

/** By id: two domains may have roles of one name. */
async function rolesHeld(session: Session, userId: string, projectId: string): Promise<ReadonlySet<string>> {
  const found = await listRoleAssignments(session, { userId, projectId, isEffective: true })
  return new Set(found.map(({ role }) => role.id))
}

/** A trust delegates the roles of the token, and Keystone answers 404 for one that the trustor does not hold. */
function rolesSeen(token: Token, held: Attempt<ReadonlySet<string>>): Seen {
  const { requestIds } = held
  if (held.kind !== 'answered')
    return { observed: 'unknown', detail: 'the assignments of the account could not be read', requestIds }
  const missing = token.roles.filter(({ id }) => !held.value.has(id)).map(({ name }) => name)
  if (missing.length > 0) return { observed: 'refused', detail: `not held: ${missing.join(', ')}`, requestIds }
  return { observed: 'allowed', detail: token.roles.map(({ name }) => name).join(', '), requestIds }
}

function adminSeen(token: Token, requestIds: readonly string[]): Seen {
  const names = token.roles.map(({ name }) => name)
  const isAdmin = names.some((name) => name.toLowerCase() === 'admin')
  return { observed: isAdmin ? 'allowed' : 'refused', detail: `its token has ${names.join(', ')}`, requestIds }
}

function refusedSignIn(tried: Attempt<unknown>): Seen {
  const detail = tried.kind === 'refused' || tried.kind === 'unanswered' ? tried.message : ''
  return { observed: tried.kind === 'refused' ? 'refused' : 'unknown', detail, requestIds: tried.requestIds }
}

const noProject = { observed: 'refused', detail: 'its token has no project' } as const

type Common = Pick<Claim, 'family' | 'who' | 'actor'>

function common(who: string): Common {
  return { family: 'creator', who, actor: 'creator' }
}

function signInClaim(who: string): Claim {
  return {
    ...common(who),
    id: 'creator/sign-in',
    claim: `${who} signs in`,
    whom: 'Keystone',
    expected: 'allowed',
    reach: 'tenant could',
    otherwise: {
      code: 'cloud/creator-sign-in',
      severity: 'error',
      where: `user ${who}`,
      remedy: 'it may be disabled, or its password changed elsewhere; `tenant-onboard rotate` gives it a new one',
      owner: 'tenant',
    },
  }
}

function scopeClaim(who: string): Claim {
  return {
    ...common(who),
    id: 'creator/scope',
    claim: `${who} acts on a project`,
    whom: 'its token',
    expected: 'allowed',
    reach: 'tenant could',
    otherwise: {
      code: 'cloud/creator-scope',
      severity: 'error',
      where: `user ${who}`,
      remedy: "sign in with the scope of the cluster's project",
      owner: 'tenant',
    },
  }
}

function adminClaim(who: string): Claim {
  return {
    ...common(who),
    id: 'creator/no-admin',
    claim: `the token of ${who} carries no admin`,
    whom: 'the trust and the child credential of its clusters',
    expected: 'refused',
    reach: 'tenant could',
    otherwise: {
      code: 'cloud/creator-admin',
      severity: 'error',
      where: `user ${who}`,
      remedy:
        "remove admin from it: the trust delegates the token's roles, and the driver leaves them inside the cluster",
      owner: 'operator',
    },
  }
}

function heldClaim(who: string): Claim {
  return {
    ...common(who),
    id: 'creator/roles-held',
    claim: `${who} holds every role of its token on the project`,
    whom: 'the project',
    expected: 'allowed',
    reach: 'perimeter',
    otherwise: {
      code: 'cloud/creator-roles',
      severity: 'error',
      where: `user ${who}`,
      remedy: 'a role was removed while the token was valid: grant it again, or sign in again',
      owner: 'tenant',
    },
  }
}

export const creatorTrustId = 'creator/self-trust'

function trustClaim(who: string): Claim {
  return {
    ...common(who),
    id: creatorTrustId,
    claim: `${who} can make a trust, as Magnum does for every cluster`,
    whom: 'itself, with an empty list of roles',
    expected: 'allowed',
    reach: 'tenant could',
    otherwise: {
      code: 'cloud/dead-trust-rule',
      severity: 'error',
      where: 'identity:create_trust',
      remedy:
        'the rule reads a key that this Keystone no longer fills (OSSA-2026-015): write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s`; `tenant-onboard policy build` does',
      owner: 'operator',
    },
  }
}
