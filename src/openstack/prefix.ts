import { Address4, Address6 } from 'ip-address'
import { invariant } from '../errors.ts'

/**
 * An IPv4 or IPv6 prefix, as first and last address. Text is read and written by ip-address; what prefixes are to one
 * another is arithmetic, and prefixes of different families have nothing to do with each other.
 */
export type Prefix = {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
  /** Bits: 0 to 32, or 0 to 128. */
  readonly length: number
}

export type Family = 4 | 6

/** Why a text is no prefix as it should be written (address, length, no host bits), or `undefined` when it is one. */
export function prefixProblem(text: string): string | undefined {
  const kind = text.includes(':') ? 'IPv6' : 'IPv4'
  const prefix = text.includes('/') ? parsePrefix(text) : undefined
  if (prefix === undefined) {
    if (/^(?:\d+\.){3}\d+\/\d+$/.test(text))
      return /(?:^|\.)0\d/.test(text)
        ? `\`${text}\` is not an IPv4 prefix; write it without leading zeros`
        : `\`${text}\` is not an IPv4 prefix: an octet is at most 255, a length at most 32`
    return `\`${text}\` is not an ${kind} prefix; write it like \`${kind === 'IPv6' ? '2001:db8::/64' : '10.20.24.0/24'}\``
  }
  const normal = renderPrefix(prefix)
  if (normal === text) return undefined
  return addressIn(text) === prefix.first
    ? `\`${text}\` is written \`${normal}\``
    : `\`${text}\` has host bits set; the prefix is \`${normal}\``
}

/** Host bits are dropped, and an address without a length is a prefix of one; `undefined` for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || rest.length > 0) return undefined
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined
  const length = bits === undefined ? widthOf(family) : Number(bits)
  return length > widthOf(family) ? undefined : prefixAt(family, numberOf(family, address), length)
}

/** For text that was checked before, or that Neutron sent. */
export function prefixOf(cidr: string): Prefix {
  const prefix = parsePrefix(cidr)
  invariant(prefix !== undefined, `\`${cidr}\` is a prefix`)
  return prefix
}

/** The prefix of that length in which an address is. */
export function prefixAt(family: Family, address: bigint, length: number): Prefix {
  const hostBits = BigInt(widthOf(family) - length)
  const first = (address >> hostBits) << hostBits
  return { family, first, last: first + (1n << hostBits) - 1n, length }
}

/** `10.20.24.0/24`, `2001:db8::/32` (RFC 5952). */
export function renderPrefix({ family, first, length }: Prefix): string {
  const address = family === 4 ? Address4.fromBigInt(first) : Address6.fromBigInt(first)
  return `${address.correctForm()}/${length}`
}

/** Prefix overlap, not string equality: 10.20.0.0/16 overlaps 10.20.24.0/24. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

function widthOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128
}

/** No zone (`fe80::1%eth0`), and no octet with a leading zero, which some read as octal. */
function familyOf(address: string): Family | undefined {
  if (/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(address)) return Address4.isValid(address) ? 4 : undefined
  return /^[\da-f:.]+$/i.test(address) && address.includes(':') && Address6.isValid(address) ? 6 : undefined
}

function numberOf(family: Family, address: string): bigint {
  return family === 4 ? new Address4(address).bigInt() : new Address6(address).bigInt()
}

function addressIn(text: string): bigint | undefined {
  const [address = ''] = text.split('/')
  const family = familyOf(address)
  return family === undefined ? undefined : numberOf(family, address)
}

/** Addresses of a pool, both ends included. */
export type AddressRange = { readonly start: string; readonly end: string }

/** How many IPv4 addresses are in the pools and not among `used`, which may have others too. */
export function countFree(pools: readonly AddressRange[], used: Iterable<string>): number {
  const ranges = pools.map(({ start, end }) => ({ first: addressOf(start), last: addressOf(end) }))
  const size = ranges.reduce((sum, { first, last }) => sum + Number(last - first) + 1, 0)
  const taken = [...new Set(used)]
    .filter((ip) => !ip.includes(':'))
    .map(addressOf)
    .filter((ip) => ranges.some(({ first, last }) => first <= ip && ip <= last))
  return size - taken.length
}

function addressOf(ip: string): bigint {
  return prefixOf(`${ip}/32`).first
}
