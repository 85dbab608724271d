/** What an account can delegate, and what an application credential must not obtain with itself. */
import {
  createApplicationCredential,
  listApplicationCredentials,
} from '../../openstack/keystone/application-credentials.ts'
import { createCredential, listCredentials } from '../../openstack/keystone/credentials.ts'
import { createTrust, listTrusts } from '../../openstack/keystone/trusts.ts'
import type { TrustFields } from '../../openstack/keystone/trusts.ts'
import { attempt } from '../../probes/attempt.ts'
import type { Attempt } from '../../probes/attempt.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import type { Party } from '../../probes/checks.ts'
import { createSelfTrust, selfTrustReading } from '../../probes/delegation.ts'
import type { Reading } from '../../probes/reading.ts'

export async function probeDelegations(family: Family, fixture: VerificationFixture): Promise<void> {
  const { account, grantee, decoyUser } = fixture.own
  const [free, bound] = await Promise.all([delegate(fixture, 'unrestricted'), delegate(fixture, 'restricted')])
  await Promise.all([
    family.check({
      id: 'self-trust',
      claim: 'an account can make a trust for itself, as Magnum does for every cluster',
      as: account,
      whom: 'itself',
      rule: 'identity:create_trust',
      expected: 'allowed',
      code: 'isolation/dead-trust-rule',
      ask: (session) => createSelfTrust(session, account.user.id, account.project.id),
      see: selfTrustReading,
    }),
    probePassword(family, fixture),
    free && probeCredential(family, fixture, free, 'unrestricted', grantee.id),
    bound && probeCredential(family, fixture, bound, 'restricted', decoyUser.id),
  ])
}

/** An application credential of the throwaway account. */
async function delegate(
  { own, accounts, options }: VerificationFixture,
  kind: 'unrestricted' | 'restricted',
): Promise<Party | undefined> {
  const { session, user } = own.account
  const made = await attempt(session, (recorded) =>
    accounts.applicationCredential(recorded, user.id, {
      what: kind,
      isUnrestricted: kind === 'unrestricted',
      now: options.now(),
    }),
  )
  if (made.kind !== 'answered') return undefined
  const opened = options.open(made.value.name, made.value.auth)
  return { session: opened, who: `an application credential (${kind})`, actor: 'automation' }
}

async function probePassword(
  family: Family,
  { own, foreign, operator, roles, managed, throwaways }: VerificationFixture,
): Promise<void> {
  const { account } = own
  const victim = foreign.account.user.id
  const common = { as: account, expected: 'refused', code: 'isolation/escalation' } as const
  const trust = (fields: Pick<TrustFields, 'trustor_user_id' | 'trustee_user_id' | 'roles'>): TrustFields => ({
    project_id: account.project.id,
    impersonation: true,
    ...fields,
  })
  const hasTrust = async (trustor: string, trustee: string): Promise<boolean> =>
    (await listTrusts(operator, { trustor_user_id: trustor })).some(
      ({ trustee_user_id }) => trustee_user_id === trustee,
    )
  const { admin } = roles
  await Promise.all([
    admin &&
      family.check({
        ...common,
        id: 'trust-with-admin',
        claim: 'an account cannot delegate admin, which it does not hold',
        whom: 'a user of another domain',
        rule: 'identity:create_trust',
        ask: (session) =>
          createTrust(
            session,
            trust({ trustor_user_id: account.user.id, trustee_user_id: victim, roles: [{ id: admin.id }] }),
          ),
        effect: () => hasTrust(account.user.id, victim),
      }),
    family.check({
      ...common,
      id: 'trust-for-another',
      claim: 'an account cannot make a trust in the name of another user',
      whom: 'a user of another domain',
      rule: 'identity:create_trust',
      ask: (session) =>
        createTrust(
          session,
          trust({ trustor_user_id: victim, trustee_user_id: account.user.id, roles: [{ id: managed[0].id }] }),
        ),
      effect: () => hasTrust(victim, account.user.id),
    }),
    family.check({
      ...common,
      id: 'application-credential-for-another',
      claim: 'an account cannot make an application credential for another user',
      whom: 'a user of another domain',
      rule: 'identity:create_application_credential',
      ask: (session) => createApplicationCredential(session, victim, { name: throwaways.name('stolen') }),
      effect: async () => (await listApplicationCredentials(operator, victim)).length > 0,
    }),
    admin &&
      family.check({
        ...common,
        id: 'application-credential-with-admin',
        claim: 'an account cannot make an application credential with a role that it does not hold',
        whom: 'itself',
        rule: 'identity:create_application_credential',
        ask: (session) =>
          createApplicationCredential(session, account.user.id, {
            name: throwaways.name('climber'),
            roles: [{ id: admin.id }],
          }),
        effect: async () => hasCredential(operator, account.user.id, throwaways.name('climber')),
      }),
    family.check({
      ...common,
      id: 'ec2-key-for-another',
      claim: 'an account cannot make a credential for another user',
      whom: 'a user of another domain',
      rule: 'identity:create_credential',
      ask: (session) => createCredential(session, { type: 'probe', user_id: victim, blob: '{}' }),
      effect: async () => (await listCredentials(operator, { user_id: victim, type: 'probe' })).length > 0,
    }),
  ])
}

/** `trusteeId` identifies the trust that this account tried to make. */
async function probeCredential(
  family: Family,
  { own, operator, managed, throwaways, options }: VerificationFixture,
  as: Party,
  kind: 'unrestricted' | 'restricted',
  trusteeId: string,
): Promise<void> {
  const { user, project } = own.account
  const common = { as, expected: 'refused', code: 'isolation/delegation', whom: 'its own user' } as const
  const child = throwaways.name(`child-of-${kind}`)
  const trust = {
    trustor_user_id: user.id,
    trustee_user_id: trusteeId,
    project_id: project.id,
    impersonation: true,
    roles: [{ id: managed[0].id }],
  }
  await Promise.all([
    family.check({
      ...common,
      id: `trust-by-${kind}`,
      claim: `${as.who} cannot make a trust`,
      rule: 'identity:create_trust',
      ask: (session) => createTrust(session, trust),
      effect: async () =>
        (await listTrusts(operator, { trustor_user_id: user.id })).some(
          ({ trustee_user_id }) => trustee_user_id === trusteeId,
        ),
    }),
    family.check({
      ...common,
      id: `token-by-${kind}`,
      claim: `${as.who} cannot turn its token into another one`,
      rule: 'POST /v3/auth/tokens',
      ask: async (session) => {
        const scope = { kind: 'project', project: { id: project.id } } as const
        return options.open(as.session.actor, { kind: 'token', token: await session.bearer(), scope }).token()
      },
      see: exchangeSeen,
    }),
    family.check({
      ...common,
      id: `credential-by-${kind}`,
      claim: `${as.who} cannot make an EC2 key or another credential`,
      rule: 'identity:create_credential',
      ask: (session) => createCredential(session, { type: `probe-${kind}`, user_id: user.id, blob: '{}' }),
      effect: async () => (await listCredentials(operator, { user_id: user.id, type: `probe-${kind}` })).length > 0,
    }),
    kind === 'restricted'
      ? family.check({
          ...common,
          id: 'child-of-restricted',
          claim: `${as.who} cannot make another one`,
          rule: 'identity:create_application_credential',
          ask: (session) => createApplicationCredential(session, user.id, { name: child }),
          effect: () => hasCredential(operator, user.id, child),
        })
      : family.check({
          ...common,
          // drivers that give each cluster its own credential need this
          expected: 'reported',
          id: 'child-of-unrestricted',
          claim: `whether ${as.who} can make another one`,
          rule: 'identity:create_application_credential',
          ask: (session) => createApplicationCredential(session, user.id, { name: child }),
          shows: () => true,
          describe: () => 'it can, as drivers that give a cluster its own credential need',
        }),
  ])
}

/**
 * Below the fixes of August 2026 some releases fail (KeyError in the token provider). No token results, so it counts as
 * a refusal.
 */
function exchangeSeen(tried: Attempt<unknown>): Reading | undefined {
  if (tried.kind === 'unanswered' && / answered 500\b/.test(tried.message))
    return { observed: 'refused', detail: 'Keystone failed, and issued no token (500)' }
  return undefined
}

async function hasCredential(operator: Party['session'], userId: string, name: string): Promise<boolean> {
  return (await listApplicationCredentials(operator, userId)).some((credential) => credential.name === name)
}
