/**
 * What a tenant's account can delegate: by password, as a cluster needs it, and by application credential, as it must
 * not.
 */
import { createApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { createTrust, listTrusts } from '../openstack/keystone/trusts.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import type { Persona } from './persona.ts'
import { byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'
import { securityLevel } from './security-level.ts'
import type { SecurityLevel } from './security-level.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

export type Delegation = { readonly results: readonly ProbeResult[]; readonly security: SecurityLevel | undefined }

export async function probeDelegation(
  probeDomain: ProbeDomain,
  persona: Persona,
  now: () => Date,
): Promise<Delegation> {
  const { user, password, project } = persona.account
  const creator = probeDomain.options.open(user.name, {
    kind: 'password',
    user: { id: user.id },
    password,
    scope: { kind: 'project', project: { id: project.id } },
  })
  const [self, byCredential] = await Promise.all([
    attemptSelfTrust(creator, user.id, project.id),
    asApplicationCredential(probeDomain, creator, { userId: user.id, projectId: project.id }, now),
  ])
  const security = securityLevel({ ...byCredential, isTargetInjectable: persona.isTargetInjectable })
  const results = [
    conclude(trustClaim, selfTrustSeen(self)),
    conclude(delegatedClaim, byEffect(byCredential.listTrusts, byCredential.listTrusts.kind === 'answered')),
    conclude(credentialTrustClaim, selfTrustSeen(byCredential.selfTrust)),
  ]
  return { results, security }
}

/** A trust of oneself to oneself without roles: the code refuses it after the policy check, so nothing is ever made. */
export function attemptSelfTrust(session: Session, userId: string, projectId: string): Promise<Attempt<unknown>> {
  return attempt(session, (recorded) => createSelfTrust(recorded, userId, projectId))
}

export function createSelfTrust(session: Session, userId: string, projectId: string): Promise<unknown> {
  return createTrust(session, {
    trustor_user_id: userId,
    trustee_user_id: userId,
    project_id: projectId,
    impersonation: true,
    roles: [],
  })
}

/**
 * The one verdict that depends on a message: both answers are 403, and neither has an effect. A policy's refusal names
 * its rule, the code's refusal the missing role. keystone/api/trusts.py, TrustsResource.post
 */
export function selfTrustSeen(tried: Attempt<unknown>): Seen {
  if (tried.kind === 'refused' && /at least one role/i.test(tried.message))
    return { observed: 'allowed', detail: `the policy allowed it (${tried.message})`, requestIds: tried.requestIds }
  return byEffect(tried, tried.kind === 'answered' ? true : undefined)
}

type ByCredential = {
  readonly listTrusts: Attempt<unknown>
  readonly listEc2Keys: Attempt<unknown>
  readonly selfTrust: Attempt<unknown>
}

/** An unrestricted one, as automation has. It ends with its user, and at the latest after an hour. */
async function asApplicationCredential(
  probeDomain: ProbeDomain,
  creator: Session,
  { userId, projectId }: { readonly userId: string; readonly projectId: string },
  now: () => Date,
): Promise<ByCredential> {
  const made = await attempt(creator, (session) =>
    createApplicationCredential(session, userId, {
      name: probeDomain.throwaways.name('credential'),
      description: probeDomain.throwaways.description,
      expires_at: new Date(now().getTime() + 3_600_000).toISOString(),
      unrestricted: true,
    }),
  )
  // one result for all: without a credential nothing can be tried
  if (made.kind !== 'answered') {
    const none = {
      kind: 'unanswered',
      message: 'no application credential could be made',
      requestIds: made.requestIds,
    } as const
    return { listTrusts: none, listEc2Keys: none, selfTrust: none }
  }
  const { id, secret, name } = made.value
  const automation = probeDomain.options.open(name, { kind: 'application-credential', credential: { id }, secret })
  const [trusts, ec2Keys, selfTrust] = await Promise.all([
    attempt(automation, (session) => listTrusts(session, { trustor_user_id: userId })),
    attempt(automation, (session) =>
      session.request({ service: 'identity', method: 'GET', path: `/users/${userId}/credentials/OS-EC2` }),
    ),
    attemptSelfTrust(automation, userId, projectId),
  ])
  return { listTrusts: trusts, listEc2Keys: ec2Keys, selfTrust }
}

export const selfTrustId = 'delegation/self-trust'
export const credentialTrustId = 'delegation/application-credential-self-trust'

const trustClaim: Claim = {
  id: selfTrustId,
  family: 'delegation',
  claim: 'an account can make a trust for itself, as Magnum does for every cluster',
  who: 'a throwaway account with the managed roles',
  whom: 'itself',
  expected: 'allowed',
  actor: 'creator',
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

const delegatedClaim: Claim = {
  id: 'delegation/application-credential-trusts',
  family: 'delegation',
  claim: 'an application credential cannot manage trusts',
  who: 'a throwaway application credential, unrestricted',
  whom: 'the trusts of its own user',
  expected: 'refused',
  actor: 'automation',
  reach: 'tenant could',
  otherwise: {
    code: 'cloud/delegated-trusts',
    severity: 'warning',
    where: 'identity:list_trusts_for_trustor',
    remedy:
      'this Keystone is below OSSA-2026-015, or `[security_compliance] allow_insecure_application_credential_trust_escalation` is on: update it, or turn that off',
    owner: 'operator',
  },
}

/** Neither right nor wrong by itself: it decides how the creator of a cluster must sign in. */
const credentialTrustClaim: Claim = {
  ...delegatedClaim,
  id: credentialTrustId,
  claim: 'it is known whether an application credential could make a trust',
  whom: 'itself',
  expected: 'reported',
}
