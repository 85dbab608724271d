/**
 * One request and its answer: deadline, size limit, content type, error envelope. Retries and tokens belong to the
 * session. Here text of a cloud enters, so here every secret in it is masked.
 */
import { CloudError } from '../errors.ts'
import { maskData, maskText, maskUnmistakable } from '../masking.ts'
import { Secret } from '../secret.ts'
import { messageOf } from './envelope.ts'
import type { Fetch, FetchResponse, TlsIdentity } from './http.ts'
import { printable } from './printable.ts'
import { connectionFault } from './connection-fault.ts'
import { startTimer } from './timer.ts'
import type { StartTimer } from './timer.ts'

/** A record of one request. No headers and no bodies, so that it has no secret. */
export type Exchange = {
  readonly actor: string
  readonly service: string
  readonly method: string
  /** Path and query as sent, without host. */
  readonly path: string
  /** Counts from 1; higher for a repeated request. */
  readonly attempt: number
  readonly status?: number
  readonly requestId?: string
  /** The server's clock, ISO. */
  readonly date?: string
  readonly ms: number
  /** Why it failed; the whole message of the error. */
  readonly error?: string
}

/** The request ids of these requests. */
export function requestIdsOf(exchanges: readonly { readonly requestId?: string | undefined }[]): readonly string[] {
  return exchanges.flatMap(({ requestId }) => requestId ?? [])
}

export type HttpAnswer = {
  readonly status: number
  /** Path and query as sent, without host. */
  readonly path: string
  /** Parsed JSON, or text, or `undefined` for an empty body. Without the secrets of this process. */
  readonly body: unknown
  /** The body as it was sent: only for what becomes a `Secret` at once. */
  readonly unmasked: () => unknown
  /** The header X-Subject-Token. */
  readonly bearer?: Secret | undefined
  /** Of a page: those that keep a session, by name. */
  readonly cookies?: ReadonlyMap<string, Secret> | undefined
  readonly requestId?: string
  /** The server's clock, ISO. */
  readonly date?: string
  readonly headers: { get(name: string): string | null }
}

export type Call = {
  readonly service: string
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly deadlineMs: number
  /** By what clock the deadline goes; the machine's by itself. */
  readonly startTimer?: StartTimer | undefined
  readonly bodyLimit: number
  /** Ends the request from outside: Ctrl-C. */
  readonly signal?: AbortSignal | undefined
  readonly identity?: TlsIdentity | undefined
  /** A page for a person and no API: HTML and redirects are answers, and cookies come with it. */
  readonly isPage?: true
}

/** Sends it once. Throws `CloudError` for every answer that is not a success. */
export async function exchange(fetch: Fetch, call: Call): Promise<HttpAnswer> {
  const { pathname, search } = new URL(call.url)
  const place = { service: call.service, method: call.method, path: printable(`${pathname}${search}`) }
  const deadline = new AbortController()
  const stopTimer = (call.startTimer ?? startTimer)(call.deadlineMs, () => {
    deadline.abort(new Expired())
  })
  const stop = (): void => {
    deadline.abort(call.signal?.reason)
  }
  call.signal?.addEventListener('abort', stop, { once: true })
  try {
    call.signal?.throwIfAborted()
    return await Promise.race([send(fetch, call, place, deadline.signal), abortion(deadline.signal)])
  } catch (error) {
    if (error instanceof CloudError || call.signal?.aborted === true) throw error
    if (deadline.signal.aborted) {
      const reason = `no answer within ${call.deadlineMs / 1000} s; whether it took effect is unknown`
      throw new CloudError({ ...place, kind: 'timeout', reason })
    }
    throw new CloudError({ ...place, ...connectionFault(error, call.url) }, { cause: error })
  } finally {
    stopTimer()
    call.signal?.removeEventListener('abort', stop)
    // releases the connection of an answer that was not read to its end
    deadline.abort(DONE)
  }
}

async function send(fetch: Fetch, call: Call, place: RequestLine, signal: AbortSignal): Promise<HttpAnswer> {
  const response = await fetch(call.url, {
    method: call.method,
    headers: call.headers,
    ...(call.body === undefined ? {} : { body: call.body }),
    signal,
    redirect: 'manual',
    ...(call.identity === undefined ? {} : { identity: call.identity }),
  })
  return read(response, call, place)
}

/** Ends with the signal, even if a `Fetch` or a body ignores it. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

type RequestLine = { readonly service: string; readonly method: string; readonly path: string }

async function read(response: FetchResponse, call: Call, place: RequestLine): Promise<HttpAnswer> {
  const token = response.headers.get('x-subject-token')
  // before anything else is read, because the rest of the answer may repeat it
  const bearer = token === null || token === '' ? undefined : new Secret(token)
  const cookies = call.isPage === true ? sessionCookies(response.headers.get('set-cookie') ?? '') : undefined
  const requestId = idOf(response)
  const date = dateOf(response)
  const said = { ...place, status: response.status, requestId, date }
  const malformed = (message: string, cause?: unknown): CloudError =>
    new CloudError({ ...said, kind: 'malformed', reason: message }, cause === undefined ? undefined : { cause })

  if (call.isPage !== true && response.status >= 301 && response.status <= 308 && response.status !== 304) {
    throw malformed(
      `a redirect to ${whither(masked(response.headers.get('location')), call.url)}, which is not followed`,
    )
  }
  const bytes = await collect(response.body, call.bodyLimit)
  if (bytes === undefined) throw malformed(`the body is larger than ${call.bodyLimit} bytes`)
  const sent = bytes.toString('utf8')
  const isJson = /[/+]json\b/i.test(response.headers.get('content-type') ?? '')
  const isData = isJson && sent !== '' && response.status < 400
  const raw = isData ? maskUnmistakable(sent) : maskText(sent)
  const parsed = isJson && raw !== '' ? parseJson(raw) : undefined

  if (response.status >= 400) {
    const message = messageOf(response.status, parsed === undefined ? raw : maskData(parsed.value))
    // once more, because tags and escapes are gone from it
    throw new CloudError({
      ...said,
      kind: 'answer',
      reason: printable(maskText(message)),
      retryAfter: retryAfter(response),
    })
  }
  if (parsed !== undefined && 'error' in parsed) throw malformed('the JSON is broken or cut off', parsed.error)
  // glance uses it for its empty 204 as well: webob's default
  if (call.isPage !== true && raw !== '' && /\bhtml\b/i.test(response.headers.get('content-type') ?? '')) {
    throw malformed(
      `HTML instead of an API answer, as from a proxy or a login page: ${printable(maskText(messageOf(0, raw)), 200)}`,
    )
  }
  return {
    status: response.status,
    path: place.path,
    body:
      parsed === undefined
        ? raw === ''
          ? undefined
          : raw
        : maskText(raw) === raw
          ? parsed.value
          : maskData(parsed.value),
    unmasked: () => (isData ? parseJson(sent).value : sent),
    bearer,
    cookies,
    ...(requestId === undefined ? {} : { requestId }),
    ...(date === undefined ? {} : { date }),
    headers: { get: (name) => masked(response.headers.get(name)) },
  }
}

function masked(header: string | null): string | null {
  return header === null ? null : maskText(header)
}

/**
 * Those that a page must not be able to read, or that are named for a session: they are secrets. The others repeat what was typed, such as the
 * name of a domain, which must stay readable.
 */
function sessionCookies(header: string): ReadonlyMap<string, Secret> {
  // several headers are joined by a comma, and a date has one too
  const cookies = header.split(/,\s*(?=[^;,=\s]+=)/).flatMap((cookie) => {
    const [, name = '', value = '', rest = ''] = /^\s*([^;=\s]+)=([^;]*)(.*)$/s.exec(cookie) ?? []
    const isSession = /;\s*httponly/i.test(rest) || /sess|csrf/i.test(name)
    return isSession && value !== '' ? [[name, new Secret(value)] as const] : []
  })
  return new Map(cookies)
}

/** `undefined` if there is more than the limit; the rest is not read. */
export async function collect(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<Buffer | undefined> {
  if (body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseJson(raw: string): { readonly value: unknown } | { readonly value: undefined; readonly error: unknown } {
  try {
    return { value: JSON.parse(raw) as unknown }
  } catch (error) {
    return { value: undefined, error }
  }
}

/** nova and cinder below some releases send only `x-compute-request-id`. */
function idOf(response: FetchResponse): string | undefined {
  const id = response.headers.get('x-openstack-request-id') ?? response.headers.get('x-compute-request-id')
  return id === null || id === '' ? undefined : printable(maskText(id), 100)
}

function dateOf(response: FetchResponse): string | undefined {
  const at = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** Seconds; an HTTP date counts from the server's own clock. */
function retryAfter(response: FetchResponse): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null || header.trim() === '') return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header)
  const until = Date.parse(header)
  const from = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(until) || Number.isNaN(from) ? undefined : Math.max(0, (until - from) / 1000)
}

function whither(location: string | null, from: string): string {
  if (location === null) return 'nowhere'
  if (!URL.canParse(location, from)) return 'what is no address'
  const target = new URL(location, from)
  return target.origin === new URL(from).origin ? `the path ${printable(target.pathname, 200)}` : target.origin
}

const DONE = new Error('the exchange is over')

class Expired extends Error {
  override readonly name = 'Expired'
}
