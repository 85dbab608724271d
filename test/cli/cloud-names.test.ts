/** Entries of clouds.yaml are called as people like: the name is also a folder of the data directory. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { exampleTenant, openTestBed, simulate } from '../onboarding/test-bed.ts'

test.each(['Prod_1.example', 'x', 'de-fra.2'])('an entry called %s is a cloud like any other', async (name) => {
  const { cloud, clock } = simulate()
  const bed = await openTestBed({}, cloud.fetch, {}, clock)
  await bed.write('clouds.yaml', renderClouds(cloud, { name }))
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => text.replace('cloud: lab', `cloud: ${name}`)),
  )
  const applied = await bed.run('apply', file, '--yes', '--until', 'domain')
  expect(applied.code, applied.err).toBe(0)
  const names = await readdir(join(bed.folder, 'tenant-onboard'))
  // no cloud can be called `_version.json`
  expect(names.sort()).toEqual([name, '_version.json'].sort())
  await bed.remove()
})

test.each(['.hidden', '..', '-x', 'a/b', 'a b'])('a name that is no folder is refused: %s', async (name) => {
  const bed = await openTestBed({}, undefined)
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => text.replace('cloud: lab', `cloud: '${name}'`)),
  )
  const { code, err } = await bed.run('plan', file)
  expect([code, err]).toEqual([2, expect.stringContaining('a letter or digit first')])
  await bed.remove()
})
