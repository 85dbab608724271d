/**
 * Passwords that may only be exchanged: on a cloud with `[security_compliance] change_password_upon_first_use` each one that another
 * account has set, and elsewhere those whose time is over (`password_expires_days`). No API tells the rule; the user's row does
 * (docs/decisions/0180).
 */
import { CloudError, StepError } from '../errors.ts'
import { changePassword, getUser, isPasswordExpired } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { sameSecondMs } from '../openstack/token.ts'
import type { Secret } from '../secret.ts'
import { newPassword } from './password.ts'
import { firstOf } from './secret-store.ts'
import type { SecretStore } from './secret-store.ts'

/**
 * After `name` was set for the user: if Keystone wants it exchanged, a new one takes its place, and is stored before it is set. The
 * one before is kept beside it until Keystone has the new one, so that the same call finishes an interrupted one.
 * `set`: what was set just now; absent: the stored one. Throws `StepError` if neither is here.
 */
export async function exchangeExpired(
  { session, secrets, name }: { readonly session: Session; readonly secrets: SecretStore; readonly name: string },
  user: User,
  set?: Secret,
): Promise<User> {
  const first = firstOf(name)
  if (!isPasswordExpired(user, session.now())) {
    await secrets.remove(first)
    return user
  }
  const from = set ?? (await secrets.read(first)) ?? (await secrets.read(name))
  if (from === undefined)
    throw new StepError(name, `the password of \`${user.name}\` is expired, and is not in the data directory`)
  await secrets.write(first, from)
  const stored = await secrets.read(name)
  const to = stored === undefined || stored.reveal() === from.reveal() ? await newPassword(session) : stored
  await secrets.write(name, to)
  const changed = await exchangeOnce(session, user, { from, to })
  await secrets.remove(first)
  return changed
}

/** The same for an account that nobody keeps: returns the password that it can be used with. */
export async function exchangeExpiredOf(
  session: Session,
  user: User,
  from: Secret,
  generate: () => Promise<Secret>,
): Promise<{ readonly user: User; readonly password: Secret; readonly isExchanged: boolean }> {
  if (!isPasswordExpired(user, session.now())) return { user, password: from, isExchanged: false }
  const to = await generate()
  return { user: await exchangeOnce(session, user, { from, to }), password: to, isExchanged: true }
}

/** The change may have worked although nobody saw its answer: then the password is expired no longer. */
async function exchangeOnce(
  session: Session,
  user: User,
  change: { readonly from: Secret; readonly to: Secret },
): Promise<User> {
  try {
    await changePassword(session, user.id, change)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const now = await getUser(session, user.id)
    if (isPasswordExpired(now, session.now())) throw error
  }
  await session.sleep(sameSecondMs)
  return getUser(session, user.id)
}
