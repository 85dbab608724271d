/**
 * The wire. `Fetch` is the seam: the real network below, the simulator in tests and demos. Whoever holds a `Fetch` decides
 * where requests go; nothing above it opens a connection.
 */
import { Agent, ProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'
import { isBypassed } from './no-proxy.ts'

/** One HTTP request. Redirects are never followed: a token must not travel to where an answer points. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

export type FetchInit = {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
  readonly redirect: 'manual'
}

/** The part of a `Response` that is used; the global `Response` and undici's are both of this shape. */
export type FetchResponse = {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

export type TransportOptions = {
  /** Certificates in PEM, as `readCa` gives them. Without: what Node trusts. */
  readonly ca?: string
  /** Accepts any certificate. Only for what an operator asked for by name (`verify: false`). */
  readonly isInsecure?: boolean
  /** `HTTPS_PROXY` and `HTTP_PROXY`, and `NO_PROXY` as the shell has it. */
  readonly proxy?: { readonly https?: string; readonly http?: string; readonly no?: string }
  /** Connections per origin, kept alive. */
  readonly connections?: number
  readonly connectTimeoutMs?: number
}

export type Transport = { readonly fetch: Fetch; readonly close: () => Promise<void> }

/** The real network. One pool per origin; `close` ends them, and a command that is done calls it. */
export function createTransport(options: TransportOptions = {}): Transport {
  const tls = {
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.isInsecure === true ? { rejectUnauthorized: false } : {}),
  }
  const pool = { connections: options.connections ?? 16, keepAliveTimeout: 30_000, pipelining: 1 }
  const connect = { ...tls, timeout: options.connectTimeoutMs ?? 10_000 }
  const direct = new Agent({ ...pool, connect })
  const proxies = new Map<string, ProxyAgent>()

  const route = (url: URL): Dispatcher => {
    const proxy = url.protocol === 'https:' ? options.proxy?.https : options.proxy?.http
    if (proxy === undefined || proxy === '' || isBypassed(url, options.proxy?.no ?? '')) return direct
    const open = proxies.get(proxy)
    if (open !== undefined) return open
    const made = new ProxyAgent({ ...pool, uri: proxy, connect, requestTls: tls, proxyTls: tls })
    proxies.set(proxy, made)
    return made
  }

  const fetch: Fetch = async (url, init) => {
    const target = new URL(url)
    const answer = await route(target).request({
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: init.method,
      headers: init.headers,
      body: init.body ?? null,
      signal: init.signal,
    })
    const headers = answer.headers
    return {
      status: answer.statusCode,
      headers: {
        get: (name) => {
          const value = headers[name.toLowerCase()]
          return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
        },
      },
      body: answer.body,
    }
  }
  return {
    fetch,
    close: async () => {
      await Promise.all([direct, ...proxies.values()].map((agent) => agent.close()))
    },
  }
}
