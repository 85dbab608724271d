/** Every counterexample that is printed for a Keystone of the lab is a request that the real one answers as predicted. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultManagedRoles } from '../../src/policy/build/managed-roles.ts'
import { cloudFactsOf } from '../../src/policy/model/cloud-facts.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { prove } from '../../src/policy/prove/prove.ts'
import { carelessOverride } from '../policy/careless-override.ts'
import { scsOverride } from '../policy/fixtures.ts'
import { findKeystone, layOverride, removeOverrides } from './cloud.ts'
import type { LabKeystone } from './cloud.ts'
import { Stage } from './policy-people.ts'
import type { Person } from './policy-people.ts'
import { play } from './policy-play.ts'

describe.each([
  { on: 'main', laid: 'nothing', text: undefined },
  { on: 'main', laid: 'a careless override', text: carelessOverride },
  { on: 'charm', laid: 'nothing', text: undefined },
  { on: 'charm', laid: 'the published scs-0302-w1', text: scsOverride() },
] as const)('on the $on Keystone with $laid over its base', ({ on, text }) => {
  let keystone: LabKeystone
  let stage: Stage
  beforeAll(async () => {
    keystone = await findKeystone(on)
    await removeOverrides(keystone)
    if (text !== undefined) await layOverride(keystone, text)
    stage = await Stage.open(keystone)
  })
  afterAll(async () => {
    await stage.close()
    await removeOverrides(keystone)
  })

  test('Keystone answers every counterexample as predicted', { timeout: 900_000 }, async () => {
    const model = await loadKeystone(parseRelease('debian-22'))
    const base: Base =
      on === 'main'
        ? { kind: 'default' }
        : { kind: 'file', file: 'policy.json', text: await readFile(keystone.basePolicy, 'utf8') }
    const overrides = text === undefined ? [] : [{ file: 'override.yaml', text }]
    const rules = keystoneRules(model, { base })
    const proof = prove(model, {
      rules: keystoneRules(model, { base, overrides }),
      base: rules,
      managedRoles: defaultManagedRoles,
    })
    const { adminDomain, servicesProject } = cloudFactsOf(rules, model.release)
    const known = on === 'charm' ? [adminDomain, servicesProject] : []
    const surprises: string[] = []
    const pool = { ids: new Map<string, string>(), people: new Map<string, Person>() }
    // the same request may break two claims
    const found = new Map(
      proof.answers.flatMap(({ counterexamples }) => counterexamples).map((each) => [JSON.stringify(each), each]),
    )
    for (const each of found.values()) {
      const played = await play(each, stage, known, pool)
      if (played.decision !== each.decision) {
        surprises.push(`${each.action}: ${played.request} was expected to be ${each.decision}: ${played.message}`)
      }
    }
    expect(surprises).toEqual([])
    expect(found.size).toBeGreaterThan(10)
  })
})
