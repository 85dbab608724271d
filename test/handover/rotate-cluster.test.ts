/** The credential of a cluster, exchanged by Magnum and its driver, and read back. */
import { expect, test } from 'vitest'
import type { Seed } from '../../src/simulator/seed.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

const young: Seed = { preset: 'epoxy', isPersonaBuilt: true, magnum: '2026.2' }

async function onboard(seed: Seed): Promise<{ readonly bed: SimulatedTestBed; readonly file: string }> {
  const bed = await openSimulated(seed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
  return { bed, file }
}

const children = ({ cloud }: SimulatedTestBed) =>
  cloud.state.applicationCredentials.filter(({ name }) => name.startsWith('magnum-'))

test('it gets a new one, the old one is gone, and the next run has nothing to do', async () => {
  const { bed, file } = await onboard(young)
  const [old] = children(bed)
  const { code, out, err } = await bed.run('rotate', file, '--cluster', 'acme-cluster', '--yes')
  expect(code, out + err).toBe(0)
  expect(out).toContain('cluster acme-cluster has a new credential')
  expect(out).toContain(`gone: ${old?.name ?? ''}`)
  const now = children(bed)
  expect(now).toHaveLength(1)
  expect(now[0]?.id).not.toBe(old?.id)
  const again = await bed.run('apply', file, '--yes', '-o', 'json')
  expect(JSON.parse(again.out)).toMatchObject({ ok: true, changingRequests: 0 })
  await bed.remove()
})

test('a cluster of another account becomes that of the cluster account', async () => {
  const { bed, file } = await onboard(young)
  const { clusters, users } = bed.cloud.state
  const [row] = clusters.values()
  const other = users.find(({ name }) => name === 'acme-svc')
  const creator = users.find(({ name }) => name === 'acme-cluster')
  if (row === undefined || other === undefined || creator === undefined) throw new Error('there is a cluster')
  clusters.set(row.uuid, { ...row, user_id: other.id })
  const { code, out, err } = await bed.run('rotate', file, '--cluster', 'acme-cluster', '--yes', '-o', 'json')
  expect(code, out + err).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, formerOwner: other.id })
  expect(clusters.get(row.uuid)?.user_id).toBe(creator.id)
  await bed.remove()
})

test.each([
  ['a Magnum before 2025.2', { ...young, magnum: undefined }, 'rotate/magnum-too-old'],
  ['capi-helm 1.2', { ...young, capiHelm: '1.2' }, 'rotate/driver-too-old'],
  ["Heat's driver", { isPersonaBuilt: true, magnum: '2026.1' }, 'rotate/no-cluster-credential'],
  ['a credential that stays', { ...young, faults: ['child-credential-stays'] }, 'rotate/cluster-credential-stays'],
] as const)('%s: exit 3, and the reason', async (_, { magnum, ...seed }, reason) => {
  const { bed, file } = await onboard({ ...seed, ...(magnum === undefined ? {} : { magnum }) })
  const { code, out } = await bed.run('rotate', file, '--cluster', 'acme-cluster', '--yes')
  expect(code).toBe(3)
  expect(out).toContain(reason)
  await bed.remove()
})

test('neither or both of what can be rotated, and a cluster that the file does not name, are usage', async () => {
  const { bed, file } = await onboard(young)
  for (const options of [[], ['--account', 'svc', '--cluster', 'acme-cluster'], ['--cluster', 'other']])
    expect((await bed.run('rotate', file, '--yes', ...options)).code).toBe(2)
  expect(children(bed)).toHaveLength(1)
  await bed.remove()
})
