import { rolesOf, throwawayDomain, createThrowawayUser } from './domain.ts'
import { newRun, throwawayPassword } from './run.ts'
import type { Random } from './run.ts'
import { Throwaways } from './throwaways.ts'
import { StopError } from '../../errors.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import { listRoles } from '../../openstack/keystone/roles.ts'
import type { Session } from '../../openstack/session.ts'
import { Secret } from '../../secret.ts'
import { managerRole } from '../../tenant/actors.ts'
import type { OpenTenantSession } from '../../tenant/sessions.ts'

export type SubstituteManager = { readonly manager: Session<'manager'>; readonly domainId: string }

/**
 * A throwaway domain with a domain manager, in place of a tenant that holds its own credentials: the same role under
 * the same policy. It does not show what the tenant's own accounts hold; `audit` does.
 */
export async function withSubstituteManager<T>(
  from: {
    readonly operator: Session<'operator'>
    readonly open: OpenTenantSession
    readonly random: Random
    readonly now: () => Date
  },
  use: (substitute: SubstituteManager) => Promise<T>,
): Promise<T> {
  const { operator, open, random, now } = from
  const throwaways = new Throwaways(newRun(now(), random))
  try {
    const [roles, domain] = await Promise.all([listRoles(operator), throwawayDomain(operator, throwaways, 'stand-in')])
    const role = rolesOf(roles).byName(managerRole)
    if (role === undefined) throw new StopError(`there is no role \`${managerRole}\` for a stand-in`)
    const password = new Secret(throwawayPassword(random))
    const user = await createThrowawayUser(operator, throwaways, { what: 'manager', domainId: domain.id, password })
    await createGrant(operator, {
      roleId: role.id,
      to: { kind: 'user', id: user.id },
      on: { kind: 'domain', id: domain.id },
    })
    const scope = { kind: 'domain', domain: { id: domain.id } } as const
    const manager = open('manager', { kind: 'password', user: { id: user.id }, password, scope })
    return await use({ manager, domainId: domain.id })
  } finally {
    await throwaways.removeAll()
  }
}
