import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Observation } from '../../src/onboarding/inventory.ts'
import { changesOf } from '../../src/onboarding/plan.ts'
import type { Comparison, Resource } from '../../src/onboarding/resource.ts'
import { actors } from '../../src/tenant/actors.ts'
import { planOfObserved, resourceOf } from './resources.ts'

const found: Observation = { kind: 'found', value: { id: '1' } }
const hidden: Observation = { kind: 'hidden', actor: 'automation', refused: 'no' }
const differing = { field: 'dns', from: [], to: ['192.0.2.1'] }
const conflict = { message: 'has another prefix', remedy: 'put the old one into the file' }

describe('one resource', () => {
  const cases: readonly {
    readonly title: string
    readonly observed?: Observation
    readonly compared?: Comparison
    readonly adopt?: true
    readonly step?: string
    readonly finding?: string
  }[] = [
    { title: 'absent', step: 'create' },
    { title: 'as asked', observed: found, step: 'keep' },
    {
      title: 'ours, and differs',
      observed: found,
      compared: { isOurs: true, changes: [differing] },
      step: 'update',
    },
    {
      title: 'not ours',
      observed: found,
      compared: { isOurs: false, changes: [differing] },
      finding: 'plan/not-ours',
    },
    {
      title: 'not ours, with --adopt',
      observed: found,
      compared: { isOurs: false, changes: [differing] },
      adopt: true,
      step: 'adopt',
    },
    {
      title: 'in conflict',
      observed: found,
      compared: { isOurs: true, changes: [differing], conflict },
      finding: 'plan/conflict',
    },
    {
      title: 'not ours and in conflict, with --adopt',
      observed: found,
      compared: { isOurs: false, changes: [], conflict },
      adopt: true,
      finding: 'plan/conflict',
    },
    { title: 'there twice', observed: { kind: 'several', ids: ['1', '2'] }, finding: 'plan/ambiguous-name' },
    { title: 'not to be seen', observed: hidden, finding: 'plan/cannot-look' },
  ]

  test.each(cases)('$title', ({ observed, compared, adopt, step, finding }) => {
    const compare = (): Comparison => compared ?? { isOurs: true, changes: [] }
    const plan = planOfObserved(
      [resourceOf('network/subnet', { compare })],
      observed === undefined ? {} : { 'network/subnet': observed },
      { adopt: adopt ?? false },
    )
    expect(plan.steps.map(({ action }) => action)).toEqual(step === undefined ? [] : [step])
    expect(plan.findings.map(({ code, severity }) => [code, severity])).toEqual(
      finding === undefined ? [] : [[finding, 'error']],
    )
    expect(plan.deferred).toEqual([])
  })

  test('what differs is in the step, and in the reason that is shown', () => {
    const compare = (): Comparison => ({ isOurs: true, changes: [differing] })
    const [step] = planOfObserved([resourceOf('network/subnet', { compare })], { 'network/subnet': found }).steps
    expect(step).toEqual({
      id: 'network/subnet',
      stage: 'network',
      actor: 'automation',
      kind: 'subnet',
      name: 'acme-subnet',
      changes: [differing],
      action: 'update',
      because: 'dns: [] -> ["192.0.2.1"]',
    })
  })

  test('a name that is there twice is told with its ids', () => {
    const { findings } = planOfObserved([resourceOf('network/subnet')], {
      'network/subnet': { kind: 'several', ids: ['1', '2'] },
    })
    expect(findings[0]).toMatchObject({ where: 'subnet acme-subnet', message: 'there are 2 with this name: 1, 2' })
  })

  test('who cannot sign in is told what brings the secret back, and whose it is', () => {
    const remedies = actors.map((actor) => {
      const resource = resourceOf('network/subnet', { identity: { actor } })
      const [finding] = planOfObserved([resource], { 'network/subnet': { kind: 'hidden', actor } }).findings
      return [actor, finding?.owner, /--account (\S+?)`/.exec(finding?.remedy ?? '')?.[1]]
    })
    expect(remedies).toEqual([
      ['operator', 'operator', undefined],
      ['manager', 'tenant', 'domain-admin'],
      ['creator', 'tenant', 'cluster'],
      ['automation', 'tenant', 'svc'],
    ])
  })
})

describe('several resources', () => {
  const account = resourceOf('network/account', { stage: 'self-service', identity: { actor: 'manager' } })
  const network = resourceOf('network/network', { needs: [account.id] })
  const subnet = resourceOf('network/subnet', { inside: [network.id] })
  const template = resourceOf('network/template', { stage: 'template', identity: { actor: 'creator' } })
  const all = [account, network, subnet, template]

  test('steps come in the order of the resources', () => {
    const { steps } = planOfObserved(all, { [network.id]: found })
    expect(steps.map(({ id, action }) => `${action} ${id}`)).toEqual([
      'create network/account',
      'keep network/network',
      'create network/subnet',
      'create network/template',
    ])
  })

  test('what is hidden behind an account that this plan makes is left for later, with all that stands in it', () => {
    const plan = planOfObserved(all, { [network.id]: hidden, [subnet.id]: found })
    expect(plan.deferred).toEqual([network.id, subnet.id])
    expect(plan.findings).toEqual([])
    // template comes after what is left for later, and is planned all the same: the stages decide how far it goes
    expect(changesOf(plan).map(({ id }) => id)).toEqual([account.id, template.id])
  })

  test('what is hidden behind an account that is as asked is in the way', () => {
    const plan = planOfObserved(all, { [account.id]: found, [network.id]: hidden, [subnet.id]: hidden })
    expect(plan.deferred).toEqual([])
    expect(plan.findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'plan/cannot-look: it cannot sign in: no; so nobody can look at network acme-network, subnet acme-subnet',
    ])
  })

  test('an account may be several steps away', () => {
    const plan = planOfObserved(all, { [network.id]: found, [subnet.id]: hidden })
    expect(plan.deferred).toEqual([subnet.id])
  })

  test.each([
    ['nothing', {}, undefined],
    ['the first stage', { [account.id]: hidden }, 'preflight'],
    ['a stage in the middle', { [network.id]: hidden }, 'credentials'],
    ['the earliest of two', { [network.id]: hidden, [template.id]: hidden }, 'credentials'],
  ] as const)('a plan that leaves %s for later is applied up to the stage before', (_, observed, through) => {
    const domain = resourceOf('network/domain', { stage: 'domain', identity: { actor: 'operator' } })
    const first = resourceOf('network/account', { stage: 'domain', needs: [domain.id] })
    const last = resourceOf('network/template', { stage: 'template', needs: [domain.id] })
    const plan = planOfObserved([domain, first, network, last], observed)
    expect(plan.appliesThrough).toBe(through)
  })

  test('what is somebody else`s to make is never planned, nor what stands in it', () => {
    const project = resourceOf('network/project', { isExternal: true })
    const quota = resourceOf('network/quota', { inside: [project.id] })
    const usage = resourceOf('network/usage', { needs: [quota.id] })
    const absent = planOfObserved([project, quota, usage], {})
    expect([absent.steps, absent.deferred, absent.findings]).toEqual([[], [], []])
    const there = planOfObserved([project, quota, usage], { [project.id]: found })
    expect(changesOf(there).map(({ id }) => id)).toEqual([quota.id, usage.id])
  })

  test('the digest is that of the plan, of the file and of the cloud', () => {
    const once = planOfObserved(all, { [network.id]: found }).digest
    expect(planOfObserved(all, { [network.id]: found }).digest).toBe(once)
    expect(planOfObserved(all, {}).digest).not.toBe(once)
    expect(planOfObserved(all, { [network.id]: hidden }).digest).not.toBe(once)
    expect(planOfObserved(all, { [network.id]: found }, { spec: 'sha256:other' }).digest).not.toBe(once)
  })
})

test('every resource is one step, or left for later, or told, or somebody else`s', () => {
  const observations: readonly Observation[] = [{ kind: 'absent' }, found, hidden, { kind: 'several', ids: ['1', '2'] }]
  const shape = fc.record({
    observed: fc.constantFrom(...observations),
    isOurs: fc.boolean(),
    isDifferent: fc.boolean(),
    isExternal: fc.boolean(),
    before: fc.array(fc.nat(), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 8 }), fc.boolean(), (shapes, adopt) => {
      const idOf = (index: number) => `network/${String(index)}` as const
      const resources = shapes.map(({ isOurs, isDifferent, isExternal, before }, index): Resource => {
        const needs = index === 0 ? [] : [...new Set(before.map((one) => idOf(one % index)))]
        const compare = (): Comparison => ({ isOurs, changes: isDifferent ? [differing] : [] })
        return resourceOf(idOf(index), { needs, compare, ...(isExternal ? { isExternal } : {}) })
      })
      const observed = Object.fromEntries(shapes.map(({ observed: one }, index) => [idOf(index), one]))
      const { steps, deferred, findings } = planOfObserved(resources, observed, { adopt })
      const told = findings.flatMap(({ code, where }) =>
        code === 'plan/cannot-look' ? [] : [`network/${/acme-(\d+)$/.exec(where)?.[1] ?? ''}`],
      )
      // all that one account hides is one finding, which names three and counts the rest
      const cannotLook = findings.filter(({ code }) => code === 'plan/cannot-look')
      const [, names = '', more = '0'] =
        /nobody can look at (.*?)(?: and (\d+) more)?$/.exec(cannotLook[0]?.message ?? '') ?? []
      const unseen = resources.filter(({ id }) => observed[id]?.kind === 'hidden' && !deferred.includes(id))
      expect(cannotLook).toHaveLength(unseen.length === 0 ? 0 : 1)
      expect(names.split(', ').filter((name) => name !== '').length + Number(more)).toBe(unseen.length)
      const ids = [...steps.map(({ id }) => id), ...deferred, ...told]
      expect(new Set(ids).size).toBe(ids.length)
      // what is nowhere is absent, and nobody's to make here
      const silent = resources.filter(({ id }) => !ids.includes(id) && observed[id]?.kind !== 'hidden')
      for (const { id, isExternal, needs } of silent) {
        expect(observed[id]?.kind).toBe('absent')
        expect(isExternal === true || needs.some((needed) => silent.some((one) => one.id === needed))).toBe(true)
      }
      // and nothing is planned behind what cannot be seen yet
      for (const { id } of steps) {
        const needs = resources.find((one) => one.id === id)?.needs ?? []
        expect(needs.filter((needed) => deferred.includes(needed))).toEqual([])
      }
    }),
  )
})
