/** The certificates that Magnum leaves in Barbican, by release and driver, and what can be said of them. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Seed } from '../../src/simulator/seed.ts'
import type { State } from '../../src/simulator/state.ts'
import { sessionOf } from '../onboarding/cluster-test-bed.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { deleteCluster } from '../../src/openstack/magnum/clusters.ts'

const magnum15: Seed = {
  isPersonaBuilt: true,
  magnumDriver: 'capi-helm',
  images: [
    {
      name: 'ubuntu-2204-kube-v1.28.8',
      properties: { os_distro: 'ubuntu', os_type: 'linux', kube_version: 'v1.28.8' },
    },
  ],
}

const releases: readonly (readonly [string, Seed])[] = [
  ['15', magnum15],
  ['18', { preset: 'caracal-charmed', base: 'default', isPersonaBuilt: true }],
  ['20', { preset: 'epoxy', isPersonaBuilt: true }],
  ['23', { preset: 'epoxy', isPersonaBuilt: true, magnum: '2026.2' }],
]

async function onboard(seed: Seed): Promise<{ readonly bed: SimulatedTestBed; readonly file: string }> {
  const bed = await openSimulated(seed)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
  return { bed, file }
}

function kept({ containers, secrets }: State): readonly [number, number] {
  return [containers.size, secrets.size]
}

test.each(releases)('Magnum %s: none is left of a cluster that offboard itself deletes', async (_, seed) => {
  const { bed, file } = await onboard(seed)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(kept(bed.cloud.state)).toEqual([0, 0])
  await bed.remove()
})

/** The creator deletes its cluster by hand: Magnum then knows nothing of it. */
async function deleteByHand(bed: SimulatedTestBed): Promise<void> {
  const [row] = bed.cloud.state.clusters.values()
  await deleteCluster(await sessionOf(bed, 'creator'), row?.uuid ?? '')
  const look = await sessionOf(bed, 'operator')
  for (let round = 0; bed.cloud.state.clusters.size > 0 && round < 20; round += 1) {
    await bed.clock.sleep(1000)
    await look.request({ service: 'container-infra', method: 'GET', path: '/clusters' })
  }
}

test.each([...releases.map(([release, seed]) => [release, seed, 'there'] as const), ['15', magnum15, 'lost'] as const])(
  'Magnum %s: none is left of one that went before; data directory: %s, %s',
  async (_, seed, home) => {
    const { bed, file } = await onboard(seed)
    await deleteByHand(bed)
    expect(bed.cloud.state.containers.size).toBeGreaterThan(0)
    if (home === 'lost') await rm(join(bed.folder, 'tenant-onboard'), { recursive: true })
    const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
    expect(out, err).toContain('nothing of acme is left')
    expect(code).toBe(0)
    expect(kept(bed.cloud.state)).toEqual([0, 0])
    await bed.remove()
  },
)

test('a living cluster of the same name does not hide those of a dead one: the id tells them apart', async () => {
  const { bed, file } = await onboard(magnum15)
  const [row] = bed.cloud.state.clusters.values()
  await deleteByHand(bed)
  if (row === undefined) throw new Error('there is a cluster')
  const elsewhere = { ...row, uuid: '33333333-3333-4333-8333-333333333333', project_id: 'f'.repeat(32), parts: [] }
  bed.cloud.state.clusters.set(elsewhere.uuid, { ...elsewhere, user_id: 'e'.repeat(32), cluster_template_id: 'other' })
  const left = [...bed.cloud.state.containers.values()]
  for (const one of left.slice(0, 1)) {
    const id = '44444444-4444-4444-8444-444444444444'
    bed.cloud.state.containers.set(id, { ...one, id, consumers: [elsewhere.uuid] })
  }
  await bed.run('offboard', file, '--confirm', 'acme')
  expect([...bed.cloud.state.containers.keys()]).toEqual(['44444444-4444-4444-8444-444444444444'])
  await bed.remove()
})

test('what nothing attributes stays, is told with its names, and the claim is about known clusters', async () => {
  const { bed, file } = await onboard(magnum15)
  const { containers } = bed.cloud.state
  const [some] = containers.values()
  if (some === undefined) throw new Error('the cluster has certificates')
  const id = '44444444-4444-4444-8444-444444444444'
  const consumers = ['55555555-5555-4555-8555-555555555555']
  containers.set(id, { ...some, id, name: 'long-gone', secretRefs: [], consumers })
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme', '-o', 'json')
  expect(code, err).toBe(0)
  expect([...containers.keys()]).toEqual([id])
  const told = JSON.parse(out) as { readonly findings: readonly { readonly code: string; readonly message: string }[] }
  const [finding] = told.findings.filter((one) => one.code === 'offboard/certificates-of-nobody')
  expect(finding?.message).toMatch(/keeps 1 certificates? .* \(long-gone\); nothing says whose/)
  expect(out).toContain('no certificate of a known cluster of acme')
  await bed.remove()
})
