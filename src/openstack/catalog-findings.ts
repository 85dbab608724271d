/**
 * Problems of a catalog, reported before any request meets them. Other hosts are normal for OpenStack, so they are only
 * notes.
 */
import type { Finding } from '../finding.ts'
import { findEndpoint } from './catalog.ts'
import type { CatalogService } from './catalog.ts'
import type { ServiceType } from './services.ts'
import type { Endpoint } from './options.ts'
import { printable } from './printable.ts'

/** Looks up each needed service, as a session would. */
export function catalogFindings(
  catalog: readonly CatalogService[],
  of: { readonly endpoint: Endpoint; readonly wanted: readonly ServiceType[]; readonly projectId: string | undefined },
): readonly Finding[] {
  const keystone = new URL(of.endpoint.authUrl)
  return of.wanted.flatMap((service) => {
    const { region, interface: face = 'public', overrides } = of.endpoint
    const found = findEndpoint(catalog, { service, region, interface: face, projectId: of.projectId, overrides })
    if ('missing' in found) return [finding('cloud/no-endpoint', 'error', service, found.missing)]
    return oddities(service, new URL(found.url), keystone, of.endpoint.allowHttp === true)
  })
}

function oddities(service: ServiceType, url: URL, keystone: URL, allowHttp: boolean): readonly Finding[] {
  if (isLoopback(url.hostname) !== isLoopback(keystone.hostname)) {
    const message = `\`${service}\` is at ${url.host} while Keystone is at ${keystone.host}: one of them is this machine`
    return [finding('cloud/loopback-endpoint', isLoopback(url.hostname) ? 'error' : 'info', service, message)]
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    const message = `\`${service}\` is at plain http://${url.host}, where anyone on the path can read the token`
    return [finding('cloud/plain-http-endpoint', 'error', service, message)]
  }
  if (isForeign(url.hostname, keystone.hostname)) {
    const message = `\`${service}\` is at ${url.host}, which has no domain in common with Keystone at ${keystone.host}`
    return [finding('cloud/foreign-endpoint', 'info', service, message)]
  }
  return []
}

function finding(code: string, severity: Finding['severity'], service: ServiceType, message: string): Finding {
  const remedy = `openstack endpoint list --service ${service}`
  return { code, severity, where: `catalog: ${service}`, message: printable(message), remedy, owner: 'operator' }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** Two names without a common domain of two labels. Addresses do not show their owner. */
function isForeign(host: string, keystone: string): boolean {
  const [a, b] = [host, keystone].map((name) =>
    /^[\d.]+$|:/.test(name) ? undefined : name.split('.').slice(-2).join('.'),
  )
  return a !== undefined && b !== undefined && a !== b
}
