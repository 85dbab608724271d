import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { homeOf } from '../../src/tenant/home.ts'
import type { Home } from '../../src/tenant/home.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated()
})

afterEach(() => bed.remove())

const home = (tenant: string): Home => homeOf(join(bed.folder, 'tenant-onboard'), 'lab', tenant)

/** Applies to the isolation of a tenant, and says whether a throwaway domain was made for it. */
async function proves(tenant: string): Promise<boolean> {
  const file = await bed.write(`${tenant}.yaml`, await exampleTenant(tenant))
  const before = bed.sent.length
  const { code } = await bed.run('apply', file, '--yes', '--until', 'isolation')
  expect(code).toBe(0)
  // its own domain is one; a second is a throwaway
  const made = bed.sent.slice(before).filter(({ method, path }) => method === 'POST' && path.endsWith('/v3/domains'))
  return made.length === 2
}

test('the next tenant within an hour counts on the proof of the one before, and its evidence says so', async () => {
  expect(await proves('acme')).toBe(true)
  expect(await proves('birch')).toBe(false)
  const gates = await Promise.all(
    ['acme', 'birch'].map(async (tenant) => {
      const record = (await readEvidence(home(tenant).evidence)).find((one) => one.kind === 'gate')
      return record?.kind === 'gate' ? record : undefined
    }),
  )
  const [first, second] = gates.map((gate) => gate?.checks.map(({ claim }) => claim) ?? [])
  expect(second).toContain('the cloud was proved less than an hour before, with tenant acme')
  expect(second?.filter((claim) => !claim.startsWith('the cloud was proved'))).toEqual(first)
  const ids = (index: number) => gates[index]?.checks.find(({ claim }) => claim.includes('trust'))?.requestIds
  expect(ids(1)).toEqual(ids(0))
  const { proof } = home('acme')
  const anHourAgo = new Date(bed.clock.now().getTime() - 3600 * 1000).toISOString()
  await writeFile(proof, (await readFile(proof, 'utf8')).replace(/"at": "[^"]*"/, `"at": "${anHourAgo}"`))
  expect(await proves('cedar')).toBe(true)
})

test('a stage that fails, `preflight --probe` and a file that is not ours end it', async () => {
  expect(await proves('acme')).toBe(true)
  const { proof } = home('acme')
  await writeFile(proof, (await readFile(proof, 'utf8')).replace('"ok": true', '"ok": false'))
  expect(await proves('birch')).toBe(true)
  const kept = await readFile(proof, 'utf8')
  expect((await bed.run('preflight', join(bed.folder, 'birch.yaml'), '--probe')).code).toBe(0)
  expect(await readFile(proof, 'utf8')).not.toBe(kept)
  expect(await proves('cedar')).toBe(false)
  const wrong = await bed.write('dingo.yaml', await exampleTenant('dingo'))
  bed.cloud.damage('magnum-domain-admin-password')
  expect((await bed.run('apply', wrong, '--yes')).out).toContain('cannot create quota')
  await expect(readFile(proof, 'utf8')).rejects.toThrow('ENOENT')
})
