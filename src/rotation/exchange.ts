import { StepError } from '../errors.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import { nextOf } from '../tenant/secret-store.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { signsIn } from '../tenant/sessions.ts'

/*
 * One secret exchanged for another, in an order that may be cut anywhere: stored, set, seen to work, the old one seen
 * to be refused, and only then put in the old one's place. Until then both are on disk, and one of them works.
 */

export type Exchange = {
  readonly secrets: SecretStore
  /** Its file in the home. */
  readonly name: string
  readonly generate?: (() => string) | undefined
  /** Signs in with it, as its user will. */
  readonly open: (secret: Secret) => Session
  /** Makes it the one that counts. May run twice. */
  readonly set: (next: Secret, old: Secret | undefined) => Promise<void>
  /** Takes away what `set` needed on the way; also when an earlier rotation had set it and was cut after that. */
  readonly tidy?: (() => Promise<void>) | undefined
}

export type Exchanged = {
  readonly old: 'refused' | 'not known here'
  /** Call it when the exchange is recorded. */
  readonly settle: () => Promise<void>
}

export async function exchangeSecret({ secrets, name, generate, open, set, tidy }: Exchange): Promise<Exchanged> {
  const old = await secrets.read(name)
  const next = await secrets.ensure(nextOf(name), generate)
  // an earlier rotation may have come as far as this
  if (!(await signsIn(open(next)))) {
    await set(next, old)
    if (!(await signsIn(open(next))))
      throw new StepError(
        `rotate/${name}`,
        `the new secret was set, and does not sign in; the old one is still in the home`,
      )
  }
  await tidy?.()
  if (old !== undefined && (await signsIn(open(old))))
    throw new StepError(
      `rotate/${name}`,
      'the old secret still signs in beside the new one: is the account kept elsewhere (LDAP)?',
    )
  return { old: old === undefined ? 'not known here' : 'refused', settle: () => secrets.promote(name) }
}
