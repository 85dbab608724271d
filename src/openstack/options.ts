import type { Auth } from './auth.ts'
import type { EndpointOverrides, Interface } from './catalog.ts'
import type { Exchange } from './exchange.ts'
import type { Fetch } from './http.ts'
import type { Retry, RetryPolicy } from './retry.ts'
import type { Token } from './token.ts'
import type { StartTimer } from './timer.ts'

/** The address of a cloud, and how to choose in its catalog. */
export type Endpoint = {
  /** Keystone, with or without `/v3`. */
  readonly authUrl: string
  readonly region?: string | undefined
  readonly interface?: Interface | undefined
  /** Addresses of services that clouds.yaml gives in the place of the catalog's. */
  readonly overrides?: EndpointOverrides | undefined
  /** Plain http to any host. Loopback needs no permission. */
  readonly allowHttp?: boolean | undefined
}

/** Where the operator wrote the address and the credential of a cloud. */
export type Origin = {
  /** `entry \`prod\` of /home/ops/clouds.yaml` */
  readonly place: string
  /** A command that tries the credential. */
  readonly attempt: string
}

export type SessionOptions<Who extends string> = {
  readonly actor: Who
  readonly endpoint: Endpoint
  readonly auth: Auth
  /** Said where Keystone refuses the sign-in, or no connection can be made. */
  readonly origin?: Origin | undefined
  readonly fetch: Fetch
  readonly now?: () => Date
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** For deadlines; `setTimeout` by itself. */
  readonly startTimer?: StartTimer
  /** 0 to 1, for the jitter of retries. */
  readonly random?: () => number
  readonly onExchange?: (exchange: Exchange) => void
  /** Called at each sign-in, before the token is used. What it throws is what the request throws. */
  readonly onSignIn?: (token: Token) => Promise<void>
  readonly onRetry?: (retry: Retry) => void
  readonly retry?: Partial<RetryPolicy>
  /** Milliseconds for one request, answer included. */
  readonly deadlineMs?: number
  /** Concurrent requests to one service. */
  readonly concurrency?: number
  /** Largest answer that is read, in bytes. */
  readonly bodyLimit?: number
  /** Ends everything in progress. */
  readonly signal?: AbortSignal
}
