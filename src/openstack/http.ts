/**
 * The transport. `Fetch` is the seam: the real network below, the simulator in tests and demos. The `Fetch` decides
 * where requests go; nothing above it opens a connection.
 */
import { Agent, ProxyAgent } from 'undici'
import { InputError } from '../errors.ts'
import { remember } from '../masking.ts'
import type { Secret } from '../secret.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { ProxyFault } from './connection-fault.ts'
import { isBypassed } from './no-proxy.ts'

/** One HTTP request. Redirects are never followed: a token must not travel to an address in an answer. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

export type FetchInit = {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
  readonly redirect: 'manual'
  /** In place of the cloud's CA, for a server with its own CA and client certificates: Kubernetes. */
  readonly identity?: TlsIdentity | undefined
}

/** All in PEM. A client without a certificate shows a token. */
export type TlsIdentity = {
  readonly ca: string
  readonly certificate?: string | undefined
  readonly key?: Secret | undefined
}

export type ClientIdentity = TlsIdentity & { readonly certificate: string; readonly key: Secret }

/** The used part of a `Response`; the global `Response` and undici's both have this shape. */
export type FetchResponse = {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

export type TransportOptions = {
  /** PEM certificates, as `readCa` returns them. Absent: Node's own trust store. */
  readonly ca?: string
  /** Shown to every server that asks for a certificate, but for one that has an identity of its own. */
  readonly client?: ClientCertificate
  /** Accepts any certificate. Only if an operator requested it (`verify: false`). */
  readonly isInsecure?: boolean
  /** `HTTPS_PROXY` and `HTTP_PROXY`, and `NO_PROXY` from the environment. */
  readonly proxy?: { readonly https?: string; readonly http?: string; readonly no?: string }
  /** Connections per origin, kept alive. */
  readonly connections?: number
  readonly connectTimeoutMs?: number
}

export type Transport = { readonly fetch: Fetch; readonly close: () => Promise<void> }

/**
 * Shorter than the idle timeout of servers and load balancers: a POST must not be written to a connection that is being
 * closed, because it could not be repeated.
 */
const KEEP_ALIVE_MS = 4_000

/** The real network. One pool per origin. Every command calls `close` at its end. */
export function createTransport(options: TransportOptions = {}): Transport {
  const tls = {
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.isInsecure === true ? { rejectUnauthorized: false } : {}),
  }
  const own = options.client === undefined ? {} : { cert: options.client.certificate, key: options.client.key.reveal() }
  const pool = { connections: options.connections ?? 16, keepAliveTimeout: KEEP_ALIVE_MS, pipelining: 1 }
  const connect = { ...tls, ...own, timeout: options.connectTimeoutMs ?? 10_000 }
  const direct = new Agent({ ...pool, connect })
  const proxies = new Map<string, ProxyAgent>()
  /** A connection has one identity and is never used for another one. */
  const identified = new Map<TlsIdentity, Agent | ProxyAgent>()

  const named = { https: proxyUrl(options.proxy?.https), http: proxyUrl(options.proxy?.http) }
  const proxyFor = (url: URL): string | undefined => {
    const proxy = url.protocol === 'https:' ? named.https : named.http
    return proxy === undefined || isBypassed(url, options.proxy?.no ?? '') ? undefined : proxy
  }
  const through = (proxy: string): ProxyAgent => {
    const open = proxies.get(proxy)
    if (open !== undefined) return open
    const made = new ProxyAgent({ ...pool, uri: proxy, connect, requestTls: { ...tls, ...own }, proxyTls: tls })
    proxies.set(proxy, made)
    return made
  }

  const asClient = (identity: TlsIdentity, proxy: string | undefined): Agent | ProxyAgent => {
    const open = identified.get(identity)
    if (open !== undefined) return open
    const { ca, certificate, key } = identity
    const shown = { ca, ...(certificate === undefined ? {} : { cert: certificate, key: key?.reveal() }) }
    const timeout = connect.timeout
    const made =
      proxy === undefined
        ? new Agent({ ...pool, connect: { ...shown, timeout } })
        : new ProxyAgent({ ...pool, uri: proxy, connect, requestTls: shown, proxyTls: tls })
    identified.set(identity, made)
    return made
  }

  const fetch: Fetch = async (url, init) => {
    const target = new URL(url)
    const proxy = proxyFor(target)
    const request = {
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: init.method,
      headers: init.headers,
      body: init.body ?? null,
      signal: init.signal,
    }
    const { identity } = init
    const dispatcher =
      identity !== undefined ? asClient(identity, proxy) : proxy === undefined ? direct : through(proxy)
    const answer = await dispatcher.request(request).catch((error: unknown) => {
      throw proxy === undefined ? error : new ProxyFault(new URL(proxy).host, { cause: error })
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
      await Promise.all([direct, ...proxies.values(), ...identified.values()].map((agent) => agent.close()))
    },
  }
}

/**
 * curl and python-requests treat `proxy:3128` without a scheme as http. The text may have a password, so it is not
 * repeated.
 */
function proxyUrl(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const url = text.includes('://') ? text : `http://${text}`
  if (URL.canParse(url) && /^https?:/.test(url)) {
    remember(decodeURIComponent(new URL(url).password))
    return url
  }
  throw new InputError([{ message: 'the proxy is not an http URL', hint: 'HTTPS_PROXY=http://HOST:PORT' }])
}
