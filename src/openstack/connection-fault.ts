/** Why there was no answer at all, in words that say what to do. */
import type { CloudErrorKind } from '../errors.ts'
import { printable } from './printable.ts'

/** What went wrong on the way through a proxy; `cause` says it. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault'
  /** Host and port, without what signs in there. */
  readonly proxy: string

  constructor(proxy: string, options: ErrorOptions) {
    super('by way of a proxy', options)
    this.proxy = proxy
  }
}

/** Sorts what `fetch` threw into `tls`, `timeout` and `unreachable`. */
export function connectionFault(
  error: unknown,
  url: string,
): { readonly kind: CloudErrorKind; readonly reason: string } {
  const { host: target, hostname } = new URL(url)
  // by way of a proxy it is the proxy that the connection is to
  const host = error instanceof ProxyFault ? `the proxy ${error.proxy}` : target
  const code = codeOf(error)
  const tls = TLS_REASONS.get(code)
  if (tls !== undefined) return { kind: 'tls', reason: tls(hostname) }
  // openssl's own codes, where Node has no name for it: ERR_SSL_WRONG_VERSION_NUMBER, ERR_SSL_TLSV1_ALERT_..., EPROTO
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return { kind: 'tls', reason: `${target} does not speak TLS as expected: ${said(error)}; is it plain http?` }
  }
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS_')) {
    return { kind: 'tls', reason: `the certificate of ${hostname} is not accepted: ${said(error)}` }
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
  ['CERT_NOT_YET_VALID', (host) => `the certificate of ${host} is not valid yet: is this machine's clock right?`],
  ['ERR_TLS_CERT_ALTNAME_INVALID', (host) => `the certificate is not for ${host}: use the name that it was made for`],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownIssuer],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownIssuer],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownIssuer],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownIssuer],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownIssuer],
  ['CERT_SIGNATURE_FAILURE', unknownIssuer],
  ['INVALID_CA', (host) => `a certificate above that of ${host} is not a CA: give the cloud's CA as \`cacert\``],
])

function unknownIssuer(host: string): string {
  return `the certificate of ${host} was made by a CA that is not trusted here: give the cloud's CA as \`cacert\`; the system's own store is not read`
}

const CONNECTION_REASONS: ReadonlyMap<string, (host: string) => string> = new Map([
  ['ENOTFOUND', (host) => `the name of ${host} is not known to DNS`],
  ['EAI_AGAIN', (host) => `DNS does not answer for ${host}`],
  ['ECONNREFUSED', (host) => `${host} refuses the connection`],
  ['ECONNRESET', (host) => `${host} broke the connection off`],
  ['UND_ERR_SOCKET', (host) => `${host} broke the connection off`],
  ['EHOSTUNREACH', (host) => `there is no way to ${host}`],
  ['ENETUNREACH', (host) => `there is no way to ${host}`],
  ['ETIMEDOUT', (host) => `${host} does not take the connection`],
  ['UND_ERR_CONNECT_TIMEOUT', (host) => `${host} does not take the connection`],
])

/** The code of the innermost cause that has one: global fetch wraps twice, and several addresses make an AggregateError. */
function codeOf(error: unknown): string {
  let code = ''
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; depth++) {
    if ('code' in at && typeof at.code === 'string') code = at.code
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  }
  return code
}

function said(error: unknown): string {
  let innermost: unknown = error
  for (let depth = 0; innermost instanceof Error && innermost.cause instanceof Error && depth < 10; depth++) {
    innermost = innermost.cause
  }
  return printable(innermost instanceof Error ? innermost.message : String(innermost), 300)
}
