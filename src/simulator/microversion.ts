/** `OpenStack-API-Version: compute 2.93`, as Nova, Cinder and Magnum read it. */
import type { Call } from './service.ts'

export type Asked =
  | { readonly kind: 'none' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'version'; readonly major: number; readonly minor: number }
  | { readonly kind: 'malformed'; readonly text: string }

export function askedVersion(call: Call, service: string): Asked {
  const header = call.header('openstack-api-version')
  for (const part of header?.split(',') ?? []) {
    const [name, text = ''] = part.trim().split(/\s+/)
    if (name === service) return parseVersion(text)
  }
  return { kind: 'none' }
}

export function parseVersion(text: string): Asked {
  if (text.toLowerCase() === 'latest') return { kind: 'latest' }
  const match = /^(\d+)\.(\d+)$/.exec(text)
  if (match === null) return { kind: 'malformed', text }
  return { kind: 'version', major: Number(match[1]), minor: Number(match[2]) }
}
