import type { CloudError } from '../errors.ts'
import type { ServiceType } from './services.ts'

export type Request = {
  readonly service: ServiceType
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the versioned root: `/projects`, `/os-keypairs`, `/lbaas/quotas/..`. */
  readonly path: string
  /** Values that are `undefined` are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
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
