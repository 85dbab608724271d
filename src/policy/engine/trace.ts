/**
 * A decision with its reasons: every clause, its comparison, and the clauses that were not evaluated. The same code
 * decides about a clause with and without a trace.
 */
import type { Check } from './check.ts'
import { enforce, requestOf, scopeOf } from './enforce.ts'
import type { Decision, Scope } from './enforce.ts'
import { deepestCheck, holds } from './evaluate.ts'
import type { Request } from './evaluate.ts'
import { fill, keysRead } from '../python/format.ts'
import type { Format } from '../python/format.ts'
import { RuleError, isDict, isList, lookUp, str } from '../python/value.ts'
import type { Dict, Value } from '../python/value.ts'
import { findRule } from './rules.ts'
import type { Rule, RuleSet } from './rules.ts'

/** `skipped`: a clause to the left had already decided. */
export type ClauseOutcome = 'true' | 'false' | 'error' | 'skipped'

export type Clause = {
  readonly check: Check
  readonly outcome: ClauseOutcome
  /** The values of a role check or an attribute check. Absent if nothing was compared. */
  readonly saw?: Comparison
  /** The rule of a `rule:` check, `default` included; absent if there is none. */
  readonly rule?: Rule
  readonly error?: RuleError
  /** Operands, or the check of the referenced rule. */
  readonly clauses: readonly Clause[]
}

export type Comparison = {
  /** The right-hand side, filled in; `undefined` if the target lacks a key. */
  readonly wanted: string | undefined
  /** The key that the target lacks. */
  readonly missing: string | undefined
  /** The value in the credentials, as the library compares it; empty if there is none. */
  readonly held: readonly string[]
}

export type Trace = {
  readonly decision: Decision
  /** The enforced rule; `undefined` if there is none by that name and no `default`. */
  readonly rule: Rule | undefined
  /** The token's scope. Only counts if scopes are enforced. */
  readonly scope: Scope
  /** The trace of the rule's check. Also there if the scope had already decided. */
  readonly clause: Clause | undefined
}

export function traceDecision(rules: RuleSet, action: string, creds: Dict, target: Dict): Trace {
  const request = requestOf(rules, creds, target)
  const rule = findRule(rules, action)
  return {
    decision: enforce(rules, action, creds, target),
    rule,
    scope: scopeOf(request.creds),
    clause: rule === undefined ? undefined : traceCheck(rule.check, request),
  }
}

/** Stops like the library: an error leaves the clauses after it `skipped`. */
export function traceCheck(check: Check, request: Request, depth = 0): Clause {
  if (depth > deepestCheck) {
    const error = new RuleError('RecursionError', 'the rules refer to each other in a circle')
    return { check, outcome: 'error', error, clauses: [] }
  }
  switch (check.kind) {
    case 'not':
      return negated(check, traceCheck(check.check, request, depth + 1))
    case 'and':
      return combined(check, check.checks, 'false', request, depth)
    case 'or':
      return combined(check, check.checks, 'true', request, depth)
    case 'rule': {
      const rule = findRule(request, check.name)
      if (rule === undefined) return { check, outcome: 'false', clauses: [] }
      const clause = traceCheck(rule.check, request, depth + 1)
      return { check, outcome: clause.outcome, rule, clauses: [clause] }
    }
    case 'role':
      return leaf(check, request, compare(check.format, request.target, rolesHeld(request.creds)))
    case 'attribute': {
      const { subject } = check
      const held = subject.kind === 'path' ? valuesAt(request.creds, subject.segments) : []
      const own = subject.kind === 'literal' ? [subject.text] : held
      return leaf(check, request, compare(check.format, request.target, own))
    }
    case 'true':
    case 'false':
    case 'http':
    case 'bare-text':
      return leaf(check, request)
  }
}

function leaf(check: Check, request: Request, saw?: Comparison): Clause {
  const seen = saw === undefined ? {} : { saw }
  try {
    return { check, outcome: holds(check, request) ? 'true' : 'false', ...seen, clauses: [] }
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    return { check, outcome: 'error', error, ...seen, clauses: [] }
  }
}

function negated(check: Check, clause: Clause): Clause {
  const opposite = { true: 'false', false: 'true', error: 'error', skipped: 'skipped' } as const
  return { check, outcome: opposite[clause.outcome], clauses: [clause] }
}

/** Continues until one clause decides: a true one in an `or`, a false one in an `and`, an error in both. */
function combined(
  check: Check,
  checks: readonly Check[],
  deciding: 'true' | 'false',
  request: Request,
  depth: number,
): Clause {
  const clauses: Clause[] = []
  let outcome: ClauseOutcome = deciding === 'true' ? 'false' : 'true'
  for (const each of checks) {
    const isDecided: boolean = outcome === 'error' || outcome === deciding
    const clause: Clause = isDecided ? skipped(each) : traceCheck(each, request, depth + 1)
    if (clause.outcome === deciding || clause.outcome === 'error') outcome = clause.outcome
    clauses.push(clause)
  }
  return { check, outcome, clauses }
}

function skipped(check: Check): Clause {
  return { check, outcome: 'skipped', clauses: [] }
}

function compare(format: Format, target: Dict, held: readonly string[]): Comparison {
  const missing = keysRead(format).find((key) => lookUp(target, key) === undefined)
  return { wanted: filled(format, target), missing, held }
}

function filled(format: Format, target: Dict): string | undefined {
  try {
    return fill(format, target)
  } catch (error) {
    if (error instanceof RuleError) return undefined
    throw error
  }
}

function rolesHeld(creds: Dict): readonly string[] {
  const roles = lookUp(creds, 'roles')
  return roles !== undefined && isList(roles) ? roles.map(str) : []
}

function valuesAt(value: Value, path: readonly string[]): readonly string[] {
  const [key, ...rest] = path
  if (key === undefined) return [str(value)]
  if (!isDict(value)) return []
  const next = lookUp(value, key)
  if (next === undefined) return []
  return isList(next) ? next.flatMap((each) => valuesAt(each, rest)) : valuesAt(next, rest)
}
