/**
 * Whether and when a request is sent again. Only safe requests are: a POST that got no answer may have taken effect, so
 * its caller looks first. A read is asked once more, because one silence decides nothing.
 */
import { CloudError, fateOf } from '../errors.ts'

export type RetryPolicy = {
  /** Requests in all, the first included. Refusals for rate (429) do not count, they have their own limit below. */
  readonly attempts: number
  /** Requests in all of a read, or a sign-in, that ends at its deadline. */
  readonly silentAttempts: number
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** How long one request may wait in total. After that, the last error counts. */
  readonly waitBudgetMs: number
  /**
   * After this many faults of one service in a row, over all requests, it counts as down: then nothing is repeated
   * until it answers.
   */
  readonly faultsUntilDown: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  silentAttempts: 2,
  firstDelayMs: 250,
  longestDelayMs: 8_000,
  waitBudgetMs: 60_000,
  faultsUntilDown: 12,
}

/** Called before each wait. */
export type Retry = {
  readonly actor: string
  readonly service: string
  readonly method: string
  readonly path: string
  /** The attempt that failed; counts from 1. */
  readonly attempt: number
  readonly delayMs: number
  readonly because: string
}

/** How a request may be sent again. */
export type Repetition = {
  readonly isRepeatable: boolean
  /** Known temporary refusals of this call. */
  readonly isPassing?: ((error: CloudError) => boolean) | undefined
}

type RetryState = {
  readonly failures: number
  readonly waitedMs: number
  /** Faults of the service in a row, this one included. */
  readonly faultsInRow: number
}

/** Milliseconds to wait before the next attempt, or `undefined` if there is none. */
export function retryDelay(
  policy: RetryPolicy,
  error: unknown,
  request: Repetition,
  state: RetryState,
  random: () => number,
): number | undefined {
  if (!(error instanceof CloudError)) return undefined
  const isRefused = error.kind === 'answer' && error.status === 429
  const isSilent = error.kind === 'timeout' && fateOf(error) === 'not begun'
  if (!isRefused && !(request.isRepeatable && (isSilent || isPassing(error) || request.isPassing?.(error) === true)))
    return undefined
  const attempts = isSilent ? Math.min(policy.attempts, policy.silentAttempts) : policy.attempts
  if (!isRefused && (state.failures >= attempts || state.faultsInRow > policy.faultsUntilDown)) return undefined
  const backoff = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (state.failures - 1))
  const asked = (error.retryAfter ?? 0) * 1000
  // full jitter above the delay that the service asked for: callers that failed together do not return together
  const delay = Math.round(asked + backoff * (0.5 + random() / 2))
  return state.waitedMs + delay > policy.waitBudgetMs ? undefined : delay
}

/** GET, HEAD, PUT and DELETE mean the same when sent twice (RFC 9110, 9.2.2). */
export function isRepeatableMethod(method: string): boolean {
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)
}

/** True if it says that the service has a problem, not the request. */
export function isFault(error: unknown): boolean {
  return error instanceof CloudError && (error.kind === 'timeout' || error.kind === 'tls' || isPassing(error))
}

/** A fault that usually passes by itself. A 500 is not one: it is a bug there, and stays. */
function isPassing(error: CloudError): boolean {
  if (error.kind === 'unreachable') return true
  // a body was cut off: the connection broke in the middle of an answer
  if (error.kind === 'malformed') return error.status !== undefined && error.status < 300
  return error.kind === 'answer' && error.status !== undefined && [502, 503, 504].includes(error.status)
}
