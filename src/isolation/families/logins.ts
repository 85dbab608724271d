import { getDomain } from '../../openstack/keystone/domains.ts'
import { getUser } from '../../openstack/keystone/users.ts'
import type { Bench } from '../bench.ts'
import type { Family } from '../checks.ts'

export async function probeLogins(family: Family, { manager, foreign }: Bench): Promise<void> {
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
        rule: 'identity:get_user',
        expected: 'allowed',
        ask: async (session) => {
          const { userId, domainId = '' } = await session.token()
          await Promise.all([getUser(session, userId), getDomain(session, domainId)])
        },
      }),
    ),
  )
}
