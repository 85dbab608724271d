import type { ServiceType } from '../openstack/services.ts'
import type { Session } from '../openstack/session.ts'
import type { Reach } from './reach.ts'
import type { OffboardStage } from './stages.ts'

/** One thing that the tenant owns in one service. */
export type Owned = {
  readonly id: string
  readonly name: string
  readonly projectId?: string
  /** Who made it, where the service tells. */
  readonly userId?: string
  /** The service is deleting it already: to ask again is of no use. */
  readonly isGoing?: boolean
  /** The service is still making it: deleted now, what it makes next would be left behind. */
  readonly isInMaking?: boolean
  /** Why the service could not delete it when it was last asked to. */
  readonly failure?: string
  remove(session: Session): Promise<void>
}

/** One kind of thing: how to find all of it that is the tenant's, and when it goes. */
export type Kind = {
  /** For people, in the singular: `floating IP`. */
  readonly kind: string
  readonly stage: OffboardStage
  readonly service: ServiceType
  /** Who makes these, where the service does not tell: the role table of the accounts. Absent: the operator deletes. */
  readonly maker?: 'creator' | 'automation'
  /** What `--keep-data` keeps. */
  readonly isData?: true
  /** Is seen, or deleted as it should be, only by a token of its project; or by one of the project that Magnum works in. */
  readonly within?: 'project' | 'magnum'
  /** Keystone deletes it with its user or project in any case: a no to deleting it before is no obstacle. */
  readonly isTakenAlong?: true
  /** How long it may take from the request until it is gone. Milliseconds; absent: a minute. */
  readonly patienceMs?: number
  list(reach: Reach): Promise<readonly Owned[]>
}

export const minute = 60_000
