/** What the rules answer to the questions that a cloud was asked, and which rules match its answers. */
import { cloudFactsOf } from '../policy/model/cloud-facts.ts'
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import { casesOf } from '../policy/model/cases.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import type { Base, Keystone, PolicyText } from '../policy/releases/keystone.ts'
import { answerOf } from '../policy/model/answer.ts'
import type { Decided } from '../policy/model/answer.ts'
import { cellOf, isAsked } from './observe.ts'
import type { Observation } from './observe.ts'

/** Answers by cell (`cellOf`). */
export type PolicyExpectation = ReadonlyMap<string, Decided>

export type PolicyExpectationOptions = {
  readonly base: Base
  readonly overrides?: readonly PolicyText[]
  /** Of the cloud. Those of bootstrap if they could not be read. */
  readonly inferences: RoleInferences | undefined
  readonly enforceNewDefaults?: boolean
  readonly enforceScope?: boolean
}

/** The domain admin that asks is at home in a throwaway domain: what a policy grants by the name of Magnum's is not its. */
const throwawayHome = 'a throwaway domain'

/** Throws InputError for rules that Keystone cannot load either. */
export function policyExpectationOf(
  keystone: Keystone,
  { base, overrides, inferences, ...enforced }: PolicyExpectationOptions,
): PolicyExpectation {
  const bare = keystoneRules(keystone, { base })
  const rules = keystoneRules(keystone, {
    base,
    ...(overrides === undefined ? {} : { overrides }),
    ...enforced,
  })
  return new Map(
    casesOf(
      { ...cloudFactsOf(bare, keystone.release, inferences), magnumDomain: throwawayHome },
      keystone,
      isAsked,
    ).map((ask) => {
      const { persona, operation, place, target } = ask
      const cell = cellOf({ persona: persona.name, operation: operation.id, place })
      return [cell, answerOf(rules, operation.action, persona, target)]
    }),
  )
}

/**
 * The cells in which the cloud's answer differs from these rules. A cell that is unknown to either side is no
 * difference.
 */
export function differences(observed: readonly Observation[], expectation: PolicyExpectation): readonly Observation[] {
  return observed.filter((one) => {
    const written = expectation.get(cellOf(one))
    return one.answer !== 'unknown' && (written === 'allow' || written === 'deny') && written !== one.answer
  })
}

/** The cells in which two sets of rules differ. */
export function distinction(one: PolicyExpectation, other: PolicyExpectation): ReadonlySet<string> {
  return new Set([...one].flatMap(([cell, answer]) => (other.get(cell) === answer ? [] : [cell])))
}
