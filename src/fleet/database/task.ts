import type { Allotted } from '../../onboarding/preflight/network.ts'
import type { StageName } from '../../tenant/stage.ts'

/**
 * What the database holds of a tenant: its file, its prefixes, how it was asked for. Everybody who may read the database
 * reads this, so it has no secret in it, and neither has the `Outcome` that comes back.
 */
export type Task = {
  readonly cloud: string
  readonly tenant: string
  readonly file: string
  readonly path: string
  /** The tenant file itself: workers need not have it. */
  readonly text: string
  readonly cidrs: Allotted
  readonly adopt: boolean
  readonly wait: boolean
  readonly until?: StageName
}

export const workflowName = 'onboard tenant'

/** Raised when a `Task` or an `Outcome` changes its shape: a worker takes only what its own version enqueued. */
export const workflowVersion = 'tenant-onboard 1'

/** One for each home: only workers that have the secrets of its tenants take from it. docs/decisions/0101. */
export function queueOf(homeId: string): string {
  return `tenants of ${homeId}`
}

/** What a worker that lives holds the lock of. */
export function executorLock(executor: string): string {
  return `executor ${executor}`
}

/** Held while a tenant is worked on, wherever that is. */
export function tenantLock(cloud: string, tenant: string): string {
  return `tenant ${cloud}/${tenant}`
}
