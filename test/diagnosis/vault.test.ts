/** Barbican and Vault on the command line: what is read of them, and what our own probes cost. */
import { beforeAll, describe, expect, test } from 'vitest'
import { breakCloud, diagnose, logBarbican, onboard, withVault } from './broken-cloud.ts'
import type { Onboarded, Told } from './broken-cloud.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const

function codes({ findings }: Told): readonly string[] {
  return findings.map(({ code }) => code)
}

describe('a tenant with a cluster', () => {
  let whole: Onboarded
  beforeAll(async () => {
    whole = await onboard(charmed)
  })

  test('its own certificate is read, not only a new secret: KV 1 made KV 2', async () => {
    breakCloud(whole, ['vault-kv-upgraded'])
    const { code, told } = await diagnose(whole, ...withVault)
    expect(code).toBe(3)
    expect(codes(told)).toEqual(['diagnosis/vault-kv-upgraded'])
    expect(told.findings[0]?.remedy).toContain('do not delete anything')
    const blind = await diagnose(whole)
    expect(codes(blind.told)).toEqual(['diagnosis/certificate-store'])
    expect(blind.told.findings[0]?.message).toContain('cannot give back certificates')
  })

  test('each role is judged by its addresses: the second of three units is stale', async () => {
    breakCloud(whole, ['vault-stale-second-unit'])
    logBarbican(whole, 'source address "10.12.12.177" unauthorized through CIDR restrictions on the secret ID')
    const { told } = await diagnose(whole, ...withVault)
    expect(codes(told)).toEqual(['diagnosis/vault-stale-secret-id'])
    expect(told.findings[0]?.where).toBe('AppRole charm-barbican-vault-1')
  })

  test('a token that reads bindings only is used as far as it goes', async () => {
    const options = ['--vault', 'https://simulator.test/vault', '--vault-token-file', 'vault-bindings.token'] as const
    breakCloud(whole, ['vault-stale-secret-id'])
    expect(codes((await diagnose(whole, ...options)).told)).toEqual(['diagnosis/vault-stale-secret-id'])
    breakCloud(whole, ['vault-locked-out'])
    logBarbican(whole, 'You are not authorized to complete this action.')
    const { told } = await diagnose(whole, ...options, '--barbican-log', 'barbican.log')
    expect(codes(told)).toEqual(['diagnosis/certificate-store'])
    const [finding] = told.findings
    expect(finding?.message).toMatch(/none of them shown: \(1\) Vault locked .*\(2\) the policy of/)
    expect(finding?.message).toContain('sys/locked-users: 403')
    expect(finding?.remedy).toContain('docs/diagnosis.md')
  })

  test('a Barbican that is not there is named, and Vault is left alone', async () => {
    breakCloud(whole, [])
    const { fetch } = whole.swap
    whole.swap.fetch = (url, init) =>
      url.includes('/key-manager/')
        ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        : fetch(url, init)
    const { told } = await diagnose(whole, ...withVault)
    expect(codes(told)).toEqual(['diagnosis/key-manager-down'])
  })

  test('a failing store is tried once, and then no certificate is read: each try may count towards a lockout', async () => {
    breakCloud(whole, ['vault-locked-out'])
    const before = whole.bed.sent.length
    await diagnose(whole, ...withVault)
    const tries = whole.bed.sent
      .slice(before)
      .filter(({ path }) => /key-manager\/v1\/secrets|\/v1\/certificates/.test(path))
    expect(
      tries.filter(
        ({ method, path }) => method === 'POST' || path.includes('payload') || path.includes('certificates'),
      ),
    ).toHaveLength(1)
  })
})

test('an `apply` whose preflight finds the store failing does not try it again for the cause', async () => {
  const bed = await openSimulated({ ...charmed, faults: ['vault-sealed'] })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out } = await bed.run('apply', file, '--yes')
  expect(code).toBe(3)
  expect(out).toContain('diagnosis/certificate-store')
  expect(out).not.toContain('diagnosis/unknown')
  const stores = bed.sent.filter(({ method, path }) => method === 'POST' && path.includes('/key-manager/'))
  expect(stores).toHaveLength(1)
  await bed.remove()
})
