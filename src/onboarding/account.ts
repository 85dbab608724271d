/** An account of the tenant: how it is found, what of its password is out of date, and how that is mended. */
import { listUsers, isPasswordExpired } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { sameSecondMs } from '../openstack/token.ts'
import type { Actor } from '../tenant/actors.ts'
import { exchangeExpired } from '../tenant/first-use.ts'
import { firstOf } from '../tenant/secret-store.ts'
import type { ActorContext, Change } from './resource.ts'

/** `password`: absent where it is in use, or held elsewhere. */
export type Account = User & { readonly password?: 'expired' | 'exchanged, not confirmed' }

export async function findAccount<A extends Actor>(
  { session, secrets }: ActorContext<A>,
  name: string,
  of: { readonly domainId: string; readonly secret: string },
): Promise<readonly Account[]> {
  // of all: the gate reads the same list
  const found = (await listUsers(session, { domain_id: of.domainId })).find((one) => one.name === name)
  if (found === undefined) return []
  const [stored, first] = await Promise.all([secrets.read(of.secret), secrets.read(firstOf(of.secret))])
  if (stored === undefined && first === undefined) return [found]
  if (isPasswordExpired(found, session.now())) return [{ ...found, password: 'expired' }]
  return [first === undefined ? found : { ...found, password: 'exchanged, not confirmed' }]
}

/** Whoever made an account that is not ours knows its password; after this only the data directory does. */
export function passwordChange(isOurs: boolean, { password }: Account): readonly Change[] {
  if (!isOurs) return [{ field: 'password', from: 'not known here', to: 'a new one' }]
  if (password === 'expired') return [{ field: 'password', from: 'expired', to: 'a new one' }]
  return password === undefined ? [] : [{ field: 'password', from: password, to: 'confirmed' }]
}

/** After a create or an update. `set`: whether that has just set the stored password; again, it ended all tokens. */
export async function withUsablePassword<A extends Actor>(
  { session, secrets }: ActorContext<A>,
  user: User,
  { secret, set }: { readonly secret: string; readonly set: 'first' | 'again' | undefined },
): Promise<User> {
  const stored = await secrets.read(secret)
  if (stored === undefined && set === undefined) return user
  const usable = await exchangeExpired({ session, secrets, name: secret }, user, set === undefined ? undefined : stored)
  if (set === 'again') await session.sleep(sameSecondMs)
  return usable
}
