/**
 * `verify` on real Keystones: green under our override, red where there is a hole, and red where the suite of scs-0302 is
 * green. Each Keystone gets a tenant that is removed again, and its overrides are taken away at the end.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { probeCloud } from '../../src/probes/cloud-probe.ts'
import { claimVerdicts } from '../../src/isolation/claims.ts'
import { scsVerdicts } from '../../src/isolation/scs.ts'
import { attack } from '../../src/isolation/attack.ts'
import type { Verification } from '../../src/isolation/attack.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { scsOverride } from '../policy/fixtures.ts'
import { widened } from '../isolation/tenant-cloud.ts'
import { findKeystone, findLab, layOverride, removeOverrides, runLab } from './cloud.ts'
import type { LabKeystone } from './cloud.ts'
import { builtOverride, openProbing, probeDomains, removeTenant } from './probing.ts'
import type { Probing } from './probing.ts'
import { makeTenant } from './tenant.ts'

const name = `verify-${randomBytes(3).toString('hex')}`
const managedRoles = ['member', 'load-balancer_member']

let keystone: LabKeystone | undefined
let probing: Probing | undefined

beforeEach(() => {
  keystone = undefined
  probing = undefined
})

afterEach(async () => {
  if (probing !== undefined) {
    expect(await probeDomains(probing.operator)).toEqual([])
    await removeTenant(probing.operator, name)
    await probing.close()
  }
  if (keystone !== undefined) await removeOverrides(keystone)
})

async function verifyOn(which: 'main' | 'charm' | 'native', override: string): Promise<Verification> {
  keystone = await findKeystone(which)
  await layOverride(keystone, override)
  probing = openProbing(keystone)
  const { operator, open } = probing
  const tenant = await makeTenant(keystone, name)
  const domain = await findDomain(operator, name)
  if (domain === undefined) throw new Error('the tenant was made')
  return attack({
    operator,
    manager: probing.manager(tenant.manager),
    workers: [probing.creator(tenant.creator, tenant.project.name)],
    tenant: { name, domainId: domain.id },
    open,
    managedRoles,
    random: randomBytes,
    now: () => new Date(),
  })
}

const red = ({ results }: Verification): readonly string[] =>
  results.flatMap(({ id, ok }) => (ok ? [] : [id])).toSorted()

test('under our override the tenant is isolated, on all services', async () => {
  const verification = await verifyOn('main', (await builtOverride('debian-22+oct-2026', 'default')).text)
  expect(red(verification)).toEqual([])
  expect(verification.findings).toEqual([])
  expect(verification.results.length).toBeGreaterThan(240)
  expect(scsVerdicts(verification.results).filter(({ ok }) => ok)).toHaveLength(60)
})

test.each([
  ['main', 'debian-22+oct-2026', 'default'],
  ['charm', 'debian-22+oct-2026', 'charm'],
] as const)(
  'what is proved of our override on the %s Keystone was attacked there, and held',
  async (on, release, base) => {
    const ours = await builtOverride(release, base)
    const model = await loadKeystone(parseRelease(release))
    const override = { file: 'domain-manager.yaml', text: ours.text }
    const { answers } = prove(model, {
      rules: keystoneRules(model, { base: { kind: base }, overrides: [override] }),
      base: keystoneRules(model, { base: { kind: base } }),
      managedRoles,
    })
    expect(answers.map(({ verdict }) => verdict)).toEqual(answers.map(() => 'proved'))
    const held = claimVerdicts((await verifyOn(on, ours.text)).results)
    // ending another's session is proved only: docs/decisions/0163
    const probed = answers.map(({ claim }) => claim).filter((claim) => claim !== 'others-sessions')
    expect(held.filter(({ ok }) => ok).map(({ claim }) => claim)).toEqual(probed)
  },
)

test('under our override for the charm it is as well, and the cloud carries a tenant', async () => {
  const verification = await verifyOn('charm', (await builtOverride('debian-22+oct-2026', 'charm')).text)
  expect(red(verification)).toEqual([])
  const on = probing
  if (on === undefined) throw new Error('verifyOn has opened it')
  const probe = await probeCloud({
    operator: on.operator,
    open: on.open,
    managedRoles,
    random: randomBytes,
    now: () => new Date(),
  })
  expect(probe.findings).toEqual([])
  expect(probe.fixes).toEqual({ 'ossa-2026-015': true, 'aug-2026': true, 'oct-2026': true })
})

test('the published override over the charm is conformant, and yet no cluster can be made and domains leak', async () => {
  const verification = await verifyOn('charm', scsOverride())
  expect(scsVerdicts(verification.results).every(({ ok }) => ok)).toBe(true)
  expect(red(verification)).toEqual(
    expect.arrayContaining([
      'delegation/self-trust',
      'domain-admin/grant-elsewhere',
      'domain-admin/grant-on-system',
      'domains/read-root-by-account',
      'project-manager/list-domains',
    ]),
  )
  expect(verification.findings.map(({ code }) => code)).toContain('isolation/dead-trust-rule')
})

test('the native domain manager with our override', async () => {
  const verification = await verifyOn('native', (await builtOverride('debian-27', 'default')).text)
  // as released, Keystone takes admin on any domain for admin of the cloud
  expect(red(verification).filter((id) => !id.startsWith('domain-admin/'))).toEqual([])
})

test.each([
  ['identity:get_user', 'role:manager', ['inbound/read-user', 'users/read-foreign']],
  ['identity:create_role', 'role:manager', ['roles/create']],
  ['identity:create_credential', 'role:member', ['delegation/ec2-key-for-another']],
] as const)('a hole in %s is seen on a real Keystone, and nothing else is', async (rule, clause, seenBy) => {
  const good = await builtOverride('debian-22+oct-2026', 'charm')
  const verification = await verifyOn('charm', `${good.text}\n${widened(good, rule, clause)}`)
  expect(red(verification)).toEqual(seenBy)
})

/** A hole for each family: in Keystone's policy, and in the services' own. */
const keystoneHoles = {
  'identity:get_domain': 'rule:admin_required',
  'identity:get_user': 'role:manager or rule:admin_required',
  'identity:list_user_projects': 'role:manager or rule:admin_required',
  'identity:list_groups_for_user': 'role:manager or rule:admin_required',
  'identity:create_system_grant_for_user': "(role:manager and 'admin':%(target.role.name)s) or rule:admin_required",
  'identity:create_credential': 'role:member or rule:admin_required',
  'identity:list_domains': 'role:manager or rule:admin_required',
  'identity:update_user': 'role:admin or (role:manager and domain_id:%(target.user.domain_id)s)',
  'identity:list_application_credentials': 'role:member or rule:admin_required',
  'identity:create_role': 'role:manager or rule:admin_required',
  'identity:update_domain': 'role:manager or rule:admin_required',
} as const
const serviceHoles = {
  neutron: { 'create_network:shared': '' },
  nova: { 'os_compute_api:os-keypairs:create': '' },
  glance: { publicize_image: '' },
  barbican: { 'secret:decrypt': '' },
  cinder: { context_is_admin: 'role:admin or role:member' },
  magnum: { 'clustertemplate:publish': '' },
} as const

test('each family can fail on a real cloud', { timeout: 900_000 }, async () => {
  const { services, keystones } = await findLab()
  const opened = Object.entries(serviceHoles).map(([name, rules]) => {
    const service = services[name]
    if (service === undefined) throw new Error(`the lab has no ${name}`)
    return { service, text: JSON.stringify(rules) }
  })
  const { operator, close } = openProbing(keystones.main)
  try {
    // lists of volumes are only read, so there has to be one
    const volume = { size: 1, name: 'of-somebody-else' }
    await operator.request({ service: 'block-storage', method: 'POST', path: '/volumes', body: { volume } })
    for (const { service, text } of opened) await layOverride(service, text)
    const good = await builtOverride('debian-22+oct-2026', 'default')
    const verification = await verifyOn('main', JSON.stringify({ ...good.rules, ...keystoneHoles }))
    expect(red(verification)).toEqual([
      'clusters/publish-template',
      'compute/plant-keypair',
      'delegation/ec2-key-for-another',
      'domain-admin/update-user',
      'domains/update-foreign-by-manager',
      'domains/update-own',
      'escalation/admin-to-user-on-system',
      'groups/list-of-foreign-user',
      'images/publish',
      'inbound/read-user',
      'lists/application-credentials-by-account',
      'lists/application-credentials-by-own-token-by-account',
      'logins/foreign-manager',
      'logins/manager',
      'network/create-shared',
      'project-manager/list-domains',
      'projects/list-of-foreign-user',
      'quotas/block-storage',
      'roles/create',
      'secrets/decrypt',
      'users/read-foreign',
      'volumes/list-volumes',
    ])
    const families = new Set(verification.results.map(({ family }) => family))
    expect(new Set(red(verification).map((id) => id.split('/')[0]))).toEqual(families)
  } finally {
    await close()
    await runLab('reset')
  }
})
