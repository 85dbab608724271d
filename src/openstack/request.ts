import type { CloudError } from '../errors.ts'
import type { ServiceType } from './services.ts'

/** Values that are `undefined` are left out; a list is one parameter for each of its values. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export type Request = {
  readonly service: ServiceType
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the versioned root: `/projects`, `/os-keypairs`, `/lbaas/quotas/..`. */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  /** In place of the pinned one (services.ts). */
  readonly microversion?: string
  readonly headers?: Readonly<Record<string, string>>
  /** May it be sent twice? The default depends on the method; a PATCH that only sets values may be. */
  readonly isRepeatable?: boolean
  readonly deadlineMs?: number
  /** Refusals of this call that are known to be temporary, beside the usual ones (retry.ts). */
  readonly isPassing?: (error: CloudError) => boolean
}
