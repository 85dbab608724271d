import { getDomain } from '../../openstack/keystone/domains.ts'
import { getUser } from '../../openstack/keystone/users.ts'
import type { Bench } from '../bench.ts'
import { Family } from '../checks.ts'

export async function probeLogins({ manager, foreign }: Bench): Promise<Family> {
  const family = new Family('logins')
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
  return family
}
