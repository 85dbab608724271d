import { getDomain } from '../../openstack/keystone/domains.ts'
import { findUser } from '../../openstack/keystone/users.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

export async function probeLogins(family: Family, { manager, foreign }: VerificationFixture): Promise<void> {
  const parties = [
    ['manager', manager],
    ['foreign-manager', foreign.manager],
  ] as const
  await Promise.all(
    parties.map(([id, as]) =>
      family.check({
        id,
        claim: `${as.who} signs in and finds itself and its domain`,
        as,
        whom: 'itself',
        rule: 'identity:list_users',
        expected: 'allowed',
        ask: async (session) => {
          const { userName, domainId = '' } = await session.token()
          await Promise.all([findUser(session, userName, domainId), getDomain(session, domainId)])
        },
      }),
    ),
  )
}
