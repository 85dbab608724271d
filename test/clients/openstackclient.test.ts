/** 121 commands of everyday, typed with three `openstack` of as many years at the served simulator. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createCloud } from '../../src/simulator/cloud.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { serve } from '../../src/simulator/serve.ts'
import { toolsFolder } from './tools.ts'

const Typed = z.object({ typed: z.string(), code: z.number(), out: z.string(), err: z.string() })

/** What the simulator does not have: docs/simulator.md names it. Each of them ends 0 on the lab. */
const missing: Readonly<Record<string, string>> = {
  'availability zone list -f json': 'GET /v2.1/os-availability-zone/detail',
  'server group create --policy anti-affinity osc-sg -f json': 'POST /v2.1/os-server-groups',
  'server group delete osc-sg': '1 of 1 server groups failed to delete',
  'subnet create --network osc-net --ip-version 6 --subnet-range fd00:99::/64 --ipv6-ra-mode slaac --ipv6-address-mode slaac osc-sub6 -f json':
    'IPv6 subnets',
  'subnet pool create --pool-prefix 10.98.0.0/16 osc-pool -f json': 'POST /v2.0/subnetpools',
  'volume create --size 1 osc-vol -f json': 'volumes (block-storage)',
}

test.each([
  ['6.0.0', '/usr/bin/python3'],
  ['7.4.0', join(toolsFolder, 'openstackclient-7.4.0/bin/python')],
  ['10.3.0', join(toolsFolder, 'openstackclient-10.3.0/bin/python')],
])('openstackclient %s ends well, but for what is named', { timeout: 900_000 }, async (version, python) => {
  const home = await mkdtemp(join(tmpdir(), 'clients-'))
  const cloud = createCloud()
  const served = await serve({ cloud, port: 0 })
  try {
    await writeFile(join(home, 'clouds.yaml'), renderClouds(cloud, { name: 'sim' }))
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: home,
      LC_ALL: 'C.UTF-8',
      OS_CLIENT_CONFIG_FILE: join(home, 'clouds.yaml'),
      OS_CLOUD: 'sim',
    }
    const folder = import.meta.dirname
    const { stdout } = await promisify(execFile)(python, [join(folder, 'typed.py'), join(folder, 'commands.txt')], {
      env,
      cwd: home,
      maxBuffer: 2 ** 26,
    })
    const ends = stdout
      .trim()
      .split('\n')
      .map((line) => Typed.parse(JSON.parse(line)))
    expect(ends.length, version).toBeGreaterThan(118)
    const refused = ends.filter(({ code }) => code !== 0)
    expect(refused.map(({ typed }) => typed).toSorted()).toEqual(Object.keys(missing).toSorted())
    for (const { typed, err } of refused) expect(err).toContain(missing[typed])
    for (const { typed, code, out } of ends)
      if (code === 0 && typed.endsWith('-f json')) expect(() => z.json().parse(JSON.parse(out)), typed).not.toThrow()
  } finally {
    await served.close()
    await rm(home, { recursive: true })
  }
})
