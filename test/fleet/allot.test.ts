import { expect, test } from 'vitest'
import { allot } from '../../src/fleet/allot.ts'
import type { UsedPrefixes } from '../../src/fleet/allot.ts'
import { PrefixSet } from '../../src/tenant/prefix-set.ts'
import type { Subnet } from '../../src/openstack/neutron/subnets.ts'
import { cidrsOverlap, firstFree } from '../../src/tenant/cidr.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import type { Tenant } from '../../src/tenant/tenant.ts'
import { fc, runs } from '../fast-check.ts'
import { small } from './fleet-test-bed.ts'

const nothing: UsedPrefixes = { subnets: [], projects: new Map() }

function tenant(name: string, network?: string): Tenant {
  return tenantOf(parseSpec(name, small(name, 'east', network)), {})
}

function subnet(cidr: string, name = 'by-hand', project_id = 'p'): Subnet {
  const fixed = { ip_version: 4, gateway_ip: null, enable_dhcp: true, dns_nameservers: [], allocation_pools: [] }
  return { ...fixed, id: `${name} ${cidr}`, name, network_id: 'n', project_id, cidr }
}

function cidrsOf(tenants: readonly Tenant[], standing: UsedPrefixes): Readonly<Record<string, string | undefined>> {
  const found = [...allot(tenants, standing)]
  return Object.fromEntries(found.map(([name, { cidrs }]) => [name, Object.values(cidrs)[0]]))
}

const address = fc.integer({ min: 0, max: 255 })
/** Prefixes in and around 10.64.0.0/16. */
const prefix = fc
  .record({ second: fc.constantFrom(63, 64, 65), third: address, length: fc.integer({ min: 14, max: 28 }) })
  .map(({ second, third, length }) => {
    const size = 2 ** (32 - length)
    const start = Math.floor((second * 65_536 + third * 256) / size) * size
    return `10.${Math.floor(start / 65_536)}.${Math.floor(start / 256) % 256}.${start % 256}/${length}`
  })

test('a set of prefixes says of each what comparing it with all of them says', () => {
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 30 }), prefix, (taken, asked) => {
      const set = new PrefixSet<undefined>()
      for (const one of taken) set.add(one, undefined)
      expect(set.overlapping(asked) !== undefined).toBe(taken.some((one) => cidrsOverlap(one, asked)))
    }),
    { numRuns: runs(500) },
  )
})

test('one tenant gets what `apply` alone would give it', () => {
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), fc.integer({ min: 20, max: 28 }), (taken, length) => {
      const asked = tenant('ant', `{ pool: 10.64.0.0/16, prefix_length: ${length} }`)
      const standing = { ...nothing, subnets: taken.map((one) => subnet(one)) }
      expect(cidrsOf([asked], standing).ant).toBe(firstFree('10.64.0.0/16', length, taken))
    }),
    { numRuns: runs(300) },
  )
})

test('no two tenants overlap, nor anything that exists, whatever the order they are given in', () => {
  const request = fc.record({
    length: fc.integer({ min: 20, max: 28 }),
    pool: fc.constantFrom('10.64.0.0/18', '10.64.0.0/16'),
  })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 25 }), fc.array(prefix, { maxLength: 10 }), (requests, taken) => {
      const tenants = requests.map(({ length, pool }, index) =>
        tenant(`tenant-${index}`, `{ pool: ${pool}, prefix_length: ${length} }`),
      )
      const standing = { ...nothing, subnets: taken.map((one) => subnet(one)) }
      const given = cidrsOf(tenants, standing)
      expect(cidrsOf([...tenants].reverse(), standing)).toEqual(given)
      const all = Object.values(given).filter((one) => one !== undefined)
      for (const [index, one] of all.entries())
        expect([...all.slice(0, index), ...taken].filter((other) => cidrsOverlap(one, other))).toEqual([])
    }),
    { numRuns: runs(200) },
  )
})

test('a run that was stopped anywhere is followed by the same allotment', () => {
  const tenants = Array.from({ length: 12 }, (_, index) => tenant(`t${String.fromCharCode(97 + index)}`))
  const whole = cidrsOf(tenants, nothing)
  const mask = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
  fc.assert(
    fc.property(mask, (made) => {
      const bed = tenants.filter((_, index) => made[index])
      const standing = {
        subnets: bed.map(({ spec }) => subnet(whole[spec.tenant] ?? '', `${spec.tenant}-subnet`, spec.tenant)),
        projects: new Map(bed.map(({ spec }) => [spec.tenant, `${spec.tenant}/${spec.tenant}-prod`])),
      }
      expect(cidrsOf(tenants, standing)).toEqual(whole)
    }),
    { numRuns: runs(100) },
  )
})

test('a subnet of the same name in a project of somebody else is in the way, and not ours', () => {
  const standing = {
    subnets: [subnet('10.64.0.0/24', 'ant-subnet', 'theirs')],
    projects: new Map([['theirs', 'bee/ant-prod']]),
  }
  expect(cidrsOf([tenant('ant')], standing)).toEqual({ ant: '10.64.1.0/24' })
  const ours = { ...standing, projects: new Map([['theirs', 'ant/ant-prod']]) }
  expect(cidrsOf([tenant('ant')], ours)).toEqual({ ant: '10.64.0.0/24' })
})

test('ten thousand prefixes are allotted in one pool within a second', () => {
  const tenants = Array.from({ length: 10_000 }, (_, index) => tenant(`t-${index}`, '{ pool: 10.0.0.0/8 }'))
  const started = performance.now()
  const given = Object.values(cidrsOf(tenants, nothing))
  expect(new Set(given).size).toBe(10_000)
  // comparing each with each takes minutes; the margin is for a busy machine
  expect(performance.now() - started).toBeLessThan(10_000)
})
