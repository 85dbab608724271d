import { isIP } from 'node:net'
import { contains, parsePrefix } from './prefix.ts'

/**
 * Does `NO_PROXY` exempt this URL? `*` is all; a name matches itself and its subdomains, with or without a leading dot;
 * `host:port` matches only that port; an address or a prefix in CIDR matches addresses. Like python-requests
 * (`requests/utils.py`, `should_bypass_proxies`), which operators know from the `openstack` command.
 */
export function isBypassed(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (isIP(host) !== 0 && entry.includes('/')) return isInside(host, entry)
  const [name = '', only] = isIP(entry) === 6 ? [entry] : entry.split(':')
  if (only !== undefined && only !== port) return false
  const bare = name.replace(/^\*?\./, '')
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`))
}

function isInside(host: string, entry: string): boolean {
  const [inner, outer] = [parsePrefix(host), parsePrefix(entry)]
  return inner !== undefined && outer !== undefined && contains(outer, inner)
}

/** The proxies that the environment names; small letters first, as curl and Python do. */
export function proxyOf(env: Readonly<Record<string, string | undefined>>): {
  readonly https?: string
  readonly http?: string
  readonly no?: string
} {
  const pick = (name: string): string | undefined => env[name.toLowerCase()] ?? env[name]
  // as python-requests: ALL_PROXY for what has no proxy of its own
  const all = pick('ALL_PROXY')
  const [https, http, no] = [pick('HTTPS_PROXY') ?? all, pick('HTTP_PROXY') ?? all, pick('NO_PROXY')]
  return {
    ...(https === undefined ? {} : { https }),
    ...(http === undefined ? {} : { http }),
    ...(no === undefined ? {} : { no }),
  }
}
