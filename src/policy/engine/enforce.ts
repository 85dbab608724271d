/**
 * One decision, as a service requests it. oslo.policy 4.0.0, oslo_policy/policy.py, Enforcer.enforce.
 *
 * If Python raises, the decision is an `error`: the answer is 500, neither yes nor no. It is a value and not a throw,
 * so that the caller must handle it.
 */
import { holds } from './evaluate.ts'
import type { Request } from './evaluate.ts'
import { RuleError, isTrue, lookUp } from '../python/value.ts'
import type { Dict } from '../python/value.ts'
import { findRule } from './rules.ts'
import type { RuleSet } from './rules.ts'

export type Decision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly because: DenyReason }
  | { readonly kind: 'error'; readonly error: RuleError }

/**
 * `rule`: the check does not hold. `undefined`: there is no such rule and no `default`. `scope`: the token's scope is
 * not one of the rule's, and scopes are enforced.
 */
export type DenyReason = 'rule' | 'undefined' | 'scope'

/** The scope of a token; one without any scope counts as `project`. */
export type Scope = 'system' | 'domain' | 'project'

const allow: Decision = { kind: 'allow' }
const deny = {
  rule: { kind: 'deny', because: 'rule' },
  undefined: { kind: 'deny', because: 'undefined' },
  scope: { kind: 'deny', because: 'scope' },
} as const satisfies Record<DenyReason, Decision>

/** Decides on `action` for these credentials (as from `to_policy_values` and Keystone) and this flat target. */
export function enforce(rules: RuleSet, action: string, creds: Dict, target: Dict): Decision {
  const rule = findRule(rules, action)
  if (rule === undefined) return deny.undefined
  const request = requestOf(rules, creds, target)
  if (!isScopeMet(rules, action, request.creds)) return deny.scope
  try {
    return holds(rule.check, request) ? allow : deny.rule
  } catch (error) {
    if (error instanceof RuleError) return { kind: 'error', error }
    throw error
  }
}

/** The credentials for the checks: the enforcer copies `system_scope` to `system` first. */
export function requestOf(rules: RuleSet, creds: Dict, target: Dict): Request {
  const scope = lookUp(creds, 'system_scope')
  if (scope === undefined || !isTrue(scope)) return { rules: rules.rules, creds, target }
  const entries = creds instanceof Map ? [...creds] : Object.entries(creds)
  return { rules: rules.rules, creds: new Map([...entries, ['system', scope]]), target }
}

/** Only the enforced rule's own scopes count, never those of a referenced rule or of `default`. */
export function isScopeMet(rules: RuleSet, action: string, creds: Dict): boolean {
  if (!rules.enforceScope) return true
  const scopes = rules.rules.get(action)?.scopes
  return scopes === undefined || scopes.length === 0 || scopes.includes(scopeOf(creds))
}

export function scopeOf(creds: Dict): Scope {
  if (isTrue(lookUp(creds, 'system'))) return 'system'
  return isTrue(lookUp(creds, 'domain_id')) ? 'domain' : 'project'
}
