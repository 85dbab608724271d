import { expect, test } from 'vitest'
import { renderVerification } from '../../src/cli/views/verify.ts'
import { renderJUnit, verificationJson } from '../../src/isolation/render.ts'
import { claimProbes, claimVerdicts } from '../../src/isolation/claims.ts'
import { scsChecks, scsVerdicts } from '../../src/isolation/scs.ts'
import { claimNames } from '../../src/policy/prove/claim.ts'
import { scsOverride } from '../policy/fixtures.ts'
import type { Verification } from '../../src/isolation/attack.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { confused, goodOverride, probeTraces, tenantCloud, verifyAcme, widened } from './tenant-cloud.ts'

const published = scsOverride()

const byDomainAdmin = [
  'domain-admin/create-user',
  'domain-admin/grant-elsewhere',
  'domain-admin/grant-in-tenant',
  'domain-admin/grant-on-system',
  'domain-admin/update-user',
]

const red = ({ results }: Verification): readonly string[] =>
  results.flatMap(({ id, ok }) => (ok ? [] : [id])).toSorted()

async function verifySeed(seed: Seed): Promise<Verification> {
  return verifyAcme(await tenantCloud(seed))
}

test.each([
  ['zed-patched', 'debian-22+oct-2026', 'default'],
  ['caracal-charmed', '2024.1+ossa-2026-015', 'charm'],
  ['epoxy-charmed', '2025.1+oct-2026', 'charm'],
] as const)('our override confines the tenant on %s, and nothing is left behind', async (preset, release, base) => {
  const on = await tenantCloud({ preset, overrides: [(await goodOverride(release, base)).text] })
  const verification = await verifyAcme(on)
  expect(red(verification)).toEqual([])
  expect(verification.findings).toEqual([])
  expect(scsVerdicts(verification.results).filter(({ ok }) => ok)).toHaveLength(60)
  expect(probeTraces(on.cloud)).toEqual([])
})

test('on the native persona the tenant is confined as well, but for an admin of another domain, which Keystone takes for admin of all', async () => {
  const verification = await verifySeed({
    preset: 'epoxy',
    overrides: [(await goodOverride('2025.1+oct-2026', 'default')).text],
  })
  expect(red(verification)).toEqual(byDomainAdmin.filter((id) => id !== 'domain-admin/grant-on-system'))
  expect(verification.findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['isolation/domain-admin', 'warning'],
    ['isolation/domain-admin', 'warning'],
    ['isolation/domain-admin', 'warning'],
  ])
})

test('the published override over the charm: all 60 checks of the SCS suite hold, and yet the trust is dead and domains leak', async () => {
  const verification = await verifySeed({ preset: 'caracal-charmed', overrides: [published] })
  expect(scsVerdicts(verification.results).every(({ ok }) => ok)).toBe(true)
  expect(red(verification)).toEqual([
    'delegation/self-trust',
    ...byDomainAdmin,
    'domains/read-root-by-account',
    'lists/application-credentials-by-own-token-by-account',
    'lists/application-credentials-by-own-token-by-manager',
    'project-manager/list-domains',
  ])
  expect(verification.findings.map(({ code }) => code)).toContain('isolation/dead-trust-rule')
})

test('below OSSA-2026-015 a manager grants itself admin, and an application credential makes trusts', async () => {
  const verification = await verifySeed({ preset: 'caracal-unpatched', overrides: [published] })
  expect(red(verification)).toEqual([
    'delegation/credential-by-restricted',
    'delegation/credential-by-unrestricted',
    'delegation/trust-by-unrestricted',
    ...byDomainAdmin,
    'domains/read-root-by-account',
    'escalation/forged-target-on-domain',
    'escalation/forged-target-on-project',
    'project-manager/list-domains',
  ])
})

test('every claim of the prover is attacked, by probes that are there, and no attack on Keystone is without a claim', async () => {
  const { results } = await verifySeed({
    preset: 'zed-patched',
    overrides: [(await goodOverride('debian-22+oct-2026', 'default')).text],
  })
  expect(claimVerdicts(results)).toEqual(
    // no probe ends the session of an account that it did not make
    claimNames
      .filter((claim) => claim !== 'others-sessions')
      .map((claim) => ({ claim, ok: true, probes: expect.arrayContaining([expect.any(String)]) as unknown })),
  )
  const beginnings = Object.values(claimProbes).flat()
  expect(beginnings.filter((beginning) => !results.some(({ id }) => id.startsWith(beginning)))).toEqual([])
  const attacks = results.filter(({ rule, expected }) => rule.startsWith('identity:') && expected === 'refused')
  expect(attacks.length).toBeGreaterThan(120)
  // what an application credential may do is checked by Keystone's code and by no rule
  const byCode = /^delegation\/(child|credential-by|token-by)/
  const free = attacks.filter(({ id }) => !byCode.test(id) && !beginnings.some((beginning) => id.startsWith(beginning)))
  expect(free.map(({ id }) => id)).toEqual([])
})

test('a claim falls when one of its probes does, and when nothing attacked it', async () => {
  const { results } = await verifySeed({ preset: 'caracal-charmed', overrides: [published] })
  const fallen = claimVerdicts(results).flatMap(({ claim, ok }) => (ok ? [] : [claim]))
  expect(fallen).toEqual(expect.arrayContaining(['domain-admin', 'domain-records', 'no-escalation', 'trusts']))
  expect(fallen).not.toContain('manager-grants')
  expect(claimVerdicts([]).every(({ ok }) => !ok)).toBe(true)
})

/** One hole each, and what has to see it. */
const holes: readonly (readonly [rule: string, clause: string, seenBy: readonly string[]])[] = [
  ['identity:get_user', 'role:manager', ['inbound/read-user', 'users/read-foreign']],
  [
    'identity:create_user',
    'role:manager',
    ['inbound/create-user', 'project-manager/create-user', 'users/create-foreign', 'users/create-without-domain'],
  ],
  ['identity:delete_user', 'role:manager', ['users/delete-foreign']],
  [
    'identity:update_project',
    'role:manager',
    ['domains/update-root-by-manager', 'inbound/update-project', 'projects/update-foreign'],
  ],
  ['identity:list_user_projects', 'role:manager', ['projects/list-of-foreign-user']],
  ['identity:delete_group', 'role:manager', ['groups/delete-foreign']],
  [
    'identity:check_user_in_group',
    'role:manager',
    [
      'groups/check-foreign-user-foreign-group',
      'groups/check-foreign-user-own-group',
      'groups/check-own-user-foreign-group',
    ],
  ],
  [
    'identity:create_grant',
    "(role:manager and 'admin':%(target.role.name)s and domain_id:%(target.domain.id)s)",
    [
      'escalation/admin-to-group-on-domain',
      'escalation/admin-to-group-on-domain-inherited',
      'escalation/admin-to-user-on-domain',
      'escalation/admin-to-user-on-domain-inherited',
      'escalation/forged-target-on-domain',
    ],
  ],
  [
    'identity:create_system_grant_for_user',
    "(role:manager and 'admin':%(target.role.name)s)",
    ['escalation/admin-to-user-on-system'],
  ],
  ['identity:create_role', 'role:manager', ['roles/create']],
  ['identity:create_domain_role', 'role:manager', ['roles/create-in-domain']],
  ['identity:create_implied_role', 'role:manager', ['roles/imply']],
  [
    'identity:get_domain',
    'role:member or token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s',
    ['domains/read-foreign-by-account'],
  ],
  ['identity:update_domain', 'role:manager', ['domains/update-foreign-by-manager', 'domains/update-own']],
  ['identity:create_credential', 'role:member', ['delegation/ec2-key-for-another']],
  ['identity:list_domains', 'role:manager', ['project-manager/list-domains']],
  [
    'identity:list_application_credentials',
    'role:member',
    ['lists/application-credentials-by-account', 'lists/application-credentials-by-own-token-by-account'],
  ],
]

test.each(holes)('a hole in %s (%s) is seen, and nothing else is', async (rule, clause, seenBy) => {
  const good = await goodOverride('debian-22+oct-2026', 'default')
  const on = await tenantCloud({ preset: 'zed-patched', overrides: [good.text, widened(good, rule, clause)] })
  const verification = await verifyAcme(on)
  expect(red(verification)).toEqual(seenBy)
  expect(verification.findings.map(({ where }) => where)).toContain(rule)
  // what was not refused was removed all the same
  expect(probeTraces(on.cloud)).toEqual([])
})

test('what a manager needs is missed when it is gone', async () => {
  const good = await goodOverride('debian-22+oct-2026', 'default')
  const dead = [
    '"identity:get_domain": "!"',
    '"identity:create_trust": "!"',
    '"identity:create_group": "rule:admin_required"',
  ]
  const verification = await verifySeed({ preset: 'zed-patched', overrides: [good.text, dead.join('\n')] })
  expect(red(verification)).toEqual(
    expect.arrayContaining(['delegation/self-trust', 'groups/create', 'logins/foreign-manager', 'logins/manager']),
  )
})

test.each([
  [
    'network',
    [
      'network/create-port',
      'network/delete-network',
      'network/list-ports-by-account',
      'network/read-network-by-account',
      'network/share-with-all',
      'network/update-network',
    ],
  ],
  [
    'compute',
    [
      'compute/list-hypervisors',
      'compute/list-keypairs',
      'compute/plant-keypair',
      'compute/read-keypair',
      'quotas/compute',
    ],
  ],
  ['image', ['images/delete', 'images/list', 'images/publish', 'images/read']],
  ['key-manager', ['secrets/decrypt', 'secrets/delete', 'secrets/list', 'secrets/read']],
  [
    'container-infra',
    [
      'clusters/delete-template',
      'clusters/list-templates',
      'clusters/publish-template',
      'clusters/read-template',
      'quotas/container-infra',
    ],
  ],
  ['block-storage', ['quotas/block-storage']],
  ['load-balancer', ['quotas/load-balancer']],
] as const)('the %s service is seen when it takes an account for the operator', async (service, seenBy) => {
  const good = await goodOverride('debian-22+oct-2026', 'default')
  const on = await tenantCloud({ preset: 'zed-patched', overrides: [good.text] }, (cloud) => confused(cloud, service))
  const verification = await verifyAcme(on)
  const seen = red(verification)
  expect(seen).toEqual(expect.arrayContaining([...seenBy]))
  const families = new Set(seen.map((id) => id.split('/')[0]))
  expect(families.size).toBeLessThanOrEqual(2)
  expect(probeTraces(on.cloud)).toEqual([])
})

test('every check of the SCS suite has probes that ran, and a check that did not run does not pass', () => {
  expect(scsChecks).toHaveLength(60)
  expect(new Set(scsChecks.map(({ check }) => check)).size).toBe(59)
  expect(scsVerdicts([]).filter(({ ok }) => ok)).toEqual([])
})

test('the same verification is shown as text, as JSON and as JUnit', async () => {
  const on = await tenantCloud({ preset: 'zed-patched', overrides: [published] })
  const verification = await verifyAcme(on)
  const text = renderVerification({ hasColor: false, columns: 80 }, 'acme', verification, false)
  expect(text).toMatch(/^NO +project-manager\/list-domains /m)
  expect(text).toMatch(/^scs-0302 +60 of 60 checks hold$/m)
  expect(text).toMatch(/^throwaways +all throwaway objects are removed\nacme: 7 of \d+ probes failed, .*\n$/m)
  const json = verificationJson('acme', verification)
  expect(json).toMatchObject({ tenant: 'acme', ok: false, leftovers: [] })
  const junit = renderJUnit('ac<me', verification)
  expect(junit).toContain('<testsuite name="ac&lt;me.domains" tests="13" failures="1" errors="0">')
  // packets are never shown, which a CI server is told as well
  expect(junit.match(/<testcase /g)).toHaveLength(verification.results.length + 1)
  expect(junit).toContain('<skipped message="packets: not shown"/>')
  expect(junit.match(/<failure /g)).toHaveLength(7)
})

test('where all probes hold and a finding says no, JSON and JUnit say no as well', () => {
  const finding = {
    code: 'exposure/route',
    where: 'router r of acme',
    message: 'it leads out',
    owner: 'tenant',
  } as const
  const held: Verification = { results: [], findings: [], leftovers: [], milliseconds: 1 }
  expect(verificationJson('acme', held)).toMatchObject({ ok: true, packets: 'not shown' })
  for (const [severity, kind] of [
    ['error', 'failure'],
    ['unknown', 'error'],
  ] as const) {
    const exposed = { ...held, findings: [{ ...finding, severity }] }
    expect(verificationJson('acme', exposed)).toMatchObject({ ok: false })
    expect(renderJUnit('acme', exposed)).toContain(`<${kind} message="it leads out">`)
  }
  const noted = { ...held, findings: [{ ...finding, severity: 'info' as const }] }
  expect(verificationJson('acme', noted)).toMatchObject({ ok: true })
  expect(renderJUnit('acme', noted)).not.toContain('it leads out')
})
