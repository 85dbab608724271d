import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import type { Network } from '../../src/simulator/state.ts'
import { pictureOf } from './picture.ts'

/* What is left of a project that Keystone has forgotten: found, attributed, or told. */

let bed: SimulatedTestBed
let file: string
let before: readonly string[]

beforeEach(async () => {
  bed = await openSimulated()
  before = pictureOf(bed.cloud.state)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
})

afterEach(() => bed.remove())

test('with the project deleted first and the data directory lost, what carries the marker goes', async () => {
  forgetProject()
  await rm(join(bed.folder, 'tenant-onboard'), { recursive: true })
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(err).toContain('delete network acme-net as operator')
  expect(pictureOf(bed.cloud.state)).toEqual(before)
  // nobody can look into the deleted project any more
  expect(out).toContain('not shown: whether something of acme is left')
  expect(out.replace(/\s+/g, ' ')).toContain('no API shows which secrets and stacks it left')
  expect(code).toBe(3)
})

test('with the domain deleted as well, the marker is the record that there was one', async () => {
  forgetProject()
  const domain = idOf('domains', 'acme')
  bed.cloud.state.users.deleteWhere(({ domain_id }) => domain_id === domain)
  bed.cloud.state.domains.delete(domain)
  await rm(join(bed.folder, 'tenant-onboard'), { recursive: true })
  const { code, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(err).toContain('delete router acme-router as operator')
  expect(bed.cloud.state.networks.some(({ name }) => name === 'acme-net')).toBe(false)
  expect(code).toBe(3)
})

test('what nobody can attribute is told, and the verdict says so', async () => {
  plant({ name: 'stray', description: '' })
  const dry = await bed.run('offboard', file, '--dry-run', '-o', 'json')
  expect(dry.code).toBe(3)
  expect(JSON.parse(dry.out)).toMatchObject({
    ok: false,
    findings: expect.arrayContaining([
      expect.objectContaining({ code: 'offboard/ownerless', severity: 'unknown', where: `project ${dead}` }),
    ]) as unknown,
  })
  const { code, out } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out).toContain('not shown: whether something of acme is left')
  expect(out).toContain('network `stray`')
  expect(code).toBe(3)
  expect(bed.cloud.state.networks.get('planted')?.name).toBe('stray')
  // the rest of it has gone, and with the stray gone it is shown
  bed.cloud.state.networks.delete('planted')
  const again = await bed.run('offboard', file, '--confirm', 'acme')
  expect(again.out).toContain('nothing of acme is left')
  expect(again.code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test("another tenant's marker attributes as well", async () => {
  plant({ name: 'stray', description: 'private network [tenant-onboard globex]' })
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(bed.cloud.state.networks.has('planted')).toBe(true)
})

test('a name alone is no evidence, until the operator says so', async () => {
  plant({ name: 'acme-net', description: '' })
  const dry = await bed.run('offboard', file, '--dry-run')
  expect(dry.out).toContain('--adopt')
  expect(dry.out).not.toMatch(/delete +operator +network acme-net/)
  const adopted = await bed.run('offboard', file, '--confirm', 'acme', '--adopt')
  expect(adopted.err).toContain('delete network acme-net as operator')
  expect(bed.cloud.state.networks.has('planted')).toBe(false)
})

const dead = 'd'.repeat(32)

/** A network of a project that Keystone does not know. */
function plant(fields: Pick<Network, 'name' | 'description'>): void {
  const own = bed.cloud.state.networks.find(({ name }) => name === 'acme-net')
  if (own === undefined) throw new Error('the tenant has a network')
  bed.cloud.state.networks.set('planted', { ...own, ...fields, id: 'planted', project_id: dead })
}

/** As Keystone deletes it: other services keep what it had. */
function forgetProject(): void {
  const { state } = bed.cloud
  const id = idOf('projects', 'acme-prod')
  state.grants.deleteWhere(({ targetId }) => targetId === id)
  state.trusts.deleteWhere(({ project_id }) => project_id === id)
  state.projects.delete(id)
}

function idOf(table: 'projects' | 'domains', name: string): string {
  return bed.cloud.state[table].find((row) => row.name === name)?.id ?? ''
}
