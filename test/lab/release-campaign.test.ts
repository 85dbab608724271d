/**
 * Planted rules on real Keystones: the request of each counterexample is sent and must be answered as the prover says;
 * what the prover calls proved is attacked, and no attack may succeed. Rules and ids come from a seed.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultManagedRoles } from '../../src/policy/build/managed-roles.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Keystone } from '../../src/policy/releases/keystone.ts'
import type { RuleSet } from '../../src/policy/engine/rules.ts'
import type { ClaimName } from '../../src/policy/prove/claim.ts'
import type { Counterexample } from '../../src/policy/prove/counterexample.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { plantedRules } from '../policy/planted-rules.ts'
import type { PlantedRule } from '../policy/planted-rules.ts'
import { sweptOf } from '../sweep-share.ts'
import { layOverride, removeOverrides } from './cloud.ts'
import { Stage } from './policy-people.ts'
import { prepare } from './policy-play.ts'
import { attacksOn } from './release-attacks.ts'
import { cellsOf } from './release-cells.ts'
import type { Cell } from './release-cells.ts'
import { recordResult } from './release-results.ts'
import { adminOf, findRelease, keep, playAll, releaseNames, restore, triedReleases } from './releases.ts'
import type { RunningRelease } from './releases.ts'
import { worldOf } from './release-world.ts'
import type { World } from './release-world.ts'

const seed = Number(process.env['SWEEP_SEED'] ?? 0)
/** 512 over all eight. */
const count = sweptOf(64, 10)

/** Those that speak of harm. The others are about what a rule must not take away. */
const claims: readonly ClaimName[] = [
  'manager-stays-home',
  'manager-grants',
  'no-escalation',
  'domain-records',
  'secrets',
  'domain-admin',
  'cloud-wide',
  'others-credentials',
  'others-sessions',
]

describe.concurrent.each(triedReleases)('on Keystone %s', (name) => {
  test('planted rules do what the prover says', { timeout: 3_600_000 }, async (context) => {
    const on = await findRelease(name)
    if (typeof on === 'string') {
      process.stderr.write(`not tried: ${name}: ${on}\n`)
      context.skip(on)
      return
    }
    await removeOverrides(on)
    const keystone = await loadKeystone(parseRelease(on.package))
    const world = await worldOf(on)
    const campaign = await Campaign.open(on, keystone, world)
    const ids = {
      domains: ['acme', 'globex'].map((domain) => idOf(world, `domain:${domain}`)),
      projects: ['acme-prod', 'globex-dev'].map((project) => idOf(world, `project:${project}`)),
    }
    const own = seed * 100 + releaseNames.findIndex((one) => one === name) + 1
    const rules = plantedRules(keystone, campaign.base, { seed: own, count, ids })
    for (const rule of rules) await campaign.try(rule)
    const { counts, wrong } = campaign
    await recordResult(on, { what: 'campaign', base: 'default', counts, wrong })
    expect(wrong).toEqual([])
    expect(counts['harmless, not shown']).toBeLessThanOrEqual(0.05 * counts.harmless)
    expect(counts.refuted).toBeGreaterThan(0)
    expect(counts.attacks).toBeGreaterThan(0)
  })
})

class Campaign {
  readonly base: RuleSet
  readonly counts = { rules: 0, harmless: 0, 'harmless, not shown': 0, refuted: 0, played: 0, proved: 0, attacks: 0 }
  readonly wrong: string[] = []
  readonly #on: RunningRelease
  readonly #keystone: Keystone
  readonly #world: World
  readonly #stage: Stage
  readonly #cells: ReadonlyMap<string, readonly Cell[]>

  private constructor(
    on: RunningRelease,
    keystone: Keystone,
    world: World,
    stage: Stage,
    cells: ReadonlyMap<string, readonly Cell[]>,
  ) {
    this.base = keystoneRules(keystone)
    this.#on = on
    this.#keystone = keystone
    this.#world = world
    this.#stage = stage
    this.#cells = cells
  }

  static async open(on: RunningRelease, keystone: Keystone, world: World): Promise<Campaign> {
    const stage = await Stage.open({ ...on, release: '', admin: adminOf(on), basePolicy: '', log: '', database: '' })
    const cells = await cellsByAction(on, world)
    // the admin's own session is part of what each rule starts with
    await keep(on)
    return new Campaign(on, keystone, world, stage, cells)
  }

  async try(rule: PlantedRule): Promise<void> {
    const { counts } = this
    const text = `${JSON.stringify(rule.action)}: ${JSON.stringify(rule.check)}\n`
    const rules = keystoneRules(this.#keystone, { overrides: [{ file: 'planted.yaml', text }] })
    // what the base breaks already is not the rule's doing
    const held = this.#verdicts(this.base, rule.action, claims).flatMap(({ claim, verdict }) =>
      verdict === 'proved' ? [claim] : [],
    )
    const answers = this.#verdicts(rules, rule.action, held)
    const found = answers.flatMap(({ counterexamples }) => counterexamples)
    const isOpen = answers.some(({ notShown }) => notShown.length > 0)
    counts.rules += 1
    if (rule.isHarmless) counts.harmless += 1
    if (rule.isHarmless && found.some(({ decision }) => decision === 'allow'))
      this.wrong.push(`${told(rule)}: refuted, and harmless by construction`)
    if (found.length > 0) counts.refuted += 1
    else if (isOpen) counts['harmless, not shown'] += rule.isHarmless ? 1 : 0
    else counts.proved += 1
    try {
      if (found.length > 0) await this.#playFound(rule, text, found)
      else if (!isOpen && held.length === claims.length) await this.#attack(rule, text)
    } finally {
      await removeOverrides(this.#on)
      await restore(this.#on)
    }
  }

  #verdicts(rules: RuleSet, action: string, wanted: readonly ClaimName[]) {
    return prove(this.#keystone, {
      rules,
      base: this.base,
      managedRoles: defaultManagedRoles,
      claims: wanted,
      actions: [action],
    }).answers
  }

  async #playFound(rule: PlantedRule, text: string, found: readonly Counterexample[]): Promise<void> {
    const different = [...new Map(found.map((each) => [JSON.stringify(each), each])).values()]
    for (const each of different) {
      // made before the rule is laid, which may refuse it to the admin
      const pool = { ids: new Map<string, string>(), people: new Map() }
      const known = Object.values(this.#world.ids)
      const ready = await prepare(each, this.#stage, known, pool, standing(this.#world)).catch((error: unknown) => {
        this.wrong.push(`${told(rule)}: ${JSON.stringify(each)} cannot be made: ${String(error)}`)
      })
      if (ready === undefined) continue
      const { caller, method, path, body, headers } = ready
      await layOverride(this.#on, text)
      const [answer] = await playAll(this.#on, [
        { method, path: `/v3${path}`, token: caller.token, body, ...(headers === undefined ? {} : { headers }) },
      ])
      await removeOverrides(this.#on)
      await restore(this.#on)
      this.counts.played += 1
      const asked = (answer?.asked ?? []).filter(({ action }) => action === each.action)
      const decision = asked.length === 0 ? 'not asked' : asked.every(({ result }) => result) ? 'allow' : 'deny'
      if (decision !== each.decision)
        this.wrong.push(
          `${told(rule)}: ${method} ${path} ${JSON.stringify(body ?? null)} by ${JSON.stringify(each.caller)} was to be ${each.decision}: ${decision}, ${answer?.status} ${answer?.message}`,
        )
    }
  }

  async #attack(rule: PlantedRule, text: string): Promise<void> {
    const attacks = attacksOn(rule.action, rule.check, this.#cells.get(rule.action) ?? [], this.#world)
    if (attacks.length === 0) return
    await layOverride(this.#on, text)
    const answers = await playAll(
      this.#on,
      attacks.map(({ request }) => ({ ...request, restore: true })),
    )
    this.counts.attacks += attacks.length
    for (const [index, { name }] of attacks.entries()) {
      const asked = (answers[index]?.asked ?? []).filter(({ action }) => action === rule.action)
      if (asked.some(({ result }) => result)) this.wrong.push(`${told(rule)}: proved, and ${name} was allowed`)
    }
  }
}

function told({ action, check }: PlantedRule): string {
  return `${action}: ${check}`
}

/** Throws for what the world has not: a rule or a request with an empty id would show nothing. */
function idOf({ ids }: World, label: string): string {
  const id = ids[label]
  if (id === undefined) throw new Error(`the world has no ${label}`)
  return id
}

/** What is there already and needs no owner, by the name of its id in a path. */
function standing(world: World): Readonly<Record<string, string>> {
  const of = (label: string): string => idOf(world, label)
  return {
    region_id: 'r1',
    service_id: of('service:s1'),
    endpoint_id: of('endpoint:e1'),
    endpoint_group_id: of('endpoint_group:g1'),
    policy_id: of('policy:p1'),
    consumer_id: of('consumer:c1'),
    registered_limit_id: of('registered_limit:unused'),
    limit_id: of('limit:globex'),
    access_rule_id: of('access_rule:globex-alice'),
    mapping_id: 'm1',
    idp_id: 'idp1',
    protocol_id: 'saml2',
    service_provider_id: 'sp1',
    sp_id: 'sp1',
    group: 'identity',
    option: 'driver',
  }
}

/** Which action each request asks for is learned from this Keystone, once. */
async function cellsByAction(on: RunningRelease, world: World): Promise<ReadonlyMap<string, readonly Cell[]>> {
  const cells = cellsOf(world)
  const file = join(on.dir, 'actions.json')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  const actionOf = new Map<string, string>(known === undefined ? [] : (JSON.parse(known) as [string, string][]))
  if (known === undefined) {
    const rowOf = ({ name }: Cell): string => name.split(' | ')[1] ?? ''
    const one = new Map(cells.filter(({ persona }) => persona === 'cloud-admin').map((cell) => [rowOf(cell), cell]))
    const answers = await playAll(
      on,
      [...one.values()].map(({ request }) => request),
    )
    for (const [index, row] of [...one.keys()].entries()) {
      const first = answers[index]?.asked[0]
      if (first !== undefined) actionOf.set(row, first.action)
    }
    await writeFile(file, JSON.stringify([...actionOf]))
  }
  const byAction = new Map<string, Cell[]>()
  for (const cell of cells) {
    const action = actionOf.get(cell.name.split(' | ')[1] ?? '')
    if (action !== undefined) byAction.set(action, [...(byAction.get(action) ?? []), cell])
  }
  return byAction
}
