import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { State } from '../../src/simulator/state.ts'
import { exampleTenant, openSimulated } from '../onboarding/stand.ts'
import type { SimulatedStand } from '../onboarding/stand.ts'

let stand: SimulatedStand
let file: string
let before: string

beforeEach(async () => {
  stand = await openSimulated()
  before = pictureOf(stand.cloud.state)
  file = await stand.write('tenant.yaml', await exampleTenant('acme'))
})

afterEach(() => stand.remove())

/** Every row of every table, tokens apart: what was before the tenant came is compared with what is after it went. */
function pictureOf(state: State): string {
  const tables = Object.entries(state).filter(([name]) => !['tokens', 'jobs'].includes(name))
  return JSON.stringify(tables.map(([name, table]) => [name, [...table.entries()]]))
}

test('a tenant with its cluster goes, and the cloud is as it was before it came', async () => {
  const applied = await stand.run('apply', file, '--yes')
  expect(applied.code, applied.err).toBe(0)
  expect(stand.cloud.state.clusters.size).toBe(1)
  const { code, out, err } = await stand.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(stand.cloud.state)).toBe(before)
})
