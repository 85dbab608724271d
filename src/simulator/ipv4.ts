/** IPv4 as numbers: enough to compare prefixes and to allocate addresses. */
export type Prefix = { readonly first: number; readonly last: number; readonly bits: number }

export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length = '32', ...rest] = text.split('/')
  const at = parseAddress(address)
  const bits = Number(length)
  if (at === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || bits > 32) return undefined
  const size = 2 ** (32 - bits)
  const first = Math.floor(at / size) * size
  return { first, last: first + size - 1, bits }
}

export function renderPrefix(prefix: Prefix): string {
  return `${renderAddress(prefix.first)}/${prefix.bits}`
}

export function overlaps(one: Prefix, other: Prefix): boolean {
  return one.first <= other.last && other.first <= one.last
}
