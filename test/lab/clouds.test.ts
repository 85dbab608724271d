/** The real openstacksdk reads the same configurations, and comes to the same. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cloudCases } from '../openstack/clouds-cases.ts'

test.each(cloudCases.map((one) => [one.name, one] as const))('the SDK agrees: %s', async (_, one) => {
  const folder = await mkdtemp(join(tmpdir(), 'clouds-'))
  const home = join(folder, 'home')
  const cwd = join(folder, 'work')
  await mkdir(cwd, { recursive: true })
  for (const [path, text] of Object.entries(one.files ?? {})) {
    const file = path.startsWith('~/') ? join(home, path.slice(2)) : join(cwd, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const oracle = join(import.meta.dirname, 'clouds-oracle.py')
  const env = { PATH: '/usr/bin:/bin', HOME: home, ...one.env }
  const { stdout } = await promisify(execFile)(
    '/usr/bin/python3',
    [oracle, ...(one.cloud === undefined ? [] : [one.cloud])],
    { cwd, env },
  )
  await rm(folder, { recursive: true })
  expect(JSON.parse(stdout)).toEqual(one.expected)
})
