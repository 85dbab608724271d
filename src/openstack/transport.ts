/**
 * Carries a request through: limits the concurrent requests per service, repeats what is safe to repeat, records each
 * exchange.
 */
import { CloudError } from '../errors.ts'
import { exchange } from './exchange.ts'
import type { HttpAnswer, Call, Exchange } from './exchange.ts'
import { createLimiter } from './limiter.ts'
import type { Limiter } from './limiter.ts'
import type { SessionOptions } from './options.ts'
import { printable } from './printable.ts'
import { DEFAULT_RETRY, isFault, retryDelay } from './retry.ts'
import type { Repetition, RetryPolicy } from './retry.ts'

/** Receives each exchange. */
export type Records = readonly ((exchange: Exchange) => void)[]

export class RequestTransport {
  readonly #options: SessionOptions<string>
  readonly #retry: RetryPolicy
  readonly #limiters = new Map<string, Limiter>()
  /** Faults in a row, by service. */
  readonly #faults = new Map<string, number>()

  constructor(options: SessionOptions<string>) {
    this.#options = options
    this.#retry = { ...DEFAULT_RETRY, ...options.retry }
  }

  /** Sends until it is answered, or until the retry policy ends it. */
  async send(call: Call, repetition: Repetition, records: Records): Promise<HttpAnswer> {
    const limit = this.#limiter(call.service)
    const random = this.#options.random ?? Math.random
    let wasLost = false
    for (let attempt = 1, failures = 1, waitedMs = 0; ; attempt++) {
      try {
        const answer = await limit(() => this.#once(call, attempt, records))
        this.#faults.delete(call.service)
        return answer
      } catch (error) {
        const faultsInRow = isFault(error) ? (this.#faults.get(call.service) ?? 0) + 1 : 0
        this.#faults.set(call.service, faultsInRow)
        // the answer to an earlier attempt was lost, and that attempt had worked
        if (wasLost && call.method === 'DELETE' && error instanceof CloudError && error.status === 404) {
          return {
            status: 204,
            path: error.path,
            body: undefined,
            unmasked: () => undefined,
            ...traceOf(error),
            headers: { get: () => null },
          }
        }
        const delayMs = retryDelay(this.#retry, error, repetition, { failures, waitedMs, faultsInRow }, random)
        if (delayMs === undefined || !(error instanceof CloudError)) throw error
        const isRefused = error.status === 429
        wasLost ||= !isRefused
        if (!isRefused) failures++
        waitedMs += delayMs
        this.#tellRetry(error, attempt, delayMs)
        await this.sleep(delayMs)
      }
    }
  }

  sleep(milliseconds: number): Promise<void> {
    return (this.#options.sleep ?? sleep)(milliseconds, this.#options.signal)
  }

  #tellRetry(error: CloudError, attempt: number, delayMs: number): void {
    const { service, method, path } = error
    const because = error.status === undefined ? error.reason : `${error.status}: ${error.reason}`
    this.#options.onRetry?.({ actor: this.#options.actor, service, method, path, attempt, delayMs, because })
  }

  async #once(call: Call, attempt: number, records: Records): Promise<HttpAnswer> {
    const started = performance.now()
    const note = (end: Partial<Exchange>): void => {
      const ms = Math.round((performance.now() - started) * 10) / 10
      const { pathname, search } = new URL(call.url)
      const path = printable(`${pathname}${search}`)
      const entry = {
        actor: this.#options.actor,
        service: call.service,
        method: call.method,
        path,
        attempt,
        ms,
        ...end,
      }
      this.#options.onExchange?.(entry)
      for (const record of records) record(entry)
    }
    try {
      const answer = await exchange(this.#options.fetch, call)
      note({ status: answer.status, ...traceOf(answer) })
      return answer
    } catch (error) {
      // nobody waits for it any longer
      if (call.signal?.aborted === true) throw error
      const status = error instanceof CloudError && error.status !== undefined ? { status: error.status } : {}
      const trace = error instanceof CloudError ? traceOf(error) : {}
      note({ ...status, ...trace, error: error instanceof Error ? error.message : String(error) })
      throw error
    }
  }

  #limiter(service: string): Limiter {
    const known = this.#limiters.get(service)
    if (known !== undefined) return known
    const made = createLimiter(this.#options.concurrency ?? 8)
    this.#limiters.set(service, made)
    return made
  }
}

/** The id of the request in a service's log: a refusal has it too. */
function traceOf(from: { readonly requestId?: string | undefined; readonly date?: string | undefined }) {
  return {
    ...(from.requestId === undefined ? {} : { requestId: from.requestId }),
    ...(from.date === undefined ? {} : { date: from.date }),
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'))
    }
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
