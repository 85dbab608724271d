import type { Fact } from './fact.ts'

/** What an experiment saw. */
export type Observation<T> =
  | { readonly kind: 'seen'; readonly value: T; readonly facts: readonly Fact[] }
  /** Could not be looked up, so it decides nothing. */
  | Unseen
  /** There is nothing to look at. */
  | { readonly kind: 'inapplicable'; readonly because: string; readonly facts: readonly Fact[] }

export type Unseen = { readonly kind: 'unseen'; readonly because: string; readonly facts: readonly Fact[] }

/** The outcome of an experiment, for people. */
export type ExperimentReport = {
  readonly id: string
  readonly asks: string
  readonly outcome: Observation<unknown>['kind']
  readonly because?: string
  readonly facts: readonly Fact[]
  readonly milliseconds: number
}
