/**
 * Can an account create a cluster? Asked of the account itself just before it must: experiments that make nothing.
 * Experiments that need throwaway objects are in `delegation.ts`.
 */
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import type { Session } from '../openstack/session.ts'
import type { Token } from '../openstack/token.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import { createSelfTrust, deadTrustRule, selfTrustReading } from './delegation.ts'
import type { Reading } from './reading.ts'

export type CreatorOptions = {
  readonly creator: Session
  /** Reads the roles that the account really holds; without an operator the token's roles count. */
  readonly operator?: Session<'operator'> | undefined
}

/** Never throws for an answer of the cloud. An account that cannot sign in gets one result, which says so. */
export async function probeCreator({ creator, operator }: CreatorOptions): Promise<readonly ProbeResult[]> {
  const family = new Family('creator')
  const signedIn = await attempt(creator, (session) => session.token())
  if (signedIn.kind !== 'answered') {
    await checkSignIn(family, creator.actor, signedIn)
    return family.results()
  }
  const { userName, userId, projectId } = signedIn.value
  const as = { session: creator, who: userName, actor: 'creator' } as const
  const about = { as, rule: `user ${userName}` }
  if (projectId === undefined) {
    await family.check({
      ...about,
      id: 'scope',
      claim: `${userName} acts on a project`,
      whom: 'its token',
      expected: 'allowed',
      known: signedIn,
      see: () => ({ observed: 'refused', detail: 'its token has no project' }),
      otherwise: {
        code: 'cloud/creator-scope',
        remedy: "sign in with the scope of the cluster's project",
        owner: 'tenant',
      },
    })
    return family.results()
  }
  await Promise.all([
    family.check({
      ...about,
      id: 'no-admin',
      claim: `the token of ${userName} carries no admin`,
      whom: 'the trust and the child credential of its clusters',
      expected: 'refused',
      known: signedIn,
      see: () => adminReading(signedIn.value),
      otherwise: {
        code: 'cloud/creator-admin',
        remedy:
          "remove admin from it: the trust delegates the token's roles, and the driver leaves them inside the cluster",
      },
    }),
    operator &&
      family.check({
        ...about,
        as: { ...as, session: operator },
        id: 'roles-held',
        claim: `${userName} holds every role of its token on the project`,
        whom: 'the project',
        reach: 'perimeter',
        expected: 'allowed',
        ask: (session) => rolesHeld(session, userId, projectId),
        see: (held) => rolesReading(signedIn.value, held),
        otherwise: {
          code: 'cloud/creator-roles',
          remedy: 'a role was removed while the token was valid: grant it again, or sign in again',
          owner: 'tenant',
        },
      }),
    family.check({
      as,
      id: trustSlug,
      claim: `${userName} can make a trust, as Magnum does for every cluster`,
      whom: 'itself, with an empty list of roles',
      rule: 'identity:create_trust',
      expected: 'allowed',
      ask: (session) => createSelfTrust(session, userId, projectId),
      see: selfTrustReading,
      otherwise: deadTrustRule,
    }),
  ])
  return family.results()
}

const trustSlug = 'self-trust'
export const creatorTrustId = `creator/${trustSlug}`

async function checkSignIn(family: Family, who: string, tried: Exclude<Attempt<Token>, { kind: 'answered' }>) {
  await family.check({
    id: 'sign-in',
    claim: `${who} signs in`,
    as: { who, actor: 'creator' },
    whom: 'Keystone',
    rule: `user ${who}`,
    expected: 'allowed',
    known: tried,
    see: () => ({ observed: tried.kind === 'refused' ? 'refused' : 'unknown', detail: tried.message }),
    otherwise: {
      code: 'cloud/creator-sign-in',
      remedy: 'it may be disabled, or its password changed elsewhere; `tenant-onboard rotate` gives it a new one',
      owner: 'tenant',
    },
  })
}

/** By id: two domains may have roles of one name. */
async function rolesHeld(session: Session, userId: string, projectId: string): Promise<ReadonlySet<string>> {
  const found = await listRoleAssignments(session, { userId, projectId, isEffective: true })
  return new Set(found.map(({ role }) => role.id))
}

/** A trust delegates the roles of the token, and Keystone answers 404 for one that the trustor does not hold. */
function rolesReading(token: Token, held: Attempt<ReadonlySet<string>>): Reading {
  if (held.kind !== 'answered')
    return { observed: 'unknown', detail: 'the assignments of the account could not be read' }
  const missing = token.roles.filter(({ id }) => !held.value.has(id)).map(({ name }) => name)
  if (missing.length > 0) return { observed: 'refused', detail: `not held: ${missing.join(', ')}` }
  return { observed: 'allowed', detail: token.roles.map(({ name }) => name).join(', ') }
}

function adminReading(token: Token): Reading {
  const names = token.roles.map(({ name }) => name)
  const isAdmin = names.some(isAdminRole)
  return { observed: isAdmin ? 'allowed' : 'refused', detail: `its token has ${names.join(', ')}` }
}
