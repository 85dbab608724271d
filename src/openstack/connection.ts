/** What the sessions of one identity share: the token, the endpoints, and the transport. */
import { CloudError, InputError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { keystoneRoot } from './address.ts'
import { accountOf, authBody } from './auth.ts'
import type { Scope } from './auth.ts'
import { isLoopback } from './catalog-findings.ts'
import { findEndpoint, regionsOf } from './catalog.ts'
import { versionHeader } from './services.ts'
import type { ServiceType } from './services.ts'
import type { HttpAnswer, Call } from './exchange.ts'
import type { Endpoint, SessionOptions } from './options.ts'
import { changesAt } from './memory.ts'
import type { Changes } from './memory.ts'
import { printable } from './printable.ts'
import type { Request } from './request.ts'
import { isRepeatableMethod } from './retry.ts'
import type { Repetition } from './retry.ts'
import { isRecord, ShapeError } from './shape.ts'
import { sameSecondMs, token as readToken } from './token.ts'
import type { Token } from './token.ts'
import { RequestTransport } from './transport.ts'
import type { Records } from './transport.ts'

type SignedIn = {
  readonly token: Token
  readonly bearer: Secret
  /** By our clock, and early: a token must not expire between the check and the request. */
  readonly validUntil: number
}

const DEFAULT_DEADLINE_MS = 60_000
const AUTH_PATH = '/auth/tokens'

/** Where Keystone v3 was found, for every session of one endpoint. */
const discovered = new WeakMap<Endpoint, string>()

export class Connection {
  readonly #options: SessionOptions<string>
  readonly #wire: RequestTransport
  readonly #typedUrl: string
  #identityUrl: string
  /** The sign-in that is done or in progress. Every request that needs a token waits for the same one. */
  #signedIn: Promise<SignedIn> | undefined
  #lastToken: Token | undefined

  constructor(options: SessionOptions<string>) {
    this.#options = options
    this.#wire = new RequestTransport(options)
    this.#typedUrl = `${keystoneRoot(options.endpoint.authUrl)}/v3`
    this.#identityUrl = discovered.get(options.endpoint) ?? this.#typedUrl
  }

  /** Of all sessions on this Keystone. */
  get changes(): Changes {
    return changesAt(this.#typedUrl)
  }

  /** Milliseconds for one request. */
  get deadlineMs(): number {
    return this.#options.deadlineMs ?? DEFAULT_DEADLINE_MS
  }

  get region(): string | undefined {
    return this.#options.endpoint.region
  }

  rescoped(token: Secret, scope: Scope): Connection {
    return new Connection({ ...this.#options, auth: { kind: 'token', token, scope } })
  }

  get lastToken(): Token | undefined {
    return this.#lastToken
  }

  forget(): void {
    this.#signedIn = undefined
  }

  async signIn(records: Records): Promise<SignedIn> {
    const known = this.#signedIn
    if (known !== undefined) {
      const signedIn = await known
      if (this.now().getTime() < signedIn.validUntil) return signedIn
      this.#discard(known)
    }
    if (this.#signedIn === undefined) {
      const started = this.#authenticate(records)
      this.#signedIn = started
      // a refusal is not kept: the password may be corrected in the meantime
      started.catch(() => {
        this.#discard(started)
      })
    }
    return this.#signedIn
  }

  async send(request: Request, records: Records): Promise<HttpAnswer> {
    const signedIn = await this.signIn(records)
    // The token ended early: revoked, or the password was reset. The first request that sees it discards it, the others
    // find the new one. A 401 means that nothing was done, so any method may be sent again.
    try {
      return await this.#carry(request, signedIn, records)
    } catch (error) {
      if (!isUnauthorized(error)) throw error
      await this.#discardIf(signedIn)
    }
    const again = await this.signIn(records)
    try {
      return await this.#carry(request, again, records)
    } catch (error) {
      if (!isUnauthorized(error)) throw error
      await this.#discardIf(again)
    }
    // an earlier run or somebody else may have set the password in this very second
    await this.sleep(sameSecondMs)
    try {
      return await this.#carry(request, await this.signIn(records), records)
    } catch (error) {
      if (isUnauthorized(error)) throw refused(error, `a fresh token is refused as well: ${error.reason}`)
      throw error
    }
  }

  now(): Date {
    return this.#options.now?.() ?? new Date()
  }

  sleep(milliseconds: number): Promise<void> {
    return this.#wire.sleep(milliseconds)
  }

  #discard(started: Promise<SignedIn>): void {
    if (this.#signedIn === started) this.#signedIn = undefined
  }

  async #discardIf(used: SignedIn): Promise<void> {
    const current = this.#signedIn
    if (current !== undefined && (await current.catch(() => undefined)) === used) this.#discard(current)
  }

  #carry(request: Request, signedIn: SignedIn, records: Records): Promise<HttpAnswer> {
    const call = this.#call(request, this.#urlOf(request, signedIn.token), signedIn.bearer)
    const isRepeatable = request.isRepeatable ?? isRepeatableMethod(request.method)
    return this.#send(call, { isRepeatable, isPassing: request.isPassing }, records)
  }

  /** Without an answer nothing says where the address came from, or where a CA belongs: the entry does. */
  async #send(call: Call, repetition: Repetition, records: Records): Promise<HttpAnswer> {
    try {
      return await this.#wire.send(call, repetition, records)
    } catch (error) {
      const place = this.#options.origin?.place
      if (place === undefined || !(error instanceof CloudError) || error.status !== undefined) throw error
      // the address of another service is from the catalog
      if (call.service === 'identity') throw withHint(error, `at \`auth_url\` of ${place}`)
      throw error.kind === 'tls' ? withHint(error, place) : error
    }
  }

  async #authenticate(records: Records): Promise<SignedIn> {
    const signedIn = await this.#askForToken(records)
    await this.#options.onSignIn?.(signedIn.token)
    this.#lastToken = signedIn.token
    return signedIn
  }

  async #askForToken(records: Records): Promise<SignedIn> {
    try {
      return await this.#askHere(records)
    } catch (error) {
      const isElsewhere = error instanceof CloudError && (error.status === 404 || error.status === 405)
      const found = isElsewhere ? await this.#discover(records) : undefined
      if (found === undefined || found === this.#identityUrl) throw error
      this.#identityUrl = found
      discovered.set(this.#options.endpoint, found)
      return await this.#askHere(records)
    }
  }

  /** Keystone v3 by the document at `auth_url`, where that names no version: keystoneauth1 5.0, identity/generic/base.py. */
  async #discover(records: Records): Promise<string | undefined> {
    const { authUrl } = this.#options.endpoint
    if (keystoneRoot(authUrl) !== authUrl.replace(/\/+$/, '')) return undefined
    const call = this.#call({ service: 'identity', method: 'GET', path: '/' }, new URL(authUrl).href)
    const answer = await this.#send(call, { isRepeatable: true }, records).catch((error: unknown) => {
      // the refusal of the sign-in says more
      if (error instanceof CloudError) return undefined
      throw error
    })
    const found = answer === undefined ? undefined : versionThree(answer.body, authUrl)
    if (found === undefined) return undefined
    // a password goes to the host that the operator typed, and to no other that an answer names
    if (found.host !== new URL(authUrl).host)
      throw new InputError([
        {
          message: `\`auth_url\` ${authUrl} says that Keystone v3 is at another host, ${printable(found.href)}`,
          hint: `if that is right, write \`auth_url: ${printable(found.href)}\``,
        },
      ])
    return `${new URL(authUrl).origin}${found.pathname.replace(/\/+$/, '')}`
  }

  async #askHere(records: Records): Promise<SignedIn> {
    const url = `${this.#identityUrl}${AUTH_PATH}`
    this.#refuseUnsafe(url, 'identity')
    const body = authBody(this.#options.auth)
    const asked = this.now().getTime()
    const call = this.#call({ service: 'identity', method: 'POST', path: AUTH_PATH, body }, url)
    try {
      // a token that nobody received does no harm, so this POST may be repeated
      return readSignedIn(await this.#send(call, { isRepeatable: true }, records), asked)
    } catch (error) {
      // 403: a trust whose roles are gone; 404: an application credential of a deleted project
      if (error instanceof CloudError && error.kind === 'answer' && [400, 401, 403, 404].includes(error.status ?? 0)) {
        throw refused(error, error.reason, this.#options)
      }
      if (error instanceof ShapeError)
        throw this.#catalogError('malformed', `this is not a token: ${error.message}`, error)
      throw error
    }
  }

  #urlOf(request: Request, token: Token): string {
    const root = this.#rootOf(request.service, token)
    const url = new URL(`${root}${request.path}`)
    // An id from a cloud must not lead to another place of the API, or out of it.
    if (url.pathname !== `${new URL(root).pathname}${request.path}` || /\/(\/|$)|%2f|%2e|%5c/i.test(request.path)) {
      throw this.#catalogError('answer', `\`${request.path}\` is not a path: the id in it is not an id`)
    }
    for (const [key, value] of Object.entries(request.query ?? {})) {
      if (value === undefined) continue
      for (const one of typeof value === 'object' ? value : [String(value)]) url.searchParams.append(key, one)
    }
    return url.href
  }

  #rootOf(service: ServiceType, token: Token): string {
    // Keystone stays at the user's address: an unscoped token has no catalog, and an internal name in it may not
    // resolve here
    if (service === 'identity') return this.#identityUrl
    // Keystone takes the sign-in, and gives such a token no catalog
    if (isUnscoped(token))
      throw new InputError(
        `\`${token.userName}\` signed in without a project: write \`project_name\` and its domain into the entry, or set OS_PROJECT_NAME`,
      )
    const { region, interface: wanted = 'public', overrides } = this.#options.endpoint
    // the order of a catalog is no choice: it differs from service to service
    const regions = region === undefined ? regionsOf(token.catalog, wanted) : []
    if (regions.length > 1)
      throw new InputError(
        `the catalog has the regions \`${regions.join('`, `')}\`: choose one with --region, or with \`region_name\` in clouds.yaml`,
      )
    const found = findEndpoint(token.catalog, {
      service,
      region,
      interface: wanted,
      projectId: token.projectId,
      overrides,
    })
    if ('missing' in found) throw this.#catalogError('answer', found.missing)
    this.#refuseUnsafe(found.url, service)
    return found.url
  }

  /** Anyone can read a password or a token in plain http. What the operator wrote is refused as that, the catalog as the cloud's. */
  #refuseUnsafe(url: string, service: ServiceType): void {
    const { protocol, hostname, host } = new URL(url)
    if (protocol === 'https:' || this.#options.endpoint.allowHttp === true || isLoopback(hostname)) return
    if (service === 'identity')
      throw new InputError([
        {
          message: `\`auth_url\` is plain http://${host}, where anyone on the path can read the password`,
          hint: 'write https, or use --allow-http if that is intended',
        },
      ])
    const why = 'where anyone on the path can read the token: use --allow-http if that is intended'
    throw this.#catalogError('answer', `\`${service}\` is at plain http://${host}, ${why}`)
  }

  /** The answer to the sign-in cannot be used; a retry does not help. */
  #catalogError(kind: 'answer' | 'malformed', message: string, cause?: Error): CloudError {
    const path = new URL(`${this.#identityUrl}${AUTH_PATH}`).pathname
    const detail = { kind, service: 'identity', method: 'POST', path, status: 201, reason: printable(message) }
    return new CloudError(detail, cause === undefined ? undefined : { cause })
  }

  #call(request: Request, url: string, bearer?: Secret): Call {
    const { bodyLimit = 32 * 2 ** 20, signal, startTimer } = this.#options
    const hasBody = request.body !== undefined
    return {
      service: request.service,
      url,
      method: request.method,
      headers: {
        // glance answers HTML unless JSON is requested
        Accept: 'application/json',
        ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
        ...versionHeader(request.service, request.microversion),
        ...request.headers,
        ...(bearer === undefined ? {} : { 'X-Auth-Token': bearer.reveal() }),
      },
      ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
      deadlineMs: request.deadlineMs ?? this.deadlineMs,
      bodyLimit,
      signal,
      startTimer,
    }
  }
}

/** `{versions: {values: [{id: "v3.14", links: [{rel: "self", href}]}]}}`, or the list itself as some proxies have it. */
function versionThree(body: unknown, base: string): URL | undefined {
  const versions = isRecord(body) ? body['versions'] : undefined
  const values: unknown = isRecord(versions) ? versions['values'] : versions
  const found: unknown = Array.isArray(values)
    ? values.find((one: unknown) => isRecord(one) && typeof one['id'] === 'string' && /^v3(\.|$)/.test(one['id']))
    : undefined
  const links: unknown = isRecord(found) ? found['links'] : undefined
  const self: unknown = Array.isArray(links)
    ? links.find((one: unknown) => isRecord(one) && one['rel'] === 'self')
    : undefined
  const href = isRecord(self) ? self['href'] : undefined
  return typeof href === 'string' && URL.canParse(href, base) ? new URL(href, base) : undefined
}

function readSignedIn(answer: HttpAnswer, asked: number): SignedIn {
  const { bearer } = answer
  if (bearer === undefined) throw new ShapeError('the header X-Subject-Token is missing')
  const token = readToken(answer.body, 'answer')
  // by the server's clock if known, so that a wrong clock here does no harm
  const lifetime = Date.parse(token.expiresAt) - Date.parse(answer.date ?? token.issuedAt)
  if (Number.isNaN(lifetime)) throw new ShapeError(`token.expires_at is not a time: \`${token.expiresAt}\``)
  return { token, bearer, validUntil: asked + lifetime - Math.min(60_000, lifetime / 10) }
}

function withHint({ kind, service, method, path, reason, isSent, cause }: CloudError, hint: string): CloudError {
  return new CloudError({ kind, service, method, path, reason, isSent, hint }, { cause })
}

/** With the options it is a sign-in: Keystone says the same of each part that may be wrong, so all are named. */
function refused(
  { service, method, path, status, requestId }: CloudError,
  reason: string,
  signIn?: Pick<SessionOptions<string>, 'auth' | 'origin'>,
): CloudError {
  const account = signIn === undefined ? undefined : printable(accountOf(signIn.auth))
  const origin = signIn?.origin
  const advice =
    origin === undefined
      ? undefined
      : `from ${origin.place}; name, domain, password or project may be wrong: try \`${origin.attempt}\``
  return new CloudError({
    kind: 'sign-in',
    service,
    method,
    path,
    status,
    requestId,
    reason,
    account,
    // another status is no word on the credential: 404 is most often a wrong address
    hint: status === 401 ? advice : undefined,
  })
}

function isUnauthorized(error: unknown): error is CloudError {
  return error instanceof CloudError && error.kind === 'answer' && error.status === 401
}

function isUnscoped({ projectId, domainName, isSystem, catalog }: Token): boolean {
  return projectId === undefined && domainName === undefined && !isSystem && catalog.length === 0
}
