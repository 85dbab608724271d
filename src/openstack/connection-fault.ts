/** Why there was no answer at all, and what to do. */
import type { CloudErrorKind } from '../errors.ts'
import { maskText } from '../masking.ts'
import { printable } from './printable.ts'

/** An error on the way through a proxy; `cause` has it. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault'
  /** Host and port, without credentials. */
  readonly proxy: string

  constructor(proxy: string, options: ErrorOptions) {
    super('through a proxy', options)
    this.proxy = proxy
  }
}

/** Sorts the errors of `fetch` into `tls`, `timeout`, `malformed` and `unreachable`. */
export function connectionFault(
  error: unknown,
  url: string,
): { readonly kind: CloudErrorKind; readonly reason: string; readonly isSent: boolean } {
  return { ...sorted(error, url), isSent: !isBeforeSending(error) }
}

function sorted(error: unknown, url: string): { readonly kind: CloudErrorKind; readonly reason: string } {
  const { host: target, hostname } = new URL(url)
  // with a proxy the connection is to the proxy
  const host = error instanceof ProxyFault ? `the proxy ${error.proxy}` : target
  const code = codeOf(error)
  const tls = TLS_REASONS.get(code)
  if (tls !== undefined) return { kind: 'tls', reason: tls(hostname) }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return { kind: 'tls', reason: `${target} does not speak TLS: it may be plain http` }
  // openssl's own codes, if Node has no name for it: ERR_SSL_TLSV1_ALERT_..., EPROTO
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return { kind: 'tls', reason: `${target} does not speak TLS as expected: ${said(error)}; it may be plain http` }
  }
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS_')) {
    return { kind: 'tls', reason: `the certificate of ${hostname} is not accepted: ${said(error)}` }
  }
  if (code.startsWith('HPE_') || NOT_HTTP.has(code) || isParserFault(error)) {
    return { kind: 'malformed', reason: `the answer of ${host} breaks the rules of HTTP: ${said(error)}` }
  }
  if (RESETS.has(code)) {
    const guess = error instanceof ProxyFault ? '' : wrongScheme(new URL(url).protocol, said(error))
    return { kind: 'unreachable', reason: `${host} closed the connection${guess}` }
  }
  const known = CONNECTION_REASONS.get(code)
  return { kind: 'unreachable', reason: known === undefined ? `no connection to ${host}: ${said(error)}` : known(host) }
}

/** Codes of `node:tls`, named in its documentation under "X509 certificate error codes". */
const TLS_REASONS: ReadonlyMap<string, (host: string) => string> = new Map([
  [
    'CERT_HAS_EXPIRED',
    (host) =>
      `the certificate of ${host}, or one above it, has expired: renew it there, or correct this machine's clock`,
  ],
  ['CERT_NOT_YET_VALID', (host) => `the certificate of ${host} is not valid yet: check this machine's clock`],
  ['ERR_TLS_CERT_ALTNAME_INVALID', (host) => `the certificate is not for ${host}: use a name in the certificate`],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownIssuer],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownIssuer],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownIssuer],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownIssuer],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownIssuer],
  ['CERT_SIGNATURE_FAILURE', unknownIssuer],
  ['INVALID_CA', (host) => `a certificate above that of ${host} is not a CA: give the cloud's CA as \`cacert\``],
])

function unknownIssuer(host: string): string {
  return `the certificate of ${host} is from a CA that is not trusted here: give the cloud's CA as \`cacert\`; the system's own store is not read`
}

/** Codes of undici; those of its parser, llhttp, begin with `HPE_`. */
const NOT_HTTP = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW'])

/** undici 7.30.2, lib/core/errors.js: the parser gives a code for some faults only. */
function isParserFault(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++)
    if (at.name === 'HTTPParserError') return true
  return false
}

const CONNECTION_REASONS: ReadonlyMap<string, (host: string) => string> = new Map([
  ['ENOTFOUND', (host) => `DNS does not know the name of ${host}`],
  ['EAI_AGAIN', (host) => `DNS does not answer for ${host}`],
  ['ECONNREFUSED', (host) => `${host} refuses the connection`],
  ['EHOSTUNREACH', (host) => `there is no route to ${host}`],
  ['ENETUNREACH', (host) => `there is no route to ${host}`],
  ['ETIMEDOUT', (host) => `${host} does not accept the connection`],
  ['UND_ERR_CONNECT_TIMEOUT', (host) => `${host} does not accept the connection`],
])

const RESETS = new Set(['ECONNRESET', 'UND_ERR_SOCKET'])

/** A port of TLS closes a connection that begins with plain http, and some ports of plain http one that begins with TLS. */
function wrongScheme(protocol: string, message: string): string {
  if (protocol === 'http:') return ': the port may be one of https'
  // node, lib/_tls_wrap.js, onConnectEnd
  return message.includes('before secure TLS connection was established')
    ? ' before TLS was established: the port may be one of plain http'
    : ''
}

/** No connection was made. A reset or a silent socket says nothing of the kind. Codes of libuv and undici. */
function isBeforeSending(error: unknown): boolean {
  return NOT_CONNECTED.has(codeOf(error)) || codeOf(error, 'syscall') === 'connect'
}

const NOT_CONNECTED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])

/**
 * The code of the innermost cause that has one: global fetch wraps twice, and several addresses make an AggregateError.
 */
function codeOf(error: unknown, key: 'code' | 'syscall' = 'code'): string {
  let code = ''
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; depth++) {
    const value: unknown = Reflect.get(at, key)
    if (typeof value === 'string') code = value
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  }
  return code
}

function said(error: unknown): string {
  let innermost: unknown = error
  for (let depth = 0; innermost instanceof Error && innermost.cause instanceof Error && depth < 10; depth++) {
    innermost = innermost.cause
  }
  return printable(maskText(innermost instanceof Error ? innermost.message : String(innermost)), 300)
}
