import { Address4 } from 'ip-address'
import { overlapCidr } from 'cidr-tools'

/** Why a text is not a usable IPv4 prefix, or `undefined` if it is one. IPv6 is refused for now. */
export function cidrProblem(text: string): string | undefined {
  if (text.includes(':'))
    return `\`${text}\` is an IPv6 prefix, which is not supported yet; write an IPv4 one such as \`10.20.24.0/24\``
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(text))
    return `\`${text}\` is not an IPv4 prefix; write it like \`10.20.24.0/24\``
  if (!Address4.isValid(text)) return `\`${text}\` is not an IPv4 prefix: an octet is at most 255, a length at most 32`
  const address = new Address4(text)
  const start = `${address.startAddress().correctForm()}/${address.subnetMask}`
  if (start !== text) return `\`${text}\` has host bits set; the prefix is \`${start}\``
  return undefined
}

/** Prefix overlap, not string equality: 10.20.0.0/16 overlaps 10.20.24.0/24. */
export function overlaps(a: string, b: string): boolean {
  return overlapCidr(a, b)
}

export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1])
}

/** The first prefix of that length in the pool that overlaps nothing in use; `undefined` if the pool is full. */
export function firstFree(pool: string, length: number, used: readonly string[]): string | undefined {
  const inPool = used.filter((cidr) => !cidr.includes(':') && overlaps(pool, cidr))
  const address = new Address4(pool)
  const first = Number(address.startAddress().bigInt())
  const size = 2 ** (32 - length)
  const end = first + 2 ** (32 - address.subnetMask)
  for (let at = first; at + size <= end;) {
    const candidate = `${Address4.fromBigInt(BigInt(at)).correctForm()}/${length}`
    const taken = inPool.find((cidr) => overlaps(candidate, cidr))
    if (taken === undefined) return candidate
    // skip behind the overlapping prefix, because a pool may have many small ones
    const blocker = new Address4(taken)
    const behind = Number(blocker.startAddress().bigInt()) + 2 ** (32 - blocker.subnetMask)
    at = Math.max(at + size, Math.ceil(behind / size) * size)
  }
  return undefined
}
