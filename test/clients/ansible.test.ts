/** A playbook of openstack.cloud, twice and then away, on the lab and on the simulator: each task does the same on both. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cloudsYamlOf, openCloud } from './clouds.ts'
import type { CloudName } from './clouds.ts'
import { outputOf } from './suite.ts'
import { toolsFolder } from './tools.ts'

const playbook = join(import.meta.dirname, 'ansible-tenant.yml')
const program = join(toolsFolder, 'ansible-14.5.0/bin/ansible-playbook')

test('each task of a playbook does on the simulator what it does on the lab', { timeout: 1_800_000 }, async () => {
  const lab = await runsOn('lab')
  expect(lab.first.filter((task) => task.endsWith(': changed')).length).toBeGreaterThan(15)
  expect(lab.gone.filter((task) => task.endsWith(': changed')).length).toBeGreaterThan(8)
  expect(await runsOn('simulator')).toEqual(lab)
})

type Runs = { readonly first: readonly string[]; readonly again: readonly string[]; readonly gone: readonly string[] }

async function runsOn(name: CloudName): Promise<Runs> {
  const cloud = await openCloud(name)
  const home = await mkdtemp(join(tmpdir(), 'ansible-'))
  try {
    await writeFile(join(home, 'clouds.yaml'), cloudsYamlOf(cloud))
    const env = {
      HOME: home,
      PATH: `${dirname(program)}:/usr/bin:/bin`,
      LC_ALL: 'C.UTF-8',
      OS_CLIENT_CONFIG_FILE: join(home, 'clouds.yaml'),
      OS_CLOUD: 'cloud',
      ANSIBLE_LOCALHOST_WARNING: 'false',
      ANSIBLE_INVENTORY_UNPARSED_WARNING: 'false',
    }
    const play = async (...argv: readonly string[]) =>
      tasksIn(await outputOf(program, [playbook, ...argv], { cwd: home, env }))
    return { first: await play(), again: await play(), gone: await play('-e', 'gone=yes') }
  } finally {
    await cloud.close()
    await rm(home, { recursive: true })
  }
}

/** `module: changed`, in order; what was left out by `when` is left out. */
function tasksIn(output: string): readonly string[] {
  const parts = output.split(/\nTASK \[/).slice(1)
  expect(parts.length, output).toBeGreaterThan(0)
  return parts.flatMap((part) => {
    const [, module = ''] = /^([^\]]+)\]/.exec(part) ?? []
    const [, end = part] = /^(ok|changed|skipping|fatal): \[localhost\]/m.exec(part) ?? []
    // what a failed one said
    return end === 'skipping' ? [] : [`${module}: ${end === 'fatal' ? part : end}`]
  })
}
