import type { ServiceType } from '../openstack/services.ts'
import type { Session } from '../openstack/session.ts'
import type { Reach } from './reach.ts'
import type { OffboardStage } from './stages.ts'

/** One object that the tenant owns in one service. */
export type Owned = {
  readonly id: string
  readonly name: string
  readonly projectId?: string
  /** Its maker, if the service reports it. */
  readonly userId?: string
  /** The service is deleting it already, so a second request is useless. */
  readonly isGoing?: boolean
  /** The service is still making it. If it were deleted now, what it makes next would be left behind. */
  readonly isInMaking?: boolean
  /** Why only an operator can delete it. */
  readonly onlyOperator?: string
  /** The state that the service must leave first, and the way out of it. */
  readonly stuck?: Stuck
  /** Why the service could not delete it at the last attempt. */
  readonly failure?: string
  remove(session: Session): Promise<void>
}

/** `error`: the service does not leave that state by itself. */
export type Stuck = { readonly message: string; readonly remedy: string; readonly severity: 'error' | 'warning' }

/** One kind of object: how to find all of the tenant's, and when to delete them. */
export type Kind = {
  /** For people, in the singular: `floating IP`. */
  readonly kind: string
  readonly stage: OffboardStage
  readonly service: ServiceType
  /**
   * The maker, if the service does not report it, from the role table of the accounts. Absent: the operator deletes.
   */
  readonly maker?: 'creator' | 'automation'
  /** What `--keep-data` keeps. */
  readonly isData?: true
  /** Is visible, or deleted properly, only with a token of its project, or of the project that Magnum works in. */
  readonly within?: 'project' | 'magnum'
  /** Keystone deletes it with its user or project in any case, so a refused deletion does not matter. */
  readonly isTakenAlong?: true
  /**
   * A deletion that was accepted is over, so that the next kind does not wait for a look: the stage ends with one at all of
   * them. Not a kind whose deletion makes way for more of its own.
   */
  readonly isGoneAtOnce?: true
  /** How long the deletion may take, in milliseconds; absent: a minute. */
  readonly patienceMs?: number
  list(reach: Reach): Promise<readonly Owned[]>
}

export const minute = 60_000
