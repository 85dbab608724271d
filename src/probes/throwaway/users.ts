/** Accounts that probes make: called after their run, with a password that nobody keeps. */
import type { Auth } from '../../openstack/auth.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import { createUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { Session } from '../../openstack/session.ts'
import { Secret } from '../../secret.ts'
import { throwawayPassword } from './run.ts'
import type { Random } from './run.ts'
import type { Throwaways } from './throwaways.ts'

export type ThrowawayUser = { readonly user: User; readonly password: Secret }

/** In a throwaway domain it needs no removal of its own; elsewhere it is made inside of `Throwaways.make`. */
export async function makeThrowawayUser(
  session: Session,
  throwaways: Throwaways,
  random: Random,
  of: { readonly what: string; readonly domainId: string; readonly enabled?: boolean },
): Promise<ThrowawayUser> {
  const password = new Secret(throwawayPassword(random))
  const fields = { ...throwaways.fields(of.domainId, of.what), password, enabled: of.enabled ?? true }
  return { user: await createUser(session, fields), password }
}

/** A user with a role on its own domain, and how it signs in for that. */
export async function makeDomainAccount(
  operator: Session,
  throwaways: Throwaways,
  random: Random,
  of: { readonly what: string; readonly domainId: string; readonly role: Role },
): Promise<{ readonly user: User; readonly auth: Auth }> {
  const { user, password } = await makeThrowawayUser(operator, throwaways, random, of)
  const domain = { id: of.domainId }
  await createGrant(operator, {
    roleId: of.role.id,
    to: { kind: 'user', id: user.id },
    on: { kind: 'domain', id: domain.id },
  })
  return { user, auth: { kind: 'password', user: { id: user.id }, password, scope: { kind: 'domain', domain } } }
}
