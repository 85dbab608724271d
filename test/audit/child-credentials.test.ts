/** The credentials that capi-helm leaves of clusters, by the driver's release. */
import { expect, test } from 'vitest'
import type { Finding } from '../../src/finding.ts'
import { deleteCluster } from '../../src/openstack/magnum/clusters.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { sessionOf } from '../onboarding/cluster-test-bed.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

async function onboard(seed: Seed): Promise<{ readonly bed: SimulatedTestBed; readonly file: string }> {
  const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true, ...seed })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
  return { bed, file }
}

async function deleteByHand(bed: SimulatedTestBed): Promise<void> {
  const [row] = bed.cloud.state.clusters.values()
  await deleteCluster(await sessionOf(bed, 'creator'), row?.uuid ?? '')
  const look = await sessionOf(bed, 'operator')
  for (let round = 0; round < 4; round += 1) {
    await bed.clock.sleep(10_000)
    await look.request({ service: 'container-infra', method: 'GET', path: '/clusters', query: { limit: round + 1 } })
  }
}

async function auditOf(
  { bed, file }: { readonly bed: SimulatedTestBed; readonly file: string },
  ...options: readonly string[]
): Promise<{ readonly code: number; readonly found: readonly Finding[] }> {
  const { code, out, err } = await bed.run('audit', file, '-o', 'json', ...options)
  if (out === '') throw new Error(err)
  const { findings } = JSON.parse(out) as { readonly findings: readonly Finding[] }
  return { code, found: findings.filter(({ code: one }) => one.startsWith('audit/child-credential')) }
}

test.each([
  ['1.4', undefined, []],
  ['1.4', '2026.2', []],
  ['1.2', undefined, ['DELETE_IN_PROGRESS']],
] as const)('capi-helm %s on Magnum %s: a credential that could not be removed', async (capiHelm, magnum, states) => {
  const made = await onboard({
    capiHelm,
    ...(magnum === undefined ? {} : { magnum }),
    faults: ['child-credential-stays'],
  })
  const { bed, file } = made
  const whole = await auditOf(made)
  expect(whole.found).toEqual([])
  await deleteByHand(bed)
  expect(bed.cloud.state.clusters.map(({ status }) => status)).toEqual(states)
  const { code, found } = await auditOf(made)
  // while the cluster is there, `diagnose` says what holds it up
  expect(found.map(({ severity }) => severity)).toEqual(states.length === 0 ? ['error'] : [])
  if (states.length === 0) {
    expect(code).toBe(3)
    expect(found[0]?.message).toMatch(/does not exist, .* `acme-cluster` .*: it signs in with load-balancer_member, /)
    // it goes with its owner
    const { out, err } = await bed.run('offboard', file, '--confirm', 'acme')
    expect(out, err).toContain('nothing of acme is left')
    expect(bed.cloud.state.applicationCredentials.size).toBe(0)
  }
  await bed.remove()
})

test('of an account outside of all tenants it is found with --deep alone', async () => {
  const made = await onboard({ capiHelm: '1.4' })
  const { applicationCredentials, users } = made.bed.cloud.state
  const [child] = applicationCredentials.filter(({ name }) => name.startsWith('magnum-'))
  const admin = users.find(({ name }) => name === 'admin')
  if (child === undefined || admin === undefined) throw new Error('there is a credential')
  const name = 'magnum-00000000-0000-4000-8000-000000000000-12345678'
  applicationCredentials.set('left', { ...child, id: 'left', name, user_id: admin.id })
  expect((await auditOf(made)).found).toEqual([])
  expect((await auditOf(made, '--deep')).found.map(({ where }) => where)).toEqual([`application credential ${name}`])
  await made.bed.remove()
})

test('two for one living cluster: one of them is not in use', async () => {
  const made = await onboard({ capiHelm: '1.4' })
  const { applicationCredentials } = made.bed.cloud.state
  const [child] = applicationCredentials.filter(({ name }) => name.startsWith('magnum-'))
  if (child === undefined) throw new Error('there is a credential')
  const name = child.name.replace(/[0-9a-f]{8}$/, '12345678')
  applicationCredentials.set('before', { ...child, id: 'before', name })
  const { found } = await auditOf(made)
  expect(found.map(({ severity, where }) => [severity, where])).toEqual([['warning', 'cluster acme-cluster']])
  await made.bed.remove()
})
