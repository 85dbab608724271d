/** What the sessions of one identity share: the token, the limits, and the way a request is carried through. */
import { CloudError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { authBody } from './auth.ts'
import type { Auth } from './auth.ts'
import { findEndpoint } from './catalog.ts'
import type { Interface, ServiceType } from './catalog.ts'
import { exchange } from './exchange.ts'
import type { Answer, Call, Exchange } from './exchange.ts'
import type { Fetch } from './http.ts'
import { createLimiter } from './limiter.ts'
import type { Limiter } from './limiter.ts'
import { versionHeader } from './microversions.ts'
import { printable } from './printable.ts'
import { DEFAULT_RETRY, isRepeatableMethod, retryDelay } from './retry.ts'
import type { Retry, RetryPolicy } from './retry.ts'
import type { Request } from './request.ts'
import { ShapeError } from './shape.ts'
import { token as readToken } from './token.ts'
import type { Token } from './token.ts'

/** Where a cloud is and how to choose in its catalog. */
export type Endpoint = {
  /** Keystone, with or without `/v3`. */
  readonly authUrl: string
  readonly region?: string | undefined
  readonly interface?: Interface | undefined
  /** Plain http to any host. Loopback needs no permission. */
  readonly allowHttp?: boolean | undefined
}

export type SessionOptions<Who extends string> = {
  readonly actor: Who
  readonly endpoint: Endpoint
  readonly auth: Auth
  readonly fetch: Fetch
  readonly now?: () => Date
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** 0 to 1, for the jitter of retries. */
  readonly random?: () => number
  readonly onExchange?: (exchange: Exchange) => void
  readonly onRetry?: (retry: Retry) => void
  readonly retry?: Partial<RetryPolicy>
  /** For one request, answer included. */
  readonly deadlineMs?: number
  /** Requests at once to one service. */
  readonly concurrency?: number
  /** Largest answer that is read. */
  readonly bodyLimit?: number
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal
}

type Records = readonly ((exchange: Exchange) => void)[]

type SignedIn = {
  readonly token: Token
  readonly bearer: Secret
  /** By our clock, a minute early: a token must not die between the check and the request. */
  readonly validUntil: number
}

const AUTH_PATH = '/auth/tokens'
const SAFETY_MS = 60_000

export class Connection {
  readonly #options: SessionOptions<string>
  readonly #retry: RetryPolicy
  readonly #limiters = new Map<string, Limiter>()
  readonly #identityUrl: string
  /** What was signed in, or is being signed in: whoever needs a token waits for the same one. */
  #signedIn: Promise<SignedIn> | undefined

  constructor(options: SessionOptions<string>) {
    this.#options = options
    this.#retry = { ...DEFAULT_RETRY, ...options.retry }
    this.#identityUrl = `${options.endpoint.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3`
  }

  forget(): void {
    this.#signedIn = undefined
  }

  async signIn(records: Records): Promise<SignedIn> {
    const now = (this.#options.now ?? (() => new Date()))().getTime()
    const known = this.#signedIn
    if (known !== undefined) {
      const signedIn = await known
      if (now < signedIn.validUntil) return signedIn
      this.#discard(known)
    }
    if (this.#signedIn === undefined) {
      const started = this.#authenticate(records)
      this.#signedIn = started
      // a refusal is not kept: the password may be mended meanwhile
      started.catch(() => {
        this.#discard(started)
      })
    }
    return this.#signedIn
  }

  async send(request: Request, records: Records): Promise<Answer> {
    const signedIn = await this.signIn(records)
    const answer = await this.#carry(request, signedIn, records).catch(async (error: unknown) => {
      if (!isUnauthorized(error)) throw error
      // The token died early: revoked, or the password was reset. Whoever comes first throws it away, the rest
      // find the new one. A 401 means that nothing was done, so any method may be sent again.
      await this.#discardIf(signedIn)
      const again = await this.signIn(records)
      return this.#carry(request, again, records).catch((second: unknown) => {
        if (!isUnauthorized(second)) throw second
        throw refused(second, `a fresh token is refused as well: ${second.words}`)
      })
    })
    return answer
  }

  #discard(started: Promise<SignedIn>): void {
    if (this.#signedIn === started) this.#signedIn = undefined
  }

  async #discardIf(used: SignedIn): Promise<void> {
    const current = this.#signedIn
    if (current !== undefined && (await current.catch(() => undefined)) === used) this.#discard(current)
  }

  async #carry(request: Request, signedIn: SignedIn, records: Records): Promise<Answer> {
    const url = new URL(`${this.#rootOf(request, signedIn.token)}${request.path}`)
    for (const [key, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.append(key, String(value))
    }
    const headers = {
      ...headersFor(request.body),
      ...versionHeader(request.service, request.microversion),
      ...request.headers,
      'X-Auth-Token': signedIn.bearer.reveal(),
    }
    const isRepeatable = request.isRepeatable ?? isRepeatableMethod(request.method)
    return this.#persist(
      {
        ...this.#call(request.service, request.method, url.href, headers),
        ...withBody(request),
        ...deadlineOf(request),
      },
      isRepeatable,
      records,
    )
  }

  async #authenticate(records: Records): Promise<SignedIn> {
    const url = `${this.#identityUrl}${AUTH_PATH}`
    const body = authBody(this.#options.auth)
    this.#refuseUnsafe(url, 'identity')
    const asked = (this.#options.now ?? (() => new Date()))().getTime()
    const call = { ...this.#call('identity', 'POST', url, headersFor(body)), ...withBody({ body }) }
    // a token that nobody received harms nobody, so this POST may be repeated
    const answer = await this.#persist(call, true, records).catch((error: unknown) => {
      // 403: a trust whose roles are gone; 404: an application credential of a deleted project
      if (error instanceof CloudError && error.kind === 'answer' && [400, 401, 403, 404].includes(error.status ?? 0)) {
        throw refused(error, error.words)
      }
      throw error
    })
    const bearer = answer.headers.get('x-subject-token')
    try {
      if (bearer === null || bearer === '') throw new ShapeError('the header X-Subject-Token is missing')
      const token = readToken(answer.body, 'body')
      // by the server's clock where it tells it, so that a wrong clock here does no harm
      const server = Date.parse(answer.date ?? token.issuedAt)
      return {
        token,
        bearer: new Secret(bearer),
        validUntil: asked + (Date.parse(token.expiresAt) - server) - SAFETY_MS,
      }
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      throw this.#catalogError(`not a token: ${error.message}`, answer.status, answer.requestId, 'malformed')
    }
  }

  /** Sends until it is answered, or until the policy says that it is enough. */
  async #persist(call: Call, isRepeatable: boolean, records: Records): Promise<Answer> {
    const limit = this.#limiter(call.service)
    let wasLost = false
    for (let state = { attempt: 1, failures: 1, waitedMs: 0 }; ;) {
      try {
        return await limit(() => this.#once(call, state.attempt, records))
      } catch (error) {
        // the answer to an earlier attempt was lost, and it had worked
        if (wasLost && call.method === 'DELETE' && error instanceof CloudError && error.status === 404) {
          return { status: 204, path: error.path, body: undefined, ...idOf(error), headers: { get: () => null } }
        }
        const delayMs = retryDelay(
          this.#retry,
          error,
          { method: call.method, isRepeatable },
          state,
          this.#options.random ?? Math.random,
        )
        if (delayMs === undefined || !(error instanceof CloudError)) throw error
        wasLost ||= error.status !== 429
        const { service, method, path } = error
        const because = error.status === undefined ? error.words : `${error.status}: ${error.words}`
        this.#options.onRetry?.({
          actor: this.#options.actor,
          service,
          method,
          path,
          attempt: state.attempt,
          delayMs,
          because,
        })
        await (this.#options.sleep ?? sleep)(delayMs, this.#options.signal)
        state = {
          attempt: state.attempt + 1,
          failures: state.failures + (error.status === 429 ? 0 : 1),
          waitedMs: state.waitedMs + delayMs,
        }
      }
    }
  }

  async #once(call: Call, attempt: number, records: Records): Promise<Answer> {
    const started = performance.now()
    const { pathname, search } = new URL(call.url)
    const note = (end: Partial<Exchange>): void => {
      const ms = Math.round((performance.now() - started) * 10) / 10
      const { service, method } = call
      const entry = {
        actor: this.#options.actor,
        service,
        method,
        path: printable(`${pathname}${search}`),
        attempt,
        ms,
        ...end,
      }
      this.#options.onExchange?.(entry)
      for (const record of records) record(entry)
    }
    try {
      const answer = await exchange(this.#options.fetch, call)
      note({ status: answer.status, ...idOf(answer), ...(answer.date === undefined ? {} : { date: answer.date }) })
      return answer
    } catch (error) {
      const status = error instanceof CloudError && error.status !== undefined ? { status: error.status } : {}
      const id = error instanceof CloudError ? idOf(error) : {}
      note({ ...status, ...id, error: error instanceof Error ? error.message : String(error) })
      throw error
    }
  }

  #rootOf(request: Request, token: Token): string {
    const { region, interface: wanted } = this.#options.endpoint
    // Keystone is where the user said it is: an unscoped token has no catalog, and an internal name in it may not resolve here
    if (request.service === 'identity') return this.#identityUrl
    const found = findEndpoint(token.catalog, {
      service: request.service,
      region,
      interface: wanted ?? 'public',
      projectId: token.projectId,
    })
    if ('missing' in found) throw this.#catalogError(found.missing, 201)
    this.#refuseUnsafe(found.url, request.service)
    return found.url
  }

  /** A token in plain http is anybody's. */
  #refuseUnsafe(url: string, service: ServiceType): void {
    const { protocol, hostname, host } = new URL(url)
    if (protocol === 'https:' || this.#options.endpoint.allowHttp === true || isLoopback(hostname)) return
    throw this.#catalogError(
      `\`${service}\` is at plain http://${host}, where anybody on the way reads the token: allow http if that is wanted`,
    )
  }

  #catalogError(
    words: string,
    status?: number,
    requestId?: string,
    kind: 'answer' | 'malformed' = 'answer',
  ): CloudError {
    const path = new URL(`${this.#identityUrl}${AUTH_PATH}`).pathname
    return new CloudError({
      kind,
      service: 'identity',
      method: 'POST',
      path,
      status,
      requestId,
      words: printable(words),
    })
  }

  #call(service: ServiceType, method: string, url: string, headers: Record<string, string>): Call {
    const { deadlineMs, bodyLimit, signal } = this.#options
    return {
      service,
      method,
      url,
      headers,
      deadlineMs: deadlineMs ?? 60_000,
      bodyLimit: bodyLimit ?? 32 * 2 ** 20,
      signal,
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

function headersFor(body: unknown): Record<string, string> {
  // glance answers HTML unless it is asked for JSON
  return { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }
}

function withBody(request: { readonly body?: unknown }): { readonly body?: string } {
  return request.body === undefined ? {} : { body: JSON.stringify(request.body) }
}

function deadlineOf(request: Request): { readonly deadlineMs?: number } {
  return request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }
}

function idOf(from: { readonly requestId?: string | undefined }): { readonly requestId?: string } {
  return from.requestId === undefined ? {} : { requestId: from.requestId }
}

function refused(error: CloudError, words: string): CloudError {
  const { service, method, path, status, requestId } = error
  return new CloudError({ kind: 'sign-in', service, method, path, status, requestId, words }, { cause: error.cause })
}

function isUnauthorized(error: unknown): error is CloudError {
  return error instanceof CloudError && error.kind === 'answer' && error.status === 401
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
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
