import { overlaps, prefixOf, prefixProblem } from '../openstack/prefix.ts'
import { PrefixSet } from './prefix-set.ts'

/* Prefixes as tenant.yaml, cloud.yaml and Neutron write them. */

/** Why a text is not a usable IPv4 prefix, or `undefined` if it is one. IPv6 is refused for now. */
export function cidrProblem(text: string): string | undefined {
  if (text.includes(':'))
    return `\`${text}\` is an IPv6 prefix, which is not supported yet; write an IPv4 one such as \`10.20.24.0/24\``
  return prefixProblem(text)
}

export function cidrsOverlap(a: string, b: string): boolean {
  return overlaps(prefixOf(a), prefixOf(b))
}

export function prefixLength(cidr: string): number {
  return prefixOf(cidr).length
}

/** The first prefix of that length in the pool that overlaps nothing in use; `undefined` if the pool is full. */
export function firstFree(pool: string, length: number, used: readonly string[]): string | undefined {
  const taken = new PrefixSet<undefined>()
  for (const cidr of used) taken.add(cidr, undefined)
  return taken.allot(pool, length, undefined)
}
