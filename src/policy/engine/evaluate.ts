/**
 * Does a check hold? Evaluated left to right and no further than needed, because a check that is not evaluated cannot
 * raise: `@ or class:x` is a yes, `class:x or @` is an error. oslo.policy 4.0.0, oslo_policy/_checks.py.
 */
import type { AttributeCheck, Check, RoleCheck } from './check.ts'
import { fill } from '../python/format.ts'
import { RuleError, isDict, isList, keysOf, lookUp, str } from '../python/value.ts'
import type { Dict, Value } from '../python/value.ts'
import { findRule } from './rules.ts'
import type { Rule } from './rules.ts'

/** The subject of one decision. */
export type Request = {
  readonly rules: ReadonlyMap<string, Rule>
  readonly creds: Dict
  /** Flat: `target.user.domain_id` is one key. */
  readonly target: Dict
}

/** Python's stack holds a thousand frames; every rule, operator and negation takes two of them. */
export const deepestCheck = 490

/** Throws RuleError if Python raises. */
export function holds(check: Check, request: Request, depth = 0): boolean {
  if (depth > deepestCheck) throw new RuleError('RecursionError', 'the rules refer to each other in a circle')
  switch (check.kind) {
    case 'true':
      return true
    case 'false':
      return false
    case 'role':
      return holdsRole(check, request)
    case 'attribute':
      return holdsAttribute(check, request)
    case 'rule': {
      const rule = findRule(request, check.name)
      return rule !== undefined && holds(rule.check, request, depth + 1)
    }
    case 'not':
      return !holds(check.check, request, depth + 1)
    case 'and':
      for (const each of check.checks) if (!holds(each, request, depth + 1)) return false
      return true
    case 'or':
      for (const each of check.checks) if (holds(each, request, depth + 1)) return true
      return false
    case 'http':
      throw new RuleError('Refused', `\`${check.scheme}:\` checks ask a remote server and are not run`)
    case 'bare-text':
      throw new RuleError('AttributeError', `the whole rule is the bare text ${check.text}`)
  }
}

function holdsRole(check: RoleCheck, { creds, target }: Request): boolean {
  const wanted = fill(check.format, target)
  if (wanted === undefined) return false
  const roles = lookUp(creds, 'roles')
  if (roles === undefined) return false
  const lower = wanted.toLowerCase()
  let found = false
  // Checks every role, even after a match: one that is not text raises.
  for (const role of iterate(roles)) {
    if (typeof role !== 'string') throw new RuleError('AttributeError', 'a role is not text')
    if (role === wanted || role.toLowerCase() === lower) found = true
  }
  return found
}

function iterate(roles: Value): Iterable<Value> {
  if (isList(roles) || typeof roles === 'string') return roles
  if (isDict(roles)) return keysOf(roles)
  throw new RuleError('TypeError', 'roles is not a list')
}

function holdsAttribute(check: AttributeCheck, { creds, target }: Request): boolean {
  const wanted = fill(check.format, target)
  if (wanted === undefined) return false
  const { subject } = check
  switch (subject.kind) {
    case 'literal':
      return subject.text === wanted
    case 'path':
      return finds(creds, subject.segments, 0, wanted)
    case 'syntax-error':
      throw new RuleError('SyntaxError', `\`${check.left}\` is not a Python expression`)
    case 'refused':
      throw new RuleError('Refused', `\`${check.left}\` is a Python expression that is not supported`)
  }
}

/** Walks the credentials; in a list any element matches. */
function finds(value: Value, path: readonly string[], at: number, wanted: string): boolean {
  const key = path[at]
  if (key === undefined) return str(value) === wanted
  if (typeof value !== 'object' || value === null || !isDict(value)) {
    throw new RuleError('TypeError', `cannot look up \`${key}\` in what is not a mapping`)
  }
  const next = lookUp(value, key)
  if (next === undefined) return false
  if (!isList(next)) return finds(next, path, at + 1, wanted)
  return next.some((each) => finds(each, path, at + 1, wanted))
}
