import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, small } from './fleet-stand.ts'
import type { FleetStand } from './fleet-stand.ts'

let stand: FleetStand

beforeEach(async () => {
  stand = await openFleet(['east'])
})

afterEach(() => stand.remove())

test('every problem of every file comes at once, with file, line and column', async () => {
  await stand.add('a.yaml', small('ant', 'east').replace('cloud:', 'clowd:'))
  await stand.add('b.yaml', small('bee', 'east', '{ cidr: 10.1.2.3/24 }'))
  await stand.add('c.yaml', small('cat', 'east', '{ cidr: 10.5.0.0/16 }'))
  await stand.add('sub/d.yml', small('dog', 'east', '{ cidr: 10.5.7.0/24 }'))
  await stand.add('sub/e.yaml', small('cat', 'east'))
  const { code, err } = await stand.run('fleet', 'plan', 'fleet')
  expect(code).toBe(2)
  expect(err.trim().split('\n')).toEqual([
    'fleet/a.yaml:1:1: `cloud` is missing',
    'fleet/a.yaml:3:1: unknown key `clowd` (did you mean `cloud`?)',
    'fleet/b.yaml:6:22: `projects.0.network.cidr`: `10.1.2.3/24` has host bits set; the prefix is `10.1.2.0/24`',
    'fleet/sub/d.yml:6:22: 10.5.7.0/24 overlaps 10.5.0.0/16 of tenant `cat` in `fleet/c.yaml`',
    'fleet/sub/e.yaml:2:9: tenant `cat` of cloud `east` stands in `fleet/c.yaml` too',
  ])
  expect(stand.sent).toEqual([])
})

test('the same names and prefixes on another cloud are no problem', async () => {
  await stand.remove()
  stand = await openFleet(['east', 'west'])
  await stand.add('a.yaml', small('ant', 'east', '{ cidr: 10.5.0.0/16 }'))
  await stand.add('b.yaml', small('ant', 'west', '{ cidr: 10.5.0.0/16 }'))
  expect((await stand.run('fleet', 'plan', 'fleet')).code).toBe(0)
})

test('an empty folder, a missing one and a limit of nothing are said plainly', async () => {
  expect(await stand.run('fleet', 'plan', 'nowhere')).toMatchObject({ code: 2 })
  await stand.add('.hidden/a.yaml', small('ant', 'east'))
  const empty = await stand.run('fleet', 'plan', 'fleet')
  expect(empty).toMatchObject({ code: 2, err: 'there is no tenant file (*.yaml) in `fleet`\n' })
  await stand.add('a.yaml', small('ant', 'east'))
  const limit = await stand.run('fleet', 'plan', 'fleet', '--limit', '0')
  expect(limit).toMatchObject({ code: 2, err: '`--limit 0`: write a number from 1 on\n' })
})
