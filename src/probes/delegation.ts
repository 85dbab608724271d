/**
 * What a tenant's account can delegate: by password, as a cluster needs it, and by application credential, as it must
 * not.
 */
import { createTrust, listTrusts } from '../openstack/keystone/trusts.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { Family } from './checks.ts'
import type { Otherwise, Question } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { Persona } from './persona.ts'
import { byAttempt } from './reading.ts'
import type { Reading } from './reading.ts'
import { fixSigns } from './fixes.ts'
import type { CredentialSigns, FixSigns } from './fixes.ts'
import { authOf } from './throwaway/accounts.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

export type Delegation = { readonly results: readonly ProbeResult[]; readonly fixes: FixSigns }

export async function probeDelegation(
  probeDomain: ProbeDomain,
  persona: Persona,
  { now, isClusterWanted = true }: { readonly now: () => Date; readonly isClusterWanted?: boolean },
): Promise<Delegation> {
  const family = new Family('delegation')
  const { user, project } = persona.account
  const auth = authOf(persona.account, { kind: 'project', id: project.id })
  const creator = probeDomain.options.open(user.name, auth)
  const selfTrust = (): Promise<unknown> =>
    family.check({
      id: selfTrustSlug,
      claim: 'an account can make a trust for itself, as Magnum does for every cluster',
      as: { session: creator, who: 'a throwaway account with the managed roles', actor: 'creator' },
      whom: 'itself',
      rule: 'identity:create_trust',
      expected: 'allowed',
      ask: (session) => createSelfTrust(session, user.id, project.id),
      see: selfTrustReading,
      otherwise: deadTrustRule,
    })
  const [, signs] = await Promise.all([
    isClusterWanted ? selfTrust() : undefined,
    probeCredential(family, probeDomain, creator, { userId: user.id, projectId: project.id, now }),
  ])
  const fixes = fixSigns({ ...signs, isTargetInjectable: persona.isTargetInjectable })
  return { results: await family.results(), fixes }
}

/** A trust of oneself to oneself without roles: the code refuses it after the policy check, so nothing is ever made. */
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
export function selfTrustReading(tried: Attempt<unknown>): Reading {
  if (tried.kind === 'refused' && /at least one role/i.test(tried.message))
    return { observed: 'allowed', detail: `the policy allowed it (${tried.message})` }
  return byAttempt(tried)
}

/** Of an account that can make no trust for itself. */
export const deadTrustRule: Otherwise = {
  code: 'cloud/dead-trust-rule',
  remedy:
    'the rule reads a key that this Keystone no longer fills (OSSA-2026-015): write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s`; `tenant-onboard policy build` does',
}

const selfTrustSlug = 'self-trust'
export const selfTrustId = `delegation/${selfTrustSlug}`
const credentialTrustSlug = 'application-credential-self-trust'
export const credentialTrustId = `delegation/${credentialTrustSlug}`

/** By an unrestricted one, as automation has. The answers to it tell the fixes as well. */
async function probeCredential(
  family: Family,
  probeDomain: ProbeDomain,
  creator: Session,
  of: { readonly userId: string; readonly projectId: string; readonly now: () => Date },
): Promise<Omit<CredentialSigns, 'isTargetInjectable'>> {
  const { userId, projectId, now } = of
  const { accounts, options } = probeDomain
  const opened = await attempt(creator, async (session) => {
    const credential = { what: 'credential', isUnrestricted: true, now: now() }
    const { name, auth } = await accounts.applicationCredential(session, userId, credential)
    return options.open(name, auth)
  })
  const as = { who: 'a throwaway application credential, unrestricted', actor: 'automation' } as const
  // the same for all: without a credential there is nothing to learn
  const none = {
    kind: 'unanswered',
    message: 'no application credential could be made',
    requestIds: opened.requestIds,
  } as const
  const asCredential = <T>(ask: (session: Session) => Promise<T>): Question<T> =>
    opened.kind === 'answered' ? { as: { ...as, session: opened.value }, ask } : { as, known: none }
  const common = {
    rule: 'identity:list_trusts_for_trustor',
    otherwise: {
      code: 'cloud/delegated-trusts',
      severity: 'warning',
      remedy:
        'this Keystone is below OSSA-2026-015, or `[security_compliance] allow_insecure_application_credential_trust_escalation` is on: update it, or turn that off',
    },
  } as const
  const [listed, listEc2Keys] = await Promise.all([
    family.check({
      ...common,
      ...asCredential((session) => listTrusts(session, { trustor_user_id: userId })),
      id: 'application-credential-trusts',
      claim: 'an application credential cannot manage trusts',
      whom: 'the trusts of its own user',
      expected: 'refused',
    }),
    opened.kind === 'answered'
      ? attempt(opened.value, (session) =>
          session.request({ service: 'identity', method: 'GET', path: `/users/${userId}/credentials/OS-EC2` }),
        )
      : none,
    family.check({
      ...common,
      ...asCredential((session) => createSelfTrust(session, userId, projectId)),
      id: credentialTrustSlug,
      claim: 'it is known whether an application credential could make a trust',
      whom: 'itself',
      // neither right nor wrong by itself: it decides how the creator of a cluster has to sign in
      expected: 'reported',
      see: selfTrustReading,
    }),
  ])
  return { listTrusts: listed.tried, listEc2Keys }
}
