/**
 * 121 commands of everyday, typed with three `openstack` of as many years on the lab and at the served simulator: each ends on
 * both alike, and prints the same columns with values of the same kind.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { cloudsYamlOf, openCloud } from './clouds.ts'
import type { CloudName } from './clouds.ts'
import { outputOf } from './suite.ts'
import { toolsFolder } from './tools.ts'

const Typed = z.object({ typed: z.string(), code: z.number(), out: z.string(), err: z.string() })
type Typed = z.infer<typeof Typed>

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

/** What the lab refuses: its Neutron has no QoS. */
const refusedByLab = ['network qos policy list -f json']

/** Columns that one of both has, or values of another kind, by command. */
const otherwise: Readonly<Record<string, string>> = {
  // none could be made
  'server group list -f json':
    'ID: string on the lab, absent on the simulator; Name: string on the lab, absent on the simulator; Policy: string on the lab, absent on the simulator',
}

test.each([
  ['6.0.0', '/usr/bin/python3'],
  ['7.4.0', join(toolsFolder, 'openstackclient-7.4.0/bin/python')],
  ['10.3.0', join(toolsFolder, 'openstackclient-10.3.0/bin/python')],
])('openstackclient %s says on the simulator what it says on the lab', { timeout: 1_800_000 }, async (_, python) => {
  const lab = await typedOn('lab', python)
  const simulator = await typedOn('simulator', python)
  expect(lab.length).toBeGreaterThan(118)
  expect(refusedOf(lab)).toEqual(refusedByLab)
  expect(refusedOf(simulator)).toEqual(Object.keys(missing).toSorted())
  for (const { typed, err } of simulator) if (missing[typed] !== undefined) expect(err).toContain(missing[typed])
  const differing = simulator.flatMap((here) => {
    const there = lab.find(({ typed }) => typed === here.typed)
    if (there === undefined || here.code !== 0 || there.code !== 0 || !here.typed.endsWith('-f json')) return []
    const [one, other] = [printed(there), printed(here)]
    const difference = [...new Set([...one.keys(), ...other.keys()])]
      .filter((key) => one.get(key) !== other.get(key))
      .map((key) => `${key}: ${one.get(key) ?? 'absent'} on the lab, ${other.get(key) ?? 'absent'} on the simulator`)
    return difference.length === 0 ? [] : [[here.typed, difference.join('; ')]]
  })
  expect(Object.fromEntries(differing)).toEqual(otherwise)
})

const refusedOf = (ends: readonly Typed[]): readonly string[] =>
  ends.flatMap(({ typed, code }) => (code === 0 ? [] : [typed])).toSorted()

async function typedOn(name: CloudName, python: string): Promise<readonly Typed[]> {
  const cloud = await openCloud(name)
  const home = await mkdtemp(join(tmpdir(), 'clients-'))
  try {
    await writeFile(join(home, 'clouds.yaml'), cloudsYamlOf(cloud))
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: home,
      LC_ALL: 'C.UTF-8',
      OS_CLIENT_CONFIG_FILE: join(home, 'clouds.yaml'),
      OS_CLOUD: 'cloud',
    }
    const folder = import.meta.dirname
    const output = await outputOf(python, [join(folder, 'typed.py'), join(folder, 'commands.txt')], { cwd: home, env })
    return output
      .trim()
      .split('\n')
      .map((line) => Typed.parse(JSON.parse(line)))
  } finally {
    await cloud.close()
    await rm(home, { recursive: true })
  }
}

/** The kind of each printed value by its column; of a list, of all its rows. An empty list has no columns. */
function printed({ typed, out }: Typed): ReadonlyMap<string, string> {
  const answer = z
    .union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown())])
    .parse(JSON.parse(out), {
      error: () => typed,
    })
  const kinds = new Map<string, Set<string>>()
  for (const row of Array.isArray(answer) ? answer : [answer])
    for (const [column, value] of Object.entries(row)) {
      const kind = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
      kinds.set(column, (kinds.get(column) ?? new Set()).add(kind))
    }
  return new Map([...kinds].map(([column, found]) => [column, [...found].toSorted().join(' or ')]))
}
