import { attempt } from '../../probes/attempt.ts'
import type { Attempt } from '../../probes/attempt.ts'
import type { Observed } from '../../probes/claim.ts'
import { createSelfTrust, selfTrustReading } from '../../probes/delegation.ts'
import type { Session } from '../../openstack/session.ts'
import { experiment, Unasked } from '../experiment.ts'

export type SelfTrust = { readonly who: string; readonly observed: Observed; readonly message: string }

export type SelfTrusts = { readonly creator: SelfTrust | undefined; readonly operator: SelfTrust | undefined }

/**
 * A trust of oneself to oneself without roles: Keystone's code refuses it after the policy check. So it separates a
 * live rule from a dead one, and makes nothing. Both sign in by password; the operator shows whether only the creator
 * is refused.
 */
export const selfTrust = experiment<SelfTrusts>(
  'self-trust',
  'may an account that signs in by password make a trust?',
  async (on, notes) => {
    const { tenant, operator, sessions } = on.subject
    const [project] = tenant.projects
    const creator = await sessions.at({ actor: 'creator', project })
    const tried = async (session: Session): Promise<SelfTrust | undefined> => {
      const signedIn = await notes.attempt(session, (own) => own.token())
      if (signedIn.kind !== 'answered') return undefined
      const { userId, userName, projectId } = signedIn.value
      if (projectId === undefined) return undefined
      const self = await notes.attempt(session, (own) => createSelfTrust(own, userId, projectId))
      const { observed } = selfTrustReading(self)
      notes.saw(`${userName} ${verb(observed)} make a trust: ${messageIn(self)}`, self.requestIds)
      return { who: userName, observed, message: messageIn(self) }
    }
    const [own, operators] = await Promise.all([creator === undefined ? undefined : tried(creator), tried(operator)])
    if (own === undefined && operators === undefined)
      throw new Unasked('neither creator nor operator could try a trust')
    return { creator: own, operator: operators }
  },
)

/**
 * The same by the tenant's application credential, which a patched Keystone keeps from trusts, whatever the rules say.
 */
export const delegatedTrust = experiment<SelfTrust>(
  'delegated-trust',
  'may an application credential make a trust?',
  async (on, notes) => {
    const [project] = on.subject.tenant.projects
    const automation = await on.subject.sessions.at({ actor: 'automation', project })
    if (automation === undefined)
      throw new Unasked('the application credential of the tenant is not in the data directory')
    const { userId, userName, projectId } = await notes.read(automation, (session) => session.token())
    if (projectId === undefined) throw new Unasked('the application credential has no project')
    const self = await attempt(automation, (session) => createSelfTrust(session, userId, projectId))
    const { observed } = selfTrustReading(self)
    const who = `${userName} by application credential`
    notes.saw(`${who} ${verb(observed)} make a trust: ${messageIn(self)}`, self.requestIds)
    return { who, observed, message: messageIn(self) }
  },
)

function verb(observed: Observed): string {
  return observed === 'allowed' ? 'may' : observed === 'refused' ? 'may not' : 'could not be seen to'
}

function messageIn(tried: Attempt<unknown>): string {
  return tried.kind === 'answered'
    ? 'succeeded'
    : tried.kind === 'refused'
      ? `${tried.status}: ${tried.message}`
      : tried.message
}
