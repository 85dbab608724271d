import { contains, prefixAt, prefixOf, renderPrefix } from '../openstack/prefix.ts'
import type { Family, Prefix } from '../openstack/prefix.ts'

/**
 * Prefixes in use, kept as sorted ranges that do not overlap: over ten thousand of them a look-up is a binary search,
 * where comparing each with each would take minutes.
 */
export class PrefixSet<T> {
  readonly #ranges: Readonly<Record<Family, Range<T>[]>> = { 4: [], 6: [] }
  /** Where to continue the search, by pool and length: prefixes are never returned, so what was full stays full. */
  readonly #cursors = new Map<string, bigint>()

  /** What overlaps a prefix, `undefined` if it is free. */
  overlapping(cidr: string): { readonly cidr: string; readonly value: T } | undefined {
    return this.#within(prefixOf(cidr))
  }

  /** Takes a prefix, even one that overlaps another: clouds have such subnets. */
  add(cidr: string, value: T): void {
    const { family, first, last } = prefixOf(cidr)
    const ranges = this.#ranges[family]
    const at = this.#firstEndingFrom(family, first)
    let merged: Range<T> = { first, last, cidr, value }
    // ranges stay disjoint: this one absorbs the ranges that it touches
    let end = at
    for (let next = ranges[end]; next !== undefined && next.first <= merged.last; next = ranges[++end])
      merged = {
        ...merged,
        first: next.first < merged.first ? next.first : merged.first,
        last: next.last > merged.last ? next.last : merged.last,
      }
    ranges.splice(at, end - at, merged)
  }

  /** Takes the first free prefix of that length in the pool; `undefined` if none is left. */
  allot(pool: string, length: number, value: T): string | undefined {
    const whole = prefixOf(pool)
    const key = `${pool} ${length}`
    let at = this.#cursors.get(key) ?? whole.first
    for (;;) {
      const candidate = prefixAt(whole.family, at, length)
      if (!contains(whole, candidate)) break
      const blocker = this.#within(candidate)
      if (blocker === undefined) {
        const cidr = renderPrefix(candidate)
        this.#cursors.set(key, candidate.last + 1n)
        this.add(cidr, value)
        return cidr
      }
      // to the first one behind it, so that a pool of many small prefixes is not walked one by one
      at = prefixAt(whole.family, blocker.last, length).last + 1n
    }
    this.#cursors.set(key, at)
    return undefined
  }

  #within(prefix: Prefix): Range<T> | undefined {
    const range = this.#ranges[prefix.family][this.#firstEndingFrom(prefix.family, prefix.first)]
    return range !== undefined && range.first <= prefix.last ? range : undefined
  }

  /** Index of the first range that ends at or after an address. */
  #firstEndingFrom(family: Family, address: bigint): number {
    const ranges = this.#ranges[family]
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const range = ranges[middle]
      if (range !== undefined && range.last < address) low = middle + 1
      else high = middle
    }
    return low
  }
}

type Range<T> = { readonly first: bigint; readonly last: bigint; readonly cidr: string; readonly value: T }
