/** What the operators of the charmed cloud met, one incident after the other (docs/simulator.md, the story). */
import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { domainManagerOverride, trustRuleOverride } from '../../src/simulator/override.ts'
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
  expect(outcome.words).toContain('identity:create_project')
})

test('with the create rules mended it stops at the cluster, whose trust nobody may create', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome).toMatchObject({ stoppedAt: '6' })
  expect(outcome.words).toMatch(/^CREATE_FAILED: Failed to create trustee or trust for Cluster: /)
  expect(trusteesOf(cloud)).toHaveLength(1) // so it was the trust and not the trustee
  expect(cloud.state.trusts.size).toBe(0)
})

test('with the trust rule mended too an application credential still makes no trust', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride, trustRuleOverride] })
  const outcome = await runRunbook(cloud, 'application-credential')
  expect(outcome.stoppedAt).toBe('6')
  expect(outcome.words).toMatch(/^CREATE_FAILED: Failed to create trustee or trust for Cluster: /)
  expect(trusteesOf(cloud)).toHaveLength(1)
  expect(cloud.state.trusts.size).toBe(0)
})

test('by password it gets as far as the certificate store, while that is cut off', async () => {
  const overrides = [domainManagerOverride, trustRuleOverride]
  const cloud = charmed({ overrides, faults: ['certificate-store'] })
  const outcome = await runRunbook(cloud, 'password')
  expect(outcome.stoppedAt).toBe('6')
  expect(outcome.words).toMatch(/^CREATE_FAILED: Failed to create certificates for Cluster: /)
  expect(cloud.state.trusts.size).toBe(1)
})

test('by password and with a certificate store it reaches CREATE_COMPLETE', async () => {
  const cloud = charmed({ overrides: [domainManagerOverride, trustRuleOverride] })
  expect(await runRunbook(cloud, 'password')).toEqual({ stoppedAt: 'done', words: 'CREATE_COMPLETE' })
  expect(cloud.state.servers.map((server) => server.status)).toEqual(['ACTIVE', 'ACTIVE'])
  expect(cloud.state.containers.size).toBe(4)
})

test('before OSSA-2026-015 the same application credential creates the cluster', async () => {
  const overrides = [domainManagerOverride, trustRuleOverride]
  const cloud = charmed({ preset: 'caracal-unpatched', overrides })
  expect(await runRunbook(cloud, 'application-credential')).toMatchObject({ stoppedAt: 'done' })
})

test.each([
  ['dead-create-rules', 'Failed to create trustee or trust', 0],
  ['dead-trust-rule', 'Failed to create trustee or trust', 1],
  ['magnum-domain-admin-lost', 'Failed to create trustee or trust', 0],
  ['image-without-kube-version', 'does not have a kube_version property', 1],
] as const)('the fault %s stops a cluster that would complete without it', async (fault, words, trustees) => {
  // The create rules are mended for the manager only in the first case's own file, so the operator makes the tenant.
  const cloud = charmed({ preset: 'epoxy', overrides: [nativeRoles], faults: [fault] })
  const outcome = await runRunbook(cloud, 'password')
  if (fault === 'dead-create-rules') {
    expect(outcome.stoppedAt).toBe('1')
    return
  }
  expect(outcome.words).toContain(words)
  expect(trusteesOf(cloud)).toHaveLength(trustees)
  const healthy = charmed({ preset: 'epoxy', overrides: [nativeRoles] })
  expect(await runRunbook(healthy, 'password')).toMatchObject({ stoppedAt: 'done' })
})

/** The native persona may not grant load-balancer_member until this one rule says so. */
const nativeRoles = `
"domain_managed_target_role": "'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s"
`
