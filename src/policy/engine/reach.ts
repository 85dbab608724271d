/** Walks from an action to every check that it can reach, through `rule:` references. */
import { renderCheck } from './check.ts'
import type { AttributeCheck, BareTextCheck, Check, FalseCheck, RoleCheck, RuleCheck } from './check.ts'
import { findRule } from './rules.ts'
import type { Rule, RuleSet } from './rules.ts'

export type Leaf =
  | AttributeCheck
  | BareTextCheck
  | FalseCheck
  | RoleCheck
  | RuleCheck
  | Extract<Check, { readonly kind: 'true' | 'http' }>

export type Occurrence = {
  readonly leaf: Leaf
  /** The rule whose text has it. */
  readonly rule: Rule
  /** The rules between the action and that one, the action first. */
  readonly trail: readonly string[]
  readonly isNegated: boolean
  /** The operators above it, the nearest first, with its siblings there. */
  readonly frames: readonly Frame[]
}

export type Frame = { readonly kind: 'and' | 'or'; readonly siblings: readonly Check[] }

/** The leaves of one check, references included but not followed. */
export function* leavesOf(check: Check, isNegated = false): Generator<{ leaf: Leaf; isNegated: boolean }> {
  switch (check.kind) {
    case 'and':
    case 'or':
      for (const each of check.checks) yield* leavesOf(each, isNegated)
      return
    case 'not':
      yield* leavesOf(check.check, !isNegated)
      return
    case 'true':
    case 'false':
    case 'role':
    case 'rule':
    case 'attribute':
    case 'http':
    case 'bare-text':
      yield { leaf: check, isNegated }
  }
}

/** Every leaf that a decision on `action` may evaluate; a cycle is followed once. */
export function* reach(rules: RuleSet, action: string): Generator<Occurrence> {
  const rule = findRule(rules, action)
  if (rule !== undefined) yield* descend(rules, rule.check, { rule, trail: [action], isNegated: false, frames: [] })
}

function* descend(rules: RuleSet, check: Check, at: Omit<Occurrence, 'leaf'>): Generator<Occurrence> {
  switch (check.kind) {
    case 'and':
    case 'or': {
      const { kind, checks } = check
      for (const each of checks) {
        const frame: Frame = { kind, siblings: checks.filter((other) => other !== each) }
        yield* descend(rules, each, { ...at, frames: [frame, ...at.frames] })
      }
      return
    }
    case 'not':
      yield* descend(rules, check.check, { ...at, isNegated: !at.isNegated })
      return
    case 'rule': {
      yield { leaf: check, ...at }
      const rule = findRule(rules, check.name)
      if (rule === undefined || at.trail.includes(check.name)) return
      yield* descend(rules, rule.check, { ...at, rule, trail: [...at.trail, check.name] })
      return
    }
    case 'true':
    case 'false':
    case 'role':
    case 'attribute':
    case 'http':
    case 'bare-text':
      yield { leaf: check, ...at }
  }
}

/** The alternatives of a check, and the requirements of each, as canonical text. */
export function alternatives(rules: RuleSet, check: Check, depth = 0): readonly (readonly string[])[] {
  if (depth > 20) return [[renderCheck(check)]]
  switch (check.kind) {
    case 'or':
      return check.checks.flatMap((each) => alternatives(rules, each, depth + 1))
    case 'and':
      // The requirements of an `or` inside of an `and` are left as they are: then fewer alternatives look equal, which
      // is safe.
      return [check.checks.flatMap((each) => demands(rules, each, depth + 1))]
    case 'rule': {
      const rule = findRule(rules, check.name)
      return rule === undefined ? [[renderCheck(check)]] : alternatives(rules, rule.check, depth + 1)
    }
    case 'true':
      return [[]]
    case 'false':
      return []
    case 'role':
    case 'attribute':
    case 'http':
    case 'not':
    case 'bare-text':
      return [[renderCheck(check)]]
  }
}

/** Everything that must hold for the check to hold. */
export function demands(rules: RuleSet, check: Check, depth = 0): readonly string[] {
  const all = alternatives(rules, check, depth)
  const [only] = all
  return all.length === 1 && only !== undefined ? only : [renderCheck(check)]
}
