/** A cloud that repeats what it was sent: in its errors, and beside what it answers. */
import type { Fetch, FetchInit, FetchResponse } from '../../src/openstack/http.ts'

export type EchoMode =
  | { readonly kind: 'off' }
  /** Every answer is right, and repeats the request in further fields and headers. */
  | { readonly kind: 'beside' }
  /** Requests for which it is true are refused, and the refusal repeats them. */
  | { readonly kind: 'refuse'; readonly isRefused: (method: string, url: URL) => boolean; readonly status: number }

export type Echo = {
  readonly fetch: Fetch
  mode: EchoMode
  /** How often something was repeated since the last `mode`. */
  count: number
}

/** `sees`: told each secret on the wire, by name of its field. */
export function echoing(fetch: Fetch, sees: (secret: string) => void): Echo {
  let shape = 0
  const echo: Echo = {
    mode: { kind: 'off' },
    count: 0,
    async fetch(url, init) {
      const said = sentIn(url, init)
      for (const secret of secretsIn(init)) sees(secret)
      const { mode } = echo
      if (mode.kind === 'refuse' && mode.isRefused(init.method, new URL(url))) {
        echo.count++
        return refusal(mode.status, said, shapes[shape++ % shapes.length] ?? shapes[0])
      }
      const answer = await fetch(url, init)
      const token = answer.headers.get('x-subject-token')
      if (token !== null) sees(token)
      if (mode.kind !== 'beside') return answer
      echo.count++
      return beside(answer, `${said} ${token ?? ''}`)
    },
  }
  return echo
}

export function isSignIn(url: URL): boolean {
  return url.pathname.endsWith('/auth/tokens')
}

function sentIn(url: string, init: FetchInit): string {
  const body = typeof init.body === 'string' ? init.body : Buffer.from(init.body ?? []).toString('utf8')
  return `${init.method} ${url} ${JSON.stringify(init.headers)} ${body}`
}

/** Values of the fields that hold secrets, in headers and in JSON at any depth. */
export function secretsIn({ headers, body }: Pick<FetchInit, 'headers' | 'body'>): readonly string[] {
  const found = Object.entries(headers).flatMap(([name, value]) => (/token/i.test(name) ? [value] : []))
  const walk = (value: unknown, key: string): void => {
    if (typeof value === 'string' && /^(password|original_password|secret|payload)$/.test(key)) found.push(value)
    if (key === 'token' && typeof value === 'object' && value !== null && 'id' in value) found.push(String(value.id))
    if (typeof value === 'object' && value !== null) for (const [name, item] of Object.entries(value)) walk(item, name)
  }
  if (typeof body === 'string' && body.startsWith('{')) walk(JSON.parse(body), '')
  return found
}

type Shape = (said: string, status: number) => { readonly type: string; readonly body: string }

const json = (value: unknown): { readonly type: string; readonly body: string } => ({
  type: 'application/json',
  body: JSON.stringify(value),
})
const keystone: Shape = (said, code) =>
  json({ error: { code, title: 'Bad Request', message: `Invalid input: ${said}` } })
const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
const wrapped = (text: string): string => text.replaceAll(/.{60}/gs, '$&=\r\n')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const shapes: readonly [Shape, ...Shape[]] = [
  keystone,
  (said) => ({
    type: 'text/html',
    body: `<html><title>400</title><body>Request was: <pre>${escape(said)}</pre></body></html>`,
  }),
  (said) =>
    json({ NeutronError: { type: 'HTTPBadRequest', message: `Failed to parse: ${JSON.stringify(said)}`, detail: '' } }),
  (said, code) => keystone(base64(said), code),
  (said) => ({ type: 'text/plain', body: `debug: ${wrapped(said)}` }),
  (said) => json({ errors: [{ status: 400, title: encodeURIComponent(said), detail: encodeURIComponent(said) }] }),
  (said) => json({ badRequest: { code: 400, message: `body ${escape(JSON.stringify(said))}` } }),
  (said) => json({ faultcode: 'Client', faultstring: base64(said).replaceAll(/.{76}/g, '$&\n'), debuginfo: null }),
  (said) => ({ type: 'text/plain', body: Buffer.from(said).toString('base64url') }),
]

function refusal(status: number, said: string, shape: Shape): FetchResponse {
  const { type, body } = shape(said, status)
  const token = /"X-Auth-Token":"([^"]*)/.exec(said)?.[1] ?? base64(said).slice(0, 2000)
  const headers = new Headers({
    'content-type': type,
    'x-openstack-request-id': `req-${token}`,
    ...(status < 400 ? { location: `/login?from=${encodeURIComponent(token)}/${encodeURIComponent(token)}` } : {}),
  })
  return { status, headers, body: bytesOf(body) }
}

/** Names, ids and states stay; what a client should pass over, or shows to people, repeats the request. */
async function beside(answer: FetchResponse, said: string): Promise<FetchResponse> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body ?? []) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== ''
  const body = isJson ? JSON.stringify(withEcho(JSON.parse(text), said)) : text
  const token = /"X-Auth-Token":"([^"]*)/.exec(said)?.[1] ?? 'none'
  const headers = {
    get: (name: string) =>
      name.toLowerCase() === 'x-openstack-request-id' ? `req-${token}` : answer.headers.get(name),
  }
  return { status: answer.status, headers, body: text === '' ? answer.body : bytesOf(body) }
}

function withEcho(value: unknown, said: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withEcho(item, said))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([key, item]): [string, unknown] =>
    /^(status_reason|health_status_reason|fault|error|detail)$/.test(key) ? [key, said] : [key, withEcho(item, said)],
  )
  return Object.fromEntries([...fields, ['echo', said], [`echo of ${said}`, base64(said)]])
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}
