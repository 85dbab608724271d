import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { State } from '../../src/simulator/state.ts'
import { exampleTenant, openSimulated } from '../onboarding/stand.ts'
import type { SimulatedStand } from '../onboarding/stand.ts'

let stand: SimulatedStand
let file: string
let before: readonly string[]

beforeEach(async () => {
  stand = await openSimulated()
  before = pictureOf(stand.cloud.state)
  file = await stand.write('tenant.yaml', await exampleTenant('acme'))
})

afterEach(() => stand.remove())

/**
 * Every row of every table: what was before the tenant came is compared with what is after it went. Tokens and jobs apart, and
 * the operator's own `default` group, which Neutron makes when it is first asked for groups.
 */
function pictureOf(state: State): readonly string[] {
  const operator = state.projects.find(({ name }) => name === 'admin')?.id
  return Object.entries(state)
    .filter(([name]) => !['tokens', 'jobs'].includes(name))
    .flatMap(([name, table]) => [...table.entries()].map(([key, row]) => `${name} ${key} ${JSON.stringify(row)}`))
    .filter((line) => !(line.startsWith('securityGroups') && line.includes(`"project_id":"${operator ?? ''}"`)))
    .sort()
}

async function apply(): Promise<void> {
  const { code, err } = await stand.run('apply', file, '--yes')
  expect(code, err).toBe(0)
}

test('a tenant with its cluster goes, and the cloud is as it was before it came', async () => {
  await apply()
  expect(stand.cloud.state.clusters.size).toBe(1)
  const { code, out, err } = await stand.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(stand.cloud.state)).toEqual(before)
  // the evidence stays, what signed in does not
  const home = join(stand.folder, 'tenant-onboard', 'lab', 'acme')
  expect(await readdir(home)).not.toContain('secrets')
  expect(await readdir(home)).toContain('evidence.jsonl')
  expect((await stand.run('status', file)).out).not.toContain('validated')
})
