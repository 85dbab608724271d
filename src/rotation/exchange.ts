import { StepError } from '../errors.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import { firstOf, nextOf } from '../tenant/secret-store.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { signsIn } from '../tenant/sessions.ts'

/*
 * Exchanges a secret for a new one, in an order that survives an interruption anywhere: stored, set, seen to work, the
 * old one seen to be refused, and only then replaced. Until then both are on disk, and one of them works.
 */

export type Exchange = {
  readonly secrets: SecretStore
  /** Its file in the data directory. */
  readonly name: string
  readonly generate: () => string
  /** Whether a stored next one that does not sign in can still become one. */
  readonly isUsable?: ((stored: string) => boolean) | undefined
  /** Signs in with it, as its user will. */
  readonly open: (secret: Secret) => Session
  /** Makes it the current one, or one that it puts into its place as the next. May run twice. */
  readonly set: (next: Secret, old: Secret | undefined) => Promise<void>
  /** Removes what `set` needed on the way, also after an earlier rotation that was interrupted behind `set`. */
  readonly tidy?: (() => Promise<void>) | undefined
}

export type Exchanged = {
  readonly old: 'refused' | 'not known here'
  /** Call it after the exchange is recorded. */
  readonly settle: () => Promise<void>
}

export async function exchangeSecret({
  secrets,
  name,
  generate,
  isUsable,
  open,
  set,
  tidy,
}: Exchange): Promise<Exchanged> {
  const old = await secrets.read(name)
  const earlier = await secrets.read(nextOf(name))
  // an earlier rotation may have come this far
  const isSet = earlier !== undefined && (await signsIn(open(earlier)))
  if (!isSet) {
    await set(await secrets.ensure(nextOf(name), generate, isUsable), old)
    const next = await secrets.read(nextOf(name))
    if (next === undefined || !(await signsIn(open(next))))
      throw new StepError(
        `rotate/${name}`,
        `the new secret was set but does not sign in; the old one is still in the data directory`,
      )
  }
  await tidy?.()
  if (old !== undefined && (await signsIn(open(old))))
    throw new StepError(
      `rotate/${name}`,
      'the old secret still signs in beside the new one: the account may be kept elsewhere (LDAP)',
    )
  const settle = async (): Promise<void> => {
    await secrets.promote(name)
    // of an exchange at first use that this one has overtaken
    await Promise.all([secrets.remove(firstOf(name)), secrets.remove(firstOf(nextOf(name)))])
  }
  return { old: old === undefined ? 'not known here' : 'refused', settle }
}
