/** A claim about a policy: as text for the operator, and as formulas about one kind of request. */
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
  'cloud-wide',
  'others-credentials',
  'others-sessions',
  'nothing-lost',
  'nothing-loosened',
] as const
export type ClaimName = (typeof claimNames)[number]

export type Claim = {
  readonly name: ClaimName
  /** What a proof establishes. */
  readonly title: string
  readonly refutations: readonly Refutation[]
}

/** A request that makes the formula true breaks the claim. */
export type Refutation = {
  /**
   * The policy's answer: `allowed`, `denied`; `lost`: denied although the base allows it; `gained`: allowed although
   * the base does not.
   */
  readonly decision: 'allowed' | 'denied' | 'lost' | 'gained'
  /** The other conditions. */
  readonly breach: Breach
  /** The actions of the claim: all of Keystone's, unless given. */
  readonly actions?: readonly string[]
  /** Which of several to show. */
  readonly prefer?: Breach
}

export type Breach = (world: World, question: Question) => Formula

/** The subject of the claims. */
export type Question = {
  readonly release: KeystoneRelease
  readonly family: Family
  readonly facts: CloudFacts
  readonly managedRoles: readonly string[]
  /** The name of the domain whose admin may read any project, as Magnum does before it stores a quota. */
  readonly magnumDomain: string
  /** Base and override together. */
  readonly rules: RuleSet
  /** The base alone. */
  readonly base: RuleSet
  /** Every form of a request for an action. */
  readonly viewsOf: (action: string) => readonly View[]
}

/** One kind of request, and the conditions under which the policy and its base allow it. */
export type View = { readonly world: World; readonly allowed: Formula; readonly allowedByBase: Formula }
