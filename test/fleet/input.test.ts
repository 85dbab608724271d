import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, small } from './fleet-test-bed.ts'
import type { FleetTestBed } from './fleet-test-bed.ts'

let bed: FleetTestBed

beforeEach(async () => {
  bed = await openFleet(['east'])
})

afterEach(() => bed.remove())

test('every problem of every file comes at once, with file, line and column', async () => {
  await bed.add('a.yaml', small('ant', 'east').replace('cloud:', 'clowd:'))
  await bed.add('b.yaml', small('bee', 'east', '{ cidr: 10.1.2.3/24 }'))
  await bed.add('c.yaml', small('cat', 'east', '{ cidr: 10.5.0.0/16 }'))
  await bed.add('sub/d.yml', small('dog', 'east', '{ cidr: 10.5.7.0/24 }'))
  await bed.add('sub/e.yaml', small('cat', 'east'))
  const { code, err } = await bed.run('fleet', 'plan', 'fleet')
  expect(code).toBe(2)
  expect(err.trim().split('\n')).toEqual([
    'fleet/a.yaml:1:1: `cloud` is missing',
    'fleet/a.yaml:3:1: unknown key `clowd` (did you mean `cloud`?)',
    'fleet/b.yaml:6:22: `projects.0.network.cidr`: `10.1.2.3/24` has host bits set; the prefix is `10.1.2.0/24`',
    'fleet/sub/d.yml:6:22: 10.5.7.0/24 overlaps 10.5.0.0/16 of tenant `cat` in `fleet/c.yaml`',
    'fleet/sub/e.yaml:2:9: tenant `cat` of cloud `east` is also in `fleet/c.yaml`',
  ])
  expect(bed.sent).toEqual([])
})

test('the same names and prefixes on another cloud are no problem', async () => {
  await bed.remove()
  bed = await openFleet(['east', 'west'])
  await bed.add('a.yaml', small('ant', 'east', '{ cidr: 10.5.0.0/16 }'))
  await bed.add('b.yaml', small('ant', 'west', '{ cidr: 10.5.0.0/16 }'))
  expect((await bed.run('fleet', 'plan', 'fleet')).code).toBe(0)
})

test('an empty folder, a missing one and a limit of nothing are said plainly', async () => {
  expect(await bed.run('fleet', 'plan', 'nowhere')).toMatchObject({ code: 2 })
  await bed.add('.hidden/a.yaml', small('ant', 'east'))
  const empty = await bed.run('fleet', 'plan', 'fleet')
  expect(empty).toMatchObject({ code: 2, err: 'there is no tenant file (*.yaml) in `fleet`\n' })
  await bed.add('a.yaml', small('ant', 'east'))
  const limit = await bed.run('fleet', 'plan', 'fleet', '--limit', '0')
  expect(limit).toMatchObject({ code: 2, err: '`--limit 0`: write a number of 1 or more\n' })
})
