/**
 * One identity, signed in. A session holds its own token, its own catalog and its own record of requests. There is no
 * way from one session to another, and none to a token but `bearer`.
 */
import { CloudError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Scope } from './auth.ts'
import { Connection } from './connection.ts'

import type { HttpAnswer, Exchange } from './exchange.ts'
import type { SessionOptions } from './options.ts'
import type { Request } from './request.ts'
import type { Token } from './token.ts'
import type { Records } from './transport.ts'

/** Sends nothing yet: the first request signs in. */
export function openSession<Who extends string>(options: SessionOptions<Who>): Session<Who> {
  return new Session(options.actor, new Connection(options), [], undefined)
}

export class Session<Who extends string = string> {
  readonly actor: Who
  readonly #connection: Connection
  readonly #records: Records
  readonly #memory: Map<string, Promise<HttpAnswer>> | undefined

  /** Use `openSession`. */
  constructor(
    actor: Who,
    connection: Connection,
    records: Records,
    memory: Map<string, Promise<HttpAnswer>> | undefined,
  ) {
    this.actor = actor
    this.#connection = connection
    this.#records = records
    this.#memory = memory
  }

  /** Absent: the only one of the catalog. */
  get region(): string | undefined {
    return this.#connection.region
  }

  /** Milliseconds for one request, answer included. */
  get deadlineMs(): number {
    return this.#connection.deadlineMs
  }

  /** Time as its requests go by it. */
  now(): Date {
    return this.#connection.now()
  }

  sleep(milliseconds: number): Promise<void> {
    return this.#connection.sleep(milliseconds)
  }

  /** Of the latest sign-in, expired or not. Sends nothing. */
  get lastToken(): Token | undefined {
    return this.#connection.lastToken
  }

  /** The content of the token; signs in if necessary. Throws `CloudError` of kind `sign-in` if Keystone refuses. */
  async token(): Promise<Token> {
    return (await this.#connection.signIn(this.#records)).token
  }

  /** The token itself: for the body of a request about it, never to be stored. */
  async bearer(): Promise<Secret> {
    return (await this.#connection.signIn(this.#records)).bearer
  }

  /** Sends a request with the token. Throws `CloudError` for every status from 400 on. */
  async request(request: Request): Promise<HttpAnswer> {
    if (this.#memory === undefined || request.method !== 'GET') return this.#connection.send(request, this.#records)
    const memory = this.#memory
    const key = JSON.stringify([request.service, request.path, request.query, request.microversion, request.headers])
    const known = memory.get(key)
    if (known !== undefined) return known
    const asked = this.#connection.send(request, this.#records)
    memory.set(key, asked)
    // a failure is not a fact about the cloud: the next one asks again
    asked.catch(() => memory.delete(key))
    return asked
  }

  /**
   * The same token and pool with its own record: the requests of this gate, and no concurrent ones. Several sessions
   * may share a record.
   */
  recording(exchanges: Exchange[] = []): { readonly session: Session<Who>; readonly exchanges: readonly Exchange[] } {
    const record = (exchange: Exchange): void => {
      exchanges.push(exchange)
    }
    return { session: new Session(this.actor, this.#connection, [...this.#records, record], this.#memory), exchanges }
  }

  /** The same identity with a memory: an identical GET is sent once. For an inventory; never for a gate. */
  snapshot(): Session<Who> {
    return new Session(this.actor, this.#connection, this.#records, new Map())
  }

  /** The same account with another scope, by its token: Keystone decides whether it may. Signs in at once. */
  async rescoped(scope: Scope): Promise<Session<Who>> {
    const session = new Session(
      this.actor,
      this.#connection.rescoped(await this.bearer(), scope),
      this.#records,
      undefined,
    )
    await session.token()
    return session
  }

  /** Forgets the token, so the next request signs in again. Shows whether a credential still works. */
  forget(): void {
    this.#connection.forget()
  }
}

/** The status of the cloud's refusal; `undefined` for any other error. */
export function refusalOf(error: unknown): number | undefined {
  return error instanceof CloudError && error.kind === 'answer' ? error.status : undefined
}
