import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
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

test('a bad file does not end a fleet: the others go on, it is told, and the exit code is 2', async () => {
  await bed.add('a.yaml', small('ant', 'east'))
  await bed.add('b.yaml', 'tenant: *nope\n')
  await bed.add('c.yaml', `${small('cat', 'east')}x: ${'['.repeat(30_000)}`)
  execFileSync('mkfifo', [join(bed.folder, 'fleet', 'd.yaml')])
  await bed.add('e.yaml', small('eel', 'east', '{ cidr: 10.5.0.0/16 }'))
  // nobody knows which of two files of one tenant is meant, so neither is worked on
  await bed.add('f.yaml', small('fox', 'east'))
  await bed.add('g.yaml', small('fox', 'east'))
  const { code, out, err } = await bed.run('fleet', 'apply', 'fleet', '--yes')
  for (const problem of [
    'fleet/b.yaml:1:9: there is no anchor `&nope`',
    'fleet/c.yaml:7: this is nested in more than 64 levels',
    'fleet/d.yaml: this is not an ordinary file',
    'fleet/g.yaml:2:9: tenant `fox` of cloud `east` is also in `fleet/f.yaml`',
  ])
    expect(err.split(problem)).toHaveLength(2)
  expect(code, out).toBe(2)
  const domains = [...(bed.clouds.get('east')?.state.domains.values() ?? [])].map(({ name }) => name)
  expect(domains).toEqual(expect.arrayContaining(['ant', 'eel']))
  expect(domains).not.toContain('fox')
  // without the bad files the same command has nothing left to do
  for (const file of ['b', 'c', 'd', 'f', 'g']) await rm(join(bed.folder, 'fleet', `${file}.yaml`))
  expect((await bed.run('fleet', 'apply', 'fleet', '--yes')).code).toBe(0)
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
