import { expect, test } from 'vitest'
import { cidrProblem, cidrsOverlap, firstFree } from '../../src/tenant/cidr.ts'
import { parseSpec } from '../../src/tenant/spec.ts'

test('a prefix collides by overlap, not by equality', () => {
  expect(cidrsOverlap('10.20.0.0/16', '10.20.24.0/24')).toBe(true)
  expect(cidrsOverlap('10.20.24.0/24', '10.20.25.0/24')).toBe(false)
})

test.each([
  ['10.20.24.0/24', undefined],
  [
    '2001:db8::/64',
    '`2001:db8::/64` is an IPv6 prefix, which is not supported yet; write an IPv4 one such as `10.20.24.0/24`',
  ],
  ['10.20.24.0', '`10.20.24.0` is not an IPv4 prefix; write it like `10.20.24.0/24`'],
  ['10.20.24.0/33', '`10.20.24.0/33` is not an IPv4 prefix: an octet is at most 255, a length at most 32'],
  ['10.20.24.7/24', '`10.20.24.7/24` has host bits set; the prefix is `10.20.24.0/24`'],
  ['10.0.0.0/08', '`10.0.0.0/08` is written `10.0.0.0/8`'],
  ['010.0.0.0/8', '`010.0.0.0/8` is not an IPv4 prefix; write it without leading zeros'],
])('of %s is said: %s', (text, problem) => {
  expect(cidrProblem(text)).toBe(problem)
})

test('a prefix that cannot be read is the one problem of its file', () => {
  const file = (network: string): string =>
    `version: 1\ntenant: acme\ncloud: lab\nprojects: [{ name: prod, network: { ${network} } }]\n`
  expect(parseSpec('t.yaml', file('pool: 10.0.0.0/8')).projects[0]?.network?.pool).toBe('10.0.0.0/8')
  for (const network of ['cidr: 10.0.0/24', 'pool: acme', 'pool: 10.0.0.1/8, prefix_length: 9'])
    expect(() => parseSpec('t.yaml', file(network))).toThrow(
      /^t\.yaml:4:\d+: `projects.0.network.(cidr|pool)`: [^\n]*$/,
    )
})

test.each([
  [[], '10.20.0.0/24'],
  [['10.20.0.0/24'], '10.20.1.0/24'],
  [['10.20.0.128/25', '10.20.1.0/26'], '10.20.2.0/24'],
  [['10.20.0.0/17'], '10.20.128.0/24'],
  [['10.0.0.0/8'], undefined],
  [['192.168.0.0/16', '2001:db8::/32'], '10.20.0.0/24'],
])('the first free /24 beside %j is %s', (used, free) => {
  expect(firstFree('10.20.0.0/16', 24, used)).toBe(free)
})
