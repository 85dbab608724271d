/**
 * IPv4 prefixes without overlap, kept as sorted ranges. Among ten thousand of them a look-up is a binary search, where
 * comparing all pairs would take minutes. `tenant/cidr.ts` does the same for few.
 */
export class PrefixSet<T> {
  readonly #ranges: Range<T>[] = []
  /** Where to continue the search, by pool and length: prefixes are never returned, so what was full stays full. */
  readonly #cursors = new Map<string, number>()

  /** What overlaps a prefix, `undefined` if it is free. */
  overlapping(cidr: string): { readonly cidr: string; readonly value: T } | undefined {
    return this.#within(rangeOf(cidr))
  }

  /** Takes a prefix, even one that overlaps another: clouds have such subnets. */
  add(cidr: string, value: T): void {
    const range = rangeOf(cidr)
    const at = this.#firstEndingFrom(range.first)
    let merged: Range<T> = { ...range, cidr, value }
    // ranges stay disjoint: this one absorbs the ranges that it touches
    let end = at
    for (let next = this.#ranges[end]; next !== undefined && next.first <= merged.last; next = this.#ranges[++end])
      merged = { ...merged, first: Math.min(merged.first, next.first), last: Math.max(merged.last, next.last) }
    this.#ranges.splice(at, end - at, merged)
  }

  /** Takes the first free prefix of that length in the pool; `undefined` if none is left. */
  allot(pool: string, length: number, value: T): string | undefined {
    const { first, last } = rangeOf(pool)
    const size = 2 ** (32 - length)
    const key = `${pool} ${length}`
    for (let at = this.#cursors.get(key) ?? first; at + size - 1 <= last;) {
      const blocker = this.#within({ first: at, last: at + size - 1 })
      if (blocker === undefined) {
        this.#cursors.set(key, at + size)
        const cidr = `${addressOf(at)}/${length}`
        this.add(cidr, value)
        return cidr
      }
      at = Math.ceil((blocker.last + 1) / size) * size
    }
    this.#cursors.set(key, last + 1)
    return undefined
  }

  #within({ first, last }: Bounds): Range<T> | undefined {
    const range = this.#ranges[this.#firstEndingFrom(first)]
    return range !== undefined && range.first <= last ? range : undefined
  }

  /** Index of the first range that ends at or after an address. */
  #firstEndingFrom(address: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const range = this.#ranges[middle]
      if (range !== undefined && range.last < address) low = middle + 1
      else high = middle
    }
    return low
  }
}

type Bounds = { readonly first: number; readonly last: number }
type Range<T> = Bounds & { readonly cidr: string; readonly value: T }

/** First and last address. The text has been checked by `cidrProblem`, or comes from Neutron. */
function rangeOf(cidr: string): Bounds {
  const [address = '', length = '32'] = cidr.split('/')
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const size = 2 ** (32 - Number(length))
  const first = Math.floor(number / size) * size
  return { first, last: first + size - 1 }
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
