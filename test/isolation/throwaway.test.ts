import { expect, test } from 'vitest'
import { CloudError } from '../../src/errors.ts'
import { probeCloud } from '../../src/probes/cloud-probe.ts'
import { listRoles } from '../../src/openstack/keystone/roles.ts'
import { newRun, probeDescription, probeName, runOf } from '../../src/probes/throwaway/run.ts'
import { sweepCloud, sweepDomain } from '../../src/probes/throwaway/sweep.ts'
import { probeTenant } from '../../src/probes/tenant-probe.ts'
import { Throwaways } from '../../src/probes/throwaway/throwaways.ts'
import { createDomain } from '../../src/openstack/keystone/domains.ts'
import { createUser } from '../../src/openstack/keystone/users.ts'
import { goodOverride, probeTraces, tenantCloud, verifyAcme } from './tenant-cloud.ts'
import type { TenantCloud } from './tenant-cloud.ts'
import { Secret } from '../../src/secret.ts'

const now = new Date('2026-11-23T03:00:00Z')
const run = newRun(now, () => Uint8Array.of(1, 2, 3, 4))

async function goodCloud(): Promise<TenantCloud> {
  const good = await goodOverride('debian-22+oct-2026', 'default')
  return tenantCloud({ preset: 'zed-patched', overrides: [good.text] })
}

const probeOptions = (on: TenantCloud) => ({
  operator: on.operator,
  open: on.open,
  managedRoles: ['member', 'load-balancer_member'],
  random: on.random,
  now: () => new Date(),
})

test('a run is recognised by name and description together, and knows its age', () => {
  expect(runOf({ name: probeName(run, 'user'), description: probeDescription(run) })).toEqual(run)
  expect(runOf({ name: probeName(run, 'user'), description: 'our user' })).toBeUndefined()
  expect(runOf({ name: 'acme-prod', description: probeDescription(run) })).toBeUndefined()
  expect(probeName(run, 'a'.repeat(24)).length).toBeLessThanOrEqual(64)
})

test('what was made is removed, the youngest first, also after a removal that failed', async () => {
  const removed: string[] = []
  const throwaways = new Throwaways(run)
  const thing = (name: string, remove: () => Promise<void>) => ({
    kind: 'thing',
    name,
    create: () => Promise.resolve(name),
    find: () => Promise.resolve(undefined),
    remove,
  })
  const note = (name: string) => (): Promise<void> => {
    removed.push(name)
    return Promise.resolve()
  }
  await throwaways.make(thing('first', note('first')))
  await throwaways.make(thing('stuck', () => Promise.reject(new Error('in use'))))
  await throwaways.make(thing('last', note('last')))
  expect(await throwaways.removeAll()).toEqual([{ kind: 'thing', name: 'stuck', because: 'in use' }])
  expect(removed).toEqual(['last', 'first'])
  expect(await throwaways.removeAll()).toEqual([])
})

const silence = { kind: 'timeout', service: 'identity', method: 'POST', path: '/domains', reason: 'no answer' } as const

test('a thing whose creation was never answered is looked for and removed', async () => {
  const on = await goodCloud()
  const throwaways = new Throwaways(run)
  const name = throwaways.name('domain')
  const lost = new CloudError(silence)
  let looks = 0
  const made = throwaways.make({
    kind: 'domain',
    name,
    create: async () => {
      await createDomain(on.operator, { name, description: throwaways.description, enabled: false })
      throw lost
    },
    // nobody sees it at once
    find: () => Promise.resolve(looks++ === 0 ? undefined : on.cloud.state.domains.find((one) => one.name === name)),
    remove: async ({ id }) => {
      await on.operator.request({ service: 'identity', method: 'DELETE', path: `/domains/${id}` })
    },
  })
  await expect(made).rejects.toBe(lost)
  expect(probeTraces(on.cloud)).toEqual([name])
  expect(await throwaways.removeAll()).toEqual([])
  expect(probeTraces(on.cloud)).toEqual([])
})

test.each([
  ['was not answered', silence],
  ['says that the name is taken, by what itself has made', { ...silence, kind: 'answer', status: 409 }],
] as const)('a create that %s is taken when the thing is there', async (_, detail) => {
  const throwaways = new Throwaways(run)
  const removed: string[] = []
  const made = await throwaways.make({
    kind: 'thing',
    name: 'thing',
    create: () => Promise.reject(new CloudError(detail)),
    find: () => Promise.resolve('thing'),
    remove: (one) => Promise.resolve(void removed.push(one)),
  })
  expect(made).toBe('thing')
  expect(await throwaways.removeAll()).toEqual([])
  expect(removed).toEqual(['thing'])
})

test('what may still appear is told as left over', async () => {
  const throwaways = new Throwaways(run)
  const thing = {
    kind: 'thing',
    name: 'late',
    create: () => Promise.reject(new CloudError(silence)),
    find: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(),
  }
  await expect(throwaways.make(thing)).rejects.toBeInstanceOf(CloudError)
  const because = 'it may still appear: identity: POST /domains got no answer (timeout): no answer'
  expect(await throwaways.removeAll()).toEqual([{ kind: 'thing', name: 'late', because }])
})

test('the next run sweeps what a dead one left, and nothing that is young, or not ours', async () => {
  const on = await goodCloud()
  const old = newRun(new Date(Date.now() - 3_600_000), on.random)
  const young = newRun(new Date(), on.random)
  for (const each of [old, young])
    await createDomain(on.operator, { name: probeName(each, 'domain'), description: probeDescription(each) })
  await createDomain(on.operator, { name: probeName(old, 'of-somebody-else'), description: 'keep this' })
  await createUser(on.operator, {
    name: probeName(old, 'user'),
    domain_id: on.domainId,
    description: probeDescription(old),
    password: new Secret('a-throwaway-password'),
  })

  const swept = await sweepCloud(on.operator, { now: new Date() })
  expect(swept.removed).toEqual([{ kind: 'domain', name: probeName(old, 'domain') }])
  expect((await sweepDomain(on.manager, on.domainId, { now: new Date() })).removed).toHaveLength(1)
  expect([...on.cloud.state.domains.values()].map(({ name }) => name)).toEqual(
    expect.arrayContaining([probeName(young, 'domain'), probeName(old, 'of-somebody-else'), 'acme']),
  )
  const dead = await sweepCloud(on.operator, { now: new Date(), deadRuns: [young.id] })
  expect(dead.removed).toEqual([{ kind: 'domain', name: probeName(young, 'domain') }])
})

test('a run that dies anywhere leaves nothing that the next one does not remove', async () => {
  const good = await goodOverride('debian-22+oct-2026', 'default')
  // the connection breaks for good after so many requests, as when the process is killed
  for (const limit of [5, 20, 40, 80, 160, 240, 320, 400, 470]) {
    let left = limit
    const on = await tenantCloud({ preset: 'zed-patched', overrides: [good.text] }, (cloud) => (url, init) => {
      left -= 1
      return left < 0 ? Promise.reject(new Error('killed')) : cloud.fetch(url, init)
    })
    await verifyAcme(on).catch(() => undefined)
    left = Infinity
    const later = new Date(Date.now() + 3_600_000)
    const again = await verifyAcme({ ...on, now: () => later })
    expect(again.leftovers, `killed after ${limit} requests`).toEqual([])
    expect(probeTraces(on.cloud), `killed after ${limit} requests`).toEqual([])
  }
})

test('the probe of a cloud is bounded, and leaves it as it was', async () => {
  const on = await goodCloud()
  const before = JSON.stringify([...on.cloud.state.domains.keys(), ...on.cloud.state.users.keys()].toSorted())
  on.operator.forget()
  const start = on.sent.length
  const probe = await probeCloud(probeOptions(on))
  expect(probe.findings).toEqual([])
  expect(probe.fixes).toEqual({ 'ossa-2026-015': true, 'aug-2026': true, 'oct-2026': true })
  expect(on.sent.length - start).toBeLessThanOrEqual(43)
  expect(JSON.stringify([...on.cloud.state.domains.keys(), ...on.cloud.state.users.keys()].toSorted())).toBe(before)
})

const allFixes = { 'ossa-2026-015': true, 'aug-2026': true, 'oct-2026': true }

test.each([
  ['without an override', { preset: 'zed-patched', overrides: [] }, allFixes, ['cloud/persona-missing']],
  [
    'the charm alone',
    { preset: 'caracal-charmed', overrides: [] },
    { 'ossa-2026-015': true, 'aug-2026': false, 'oct-2026': false },
    ['cloud/cluster-quota', 'cloud/dead-create-rule', 'cloud/dead-trust-rule', 'cloud/persona-missing'],
  ],
  [
    'the native persona alone',
    { preset: 'epoxy', overrides: [] },
    allFixes,
    ['cloud/escalation', 'cloud/role-not-grantable'],
  ],
  [
    'a Keystone without the fixes',
    {
      preset: 'caracal-unpatched',
      overrides: [
        '"identity:create_grant": "rule:admin_required or (role:manager and \'member\':%(target.role.name)s)"',
      ],
    },
    { 'ossa-2026-015': false, 'aug-2026': false, 'oct-2026': false },
    expect.arrayContaining(['cloud/forged-target', 'cloud/delegated-trusts']),
  ],
] as const)('preflight tells %s', async (_, seed, fixes, codes) => {
  const on = await tenantCloud({ preset: seed.preset, overrides: [...seed.overrides] })
  const probe = await probeCloud(probeOptions(on))
  expect(probe.fixes).toEqual(fixes)
  expect([...new Set(probe.findings.map(({ code }) => code))].toSorted()).toEqual(codes)
  expect(probeTraces(on.cloud)).toEqual([])
})

test('the isolation gate holds for a confined manager, and falls with a hole', async () => {
  const options = async (on: TenantCloud) => ({
    ...probeOptions(on),
    manager: on.manager,
    domainId: on.domainId,
    projectId: on.projectId,
    roles: await listRoles(on.operator),
  })
  const good = await goodCloud()
  const held = await probeTenant(await options(good))
  expect(held.results.map(({ id, ok }) => [id, ok])).toEqual([
    ['isolation/grant-admin', true],
    ['isolation/grant-manager', true],
    ['isolation/forged-target', true],
    ['isolation/list-domains', true],
    ['isolation/read-user', true],
    ['isolation/read-project', true],
  ])
  expect(held.findings).toEqual([])
  expect(probeTraces(good.cloud)).toEqual([])

  const { text } = await goodOverride('debian-22+oct-2026', 'default')
  const hole =
    '"identity:create_grant": "role:manager or role:admin"\n"identity:get_user": "role:manager or role:admin"'
  const weak = await tenantCloud({ preset: 'zed-patched', overrides: [text, hole] })
  const fallen = await probeTenant(await options(weak))
  expect(fallen.results.filter(({ ok }) => !ok).map(({ id }) => id)).toEqual([
    'isolation/grant-admin',
    'isolation/grant-manager',
    'isolation/forged-target',
    'isolation/read-user',
  ])
  expect(probeTraces(weak.cloud)).toEqual([])
})
