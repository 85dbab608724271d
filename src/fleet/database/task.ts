import type { Allotted } from '../../onboarding/preflight/network.ts'
import type { StageName } from '../../tenant/stage.ts'

/**
 * What the database holds of a tenant: its file, its prefixes, its options. Every reader of the database sees it, so it
 * has no secret, and neither has the `Outcome`.
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

/** One for each data directory: only workers with the secrets of its tenants take from it. docs/decisions/0101. */
export function queueOf(homeId: string): string {
  return `tenants of ${homeId}`
}

/** The lock that a living worker holds. */
export function executorLock(executor: string): string {
  return `executor ${executor}`
}

/** Held while any process works on a tenant. */
export function tenantLock(cloud: string, tenant: string): string {
  return `tenant ${cloud}/${tenant}`
}
