/** What is asked of a policy, in the words of the operator and as formulas about one kind of request. */
import type { Family } from '../build/family.ts'
import type { CloudFacts } from '../model/cloud-facts.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import type { RuleSet } from '../engine/rules.ts'
import type { Formula } from './formula.ts'
import type { World } from './world.ts'

export const claimNames = [
  'manager-stays-home',
  'manager-grants',
  'no-escalation',
  'domain-records',
  'secrets',
  'trusts',
  'domain-admin',
  'nothing-lost',
  'nothing-loosened',
] as const
export type ClaimName = (typeof claimNames)[number]

export type Claim = {
  readonly name: ClaimName
  /** What holds if it is proved. */
  readonly title: string
  readonly refutations: readonly Refutation[]
}

/** A request that makes the formula true breaks the claim. */
export type Refutation = {
  /**
   * What the policy says to it: `allowed`, `denied`; `lost`: denied although the base allows it; `gained`: allowed
   * although the base does not.
   */
  readonly decision: 'allowed' | 'denied' | 'lost' | 'gained'
  /** What else it is. */
  readonly breach: Breach
  /** Which actions it is about: all of Keystone's, unless given. */
  readonly actions?: readonly string[]
  /** Of several, which to show. */
  readonly prefer?: Breach
}

export type Breach = (world: World, question: Question) => Formula

/** What the claims are asked of. */
export type Question = {
  readonly release: KeystoneRelease
  readonly family: Family
  readonly facts: CloudFacts
  readonly managedRoles: readonly string[]
  /** Whose admin may look at any project: Magnum does before it stores a quota. */
  readonly magnumDomainId: string | undefined
  /** Base and override together. */
  readonly rules: RuleSet
  /** The base alone. */
  readonly base: RuleSet
  /** Every way to ask for an action. */
  readonly viewsOf: (action: string) => readonly View[]
}

/** One kind of request, and when the policy and its base let it through. */
export type View = { readonly world: World; readonly allowed: Formula; readonly allowedByBase: Formula }
