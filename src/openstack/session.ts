/**
 * One identity, signed in. A session holds its own token, its own catalog and its own record of requests. There is no
 * way from one session to another, and none to a token but `bearer`.
 */
import { CloudError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Scope } from './auth.ts'
import { Connection } from './connection.ts'
import { Memory } from './memory.ts'

import type { HttpAnswer, Exchange } from './exchange.ts'
import type { SessionOptions } from './options.ts'
import type { Request } from './request.ts'
import type { Token } from './token.ts'
import type { Records } from './transport.ts'

/** Sends nothing yet: the first request signs in. */
export function openSession<Who extends string>(options: SessionOptions<Who>): Session<Who> {
  return new Session(options.actor, new Connection(options), [])
}

/** `isRecalled`: false for a session that asks, and lets others recall what it was told. */
type Remembering = { readonly memory: Memory; readonly isRecalled: boolean }

export class Session<Who extends string = string> {
  readonly actor: Who
  readonly #connection: Connection
  readonly #records: Records
  readonly #remembering: Remembering | undefined

  /** Use `openSession`. */
  constructor(actor: Who, connection: Connection, records: Records, remembering?: Remembering) {
    this.actor = actor
    this.#connection = connection
    this.#records = records
    this.#remembering = remembering
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
    const connection = this.#connection
    if (request.method === 'HEAD') return connection.send(request, this.#records)
    if (request.method !== 'GET') {
      connection.changes.note(request)
      try {
        return await connection.send(request, this.#records)
      } finally {
        connection.changes.note(request)
      }
    }
    if (this.#remembering === undefined) return connection.send(request, this.#records)
    const { memory, isRecalled } = this.#remembering
    const now = connection.now().getTime()
    const known = isRecalled ? memory.recall(request, now) : undefined
    if (known === undefined)
      return memory.ask(request, now, (record) => connection.send(request, [...this.#records, record]))
    const answer = await known.answer
    // who cites an answer cites the request that showed it
    for (const exchange of known.exchanges) for (const record of this.#records) record(exchange)
    return answer
  }

  /**
   * The same token and pool with its own record: the requests of this gate, and no concurrent ones. Several sessions
   * may share a record.
   */
  recording(exchanges: Exchange[] = []): { readonly session: Session<Who>; readonly exchanges: readonly Exchange[] } {
    const record = (exchange: Exchange): void => {
      exchanges.push(exchange)
    }
    const records = [...this.#records, record]
    return { session: new Session(this.actor, this.#connection, records, this.#remembering), exchanges }
  }

  /**
   * The same identity with a memory: an identical GET is sent once, until something that its answer may be about is
   * changed from here, or a minute has passed.
   */
  snapshot(): Session<Who> {
    const memory = new Memory(this.#connection.changes)
    return new Session(this.actor, this.#connection, this.#records, { memory, isRecalled: true })
  }

  /** Of a snapshot: asks every time, and the snapshot learns the answers. For reading back what was just made. */
  asking(): Session<Who> {
    return this.#recalling(false)
  }

  /** Of what `asking` returned: the snapshot again. */
  recalling(): Session<Who> {
    return this.#recalling(true)
  }

  #recalling(isRecalled: boolean): Session<Who> {
    if (this.#remembering === undefined) return this
    const { memory } = this.#remembering
    return new Session(this.actor, this.#connection, this.#records, { memory, isRecalled })
  }

  /** The same account with another scope, by its token: Keystone decides whether it may. Signs in at once. */
  async rescoped(scope: Scope): Promise<Session<Who>> {
    const session = new Session(this.actor, this.#connection.rescoped(await this.bearer(), scope), this.#records)
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
