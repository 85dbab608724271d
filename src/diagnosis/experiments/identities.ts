import type { Session } from '../../openstack/session.ts'
import type { Actor } from '../../tenant/actors.ts'
import type { Identity } from '../../tenant/sessions.ts'
import type { Case } from '../case.ts'
import type { Notes } from '../fact.ts'

/** A session that has signed in; `undefined` if the secret is missing or refused, which `sign-ins` reports. */
export async function signedIn<A extends Actor>(
  on: Case,
  notes: Notes,
  identity: Identity<A>,
): Promise<Session<A> | undefined> {
  const session = await on.subject.sessions.at(identity)
  if (session === undefined) return undefined
  const tried = await notes.attempt(session, (own) => own.token())
  return tried.kind === 'answered' ? session : undefined
}

/** As the creator if possible, because Magnum looks things up as the creator. */
export async function creatorOrOperator(on: Case, notes: Notes): Promise<Session<'creator'> | Session<'operator'>> {
  return (
    (await signedIn(on, notes, { actor: 'creator', project: on.subject.tenant.projects[0] })) ?? on.subject.operator
  )
}
