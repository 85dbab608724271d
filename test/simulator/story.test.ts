/** What the operators of the charmed cloud met, one incident after the other (docs/simulator.md). */
import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { domainManagerOverride, trustRuleOverride } from './override.ts'
import { runRunbook } from './runbook.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'

/** Clusters take no time at all. */
function charmed(seed: Seed = {}): Cloud {
  const pace = { clusterAccepted: 0, clusterCreated: 0 }
  return createCloud({ preset: 'caracal-charmed', ...seed }, { pace })
}

function trusteesOf(cloud: Cloud): readonly string[] {
  const magnum = cloud.state.domains.find((domain) => domain.name === 'magnum')
  return cloud.state.users
    .filter((user) => user.domain_id === magnum?.id && user.name !== 'magnum_domain_admin')
    .map((user) => user.name)
}

test('without an override the runbook stops where the manager makes its project', async () => {
  const outcome = await runRunbook(charmed(), 'password')
  expect(outcome.stoppedAt).toBe('2.1')
  expect(outcome.message).toContain('identity:create_project')
})

test('with the create rules corrected it stops at the cluster, whose trust nobody may create', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome).toMatchObject({ stoppedAt: '6' })
  expect(outcome.message).toMatch(/^CREATE_FAILED: Failed to create trustee or trust for Cluster: /)
  expect(trusteesOf(cloud)).toHaveLength(1) // so it was the trust and not the trustee
  expect(cloud.state.trusts.size).toBe(0)
})

test('with the trust rule corrected too an application credential still makes no trust', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride, trustRuleOverride] })
  const outcome = await runRunbook(cloud, 'application-credential')
  expect(outcome.stoppedAt).toBe('6')
  expect(outcome.message).toMatch(/^CREATE_FAILED: Failed to create trustee or trust for Cluster: /)
  expect(trusteesOf(cloud)).toHaveLength(1)
  expect(cloud.state.trusts.size).toBe(0)
})

test('by password it gets as far as the certificate store, while that is cut off', async () => {
  const overrides = [domainManagerOverride, trustRuleOverride]
  const cloud = charmed({ overrides, faults: ['certificate-store'] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome.stoppedAt).toBe('6')
  expect(outcome.message).toMatch(/^CREATE_FAILED: Failed to create certificates for Cluster: /)
  expect(cloud.state.trusts.size).toBe(1)
})

test('by password and with a certificate store it reaches CREATE_COMPLETE', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride, trustRuleOverride] })
  expect(await runRunbook(cloud, 'password')).toEqual({ stoppedAt: 'done', message: 'CREATE_COMPLETE' })
  expect(cloud.state.servers.map((server) => server.status)).toEqual(['ACTIVE', 'ACTIVE'])
  expect(cloud.state.containers.size).toBe(4)
})

test('before OSSA-2026-015 the same application credential creates the cluster', async () => {
  const overrides = [domainManagerOverride, trustRuleOverride]
  const cloud = charmed({ preset: 'caracal-unpatched', overrides })
  expect(await runRunbook(cloud, 'application-credential')).toMatchObject({ stoppedAt: 'done' })
})

test('the dead create rules stop a manager who may create otherwise', async () => {
  const faulty = charmed({ preset: 'epoxy', overrides: [nativeRoles], faults: ['dead-create-rules'] })
  expect(await runRunbook(faulty, 'password')).toMatchObject({ stoppedAt: '2.1' })
})

test.each([
  ['dead-trust-rule', 'Failed to create trustee or trust', 1],
  ['magnum-domain-admin-lost', 'Failed to create trustee or trust', 0],
  ['certificate-store', 'Failed to create certificates', 1],
  ['image-without-kube-version', 'does not have a kube_version property', 1],
  // Cluster API tries again for ever, and says nothing of it to Magnum
  ['quota-met-late', 'CREATE_IN_PROGRESS: null', 1],
  ['compute-quota-met', 'CREATE_IN_PROGRESS: null', 1],
] as const)('the fault %s stops a cluster that would complete without it', async (fault, message, trustees) => {
  const cloud = charmed({ preset: 'epoxy', overrides: [nativeRoles], faults: [fault] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome.stoppedAt).toBe('6')
  expect(outcome.message).toContain(message)
  expect(trusteesOf(cloud)).toHaveLength(trustees)
  const healthy = charmed({ preset: 'epoxy', overrides: [nativeRoles] })
  expect(await runRunbook(healthy, 'password')).toMatchObject({ stoppedAt: 'done' })
})

test.each([
  ['image-without-distribution', '5', 'Cluster type (vm, None, kubernetes) not supported.'],
  ['no-addresses', '4', 'No more IP addresses available on network'],
] as const)('the fault %s is met at stage %s', async (fault, stage, message) => {
  const cloud = charmed({ preset: 'epoxy', overrides: [nativeRoles], faults: [fault] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome.stoppedAt).toBe(stage)
  expect(outcome.message).toContain(message)
})

test('a policy of the charm hides the domain manager that 2025.1 knows', async () => {
  const outcome = await runRunbook(charmed({ preset: 'epoxy-charmed', overrides: [nativeRoles] }), 'password')
  expect(outcome.stoppedAt).toBe('2.1')
})

/** The native persona may not grant load-balancer_member until this one rule says so. */
const nativeRoles = `
"domain_managed_target_role": "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s"
`
