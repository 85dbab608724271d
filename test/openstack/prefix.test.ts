import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { contains, overlaps, parsePrefix, prefixOf, prefixProblem, renderPrefix } from '../../src/openstack/prefix.ts'
import { firstFree } from '../../src/tenant/cidr.ts'
import { PrefixSet } from '../../src/tenant/prefix-set.ts'
import { fc, runs } from '../fast-check.ts'

/* Held against Python's ipaddress: golden/prefixes.py made golden/prefixes.json. */

type Table = {
  readonly texts: readonly (
    | { readonly text: string; readonly normal?: undefined }
    | {
        readonly text: string
        readonly normal: string
        readonly hasHostBits: boolean
        readonly family: number
        readonly first: string
        readonly last: string
      }
  )[]
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly overlaps: boolean
    readonly contains: boolean
  }[]
  readonly free: readonly {
    readonly pool: string
    readonly length: number
    readonly used: readonly string[]
    readonly free: string | null
  }[]
}

const table = JSON.parse(await readFile('test/openstack/golden/prefixes.json', 'utf8')) as Table

test.each(table.texts)('$text is read as Python reads it', (row) => {
  const prefix = row.text.includes('/') ? parsePrefix(row.text) : undefined
  if (row.normal === undefined) {
    expect(prefix).toBeUndefined()
    expect(prefixProblem(row.text)).toMatch(/ is not an IPv[46] prefix[;:] /)
    return
  }
  expect(prefix).toMatchObject({ family: row.family, first: BigInt(row.first), last: BigInt(row.last) })
  expect(renderPrefix(prefixOf(row.text))).toBe(row.normal)
  expect(prefixProblem(row.normal)).toBeUndefined()
  const problem = prefixProblem(row.text)
  if (row.hasHostBits) expect(problem).toContain(`has host bits set; the prefix is \`${row.normal}\``)
  else expect(problem).toBe(row.text === row.normal ? undefined : `\`${row.text}\` is written \`${row.normal}\``)
})

test('prefixes overlap and contain one another as Python says', () => {
  for (const { a, b, ...said } of table.pairs) {
    const pair = [prefixOf(a), prefixOf(b)] as const
    expect({ a, b, overlaps: overlaps(...pair), contains: contains(...pair) }).toEqual({ a, b, ...said })
  }
})

test('the first free prefix of a pool is the one that Python finds by trying each', () => {
  for (const { pool, length, used, free } of table.free)
    expect([pool, length, used, firstFree(pool, length, used)]).toEqual([pool, length, used, free ?? undefined])
})

test.each(['10.0.0.1', '::1'])('%s without a length is one address', (text) => {
  const prefix = prefixOf(text)
  expect(prefix.first).toBe(prefix.last)
  expect(contains(prefixOf(text.includes(':') ? '::/64' : '10.0.0.0/8'), prefix)).toBe(true)
})

/** In 10.0.0.0/26, so that every address can be asked after. */
const small = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 32 }))
  .map(([at, length]) => renderPrefix(prefixOf(`10.0.0.${at}/${length}`)))

test('a set of prefixes knows each address that is taken, and allots the first that are not', () => {
  fc.assert(
    fc.property(fc.array(small, { maxLength: 12 }), small, fc.integer({ min: 26, max: 32 }), (used, asked, length) => {
      const set = new PrefixSet<string>()
      const taken = new Set<number>()
      for (const cidr of used) {
        set.add(cidr, cidr)
        for (const address of addresses(cidr)) taken.add(address)
      }
      expect(set.overlapping(asked) !== undefined).toBe(addresses(asked).some((address) => taken.has(address)))
      for (;;) {
        const size = 2 ** (32 - length)
        const free = [...Array(64 / size).keys()].find((at) =>
          [...Array(size).keys()].every((offset) => !taken.has(at * size + offset)),
        )
        const given = set.allot('10.0.0.0/26', length, 'new')
        expect(given).toBe(free === undefined ? undefined : `10.0.0.${free * size}/${length}`)
        if (given === undefined) return
        for (const address of addresses(given)) taken.add(address)
      }
    }),
    { numRuns: runs(300) },
  )
})

function addresses(cidr: string): readonly number[] {
  const [at = '', length = ''] = cidr.replace('10.0.0.', '').split('/')
  return Array.from({ length: 2 ** (32 - Number(length)) }, (_, offset) => Number(at) + offset)
}
