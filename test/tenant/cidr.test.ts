import { expect, test } from 'vitest'
import { fc } from '../fast-check.ts'
import { firstFree, overlaps } from '../../src/tenant/cidr.ts'

test('a prefix collides by overlap, not by equality', () => {
  expect(overlaps('10.20.0.0/16', '10.20.24.0/24')).toBe(true)
  expect(overlaps('10.20.24.0/24', '10.20.25.0/24')).toBe(false)
})

test.each([
  [[], '10.20.0.0/24'],
  [['10.20.0.0/24'], '10.20.1.0/24'],
  [['10.20.0.128/25', '10.20.1.0/26'], '10.20.2.0/24'],
  [['10.20.0.0/17'], '10.20.128.0/24'],
  [['10.0.0.0/8'], undefined],
  [['192.168.0.0/16'], '10.20.0.0/24'],
])('the first free /24 beside %j is %s', (used, free) => {
  expect(firstFree('10.20.0.0/16', 24, used)).toBe(free)
})

test('what is allotted is in the pool and overlaps nothing in use', () => {
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 30 }))
    .map(([third, length]) => `10.20.${third}.0/${length}`)
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 40 }), fc.integer({ min: 20, max: 28 }), (used, length) => {
      const free = firstFree('10.20.0.0/16', length, used)
      if (free === undefined) return
      expect(overlaps('10.20.0.0/16', free)).toBe(true)
      for (const cidr of used) expect(overlaps(cidr, free)).toBe(false)
    }),
  )
})
