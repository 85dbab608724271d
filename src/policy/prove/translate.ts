/** A rule as a formula about one kind of request. */
import type { AttributeCheck, Check, RoleCheck } from '../engine/check.ts'
import type { Scope } from '../engine/enforce.ts'
import { defaultRule, findRule } from '../engine/rules.ts'
import type { RuleSet } from '../engine/rules.ts'
import { renderCheck } from '../engine/check.ts'
import { and, constant, equal, no, not, or, role, yes } from './formula.ts'
import type { Formula, Term } from './formula.ts'
import type { World } from './world.ts'

/** When the rules allow the request of this world. A request that raises is not allowed. */
export function allows(rules: RuleSet, world: World): Formula {
  const rule = findRule(rules, world.action)
  if (rule === undefined) return no
  const scopes = rules.rules.get(world.action)?.scopes
  const isInScope = scopes === undefined || scopes.length === 0 || scopes.includes(scopeOf(world))
  if (rules.enforceScope && !isInScope) return no
  return translate(rule.check, rules, world, [])
}

function scopeOf({ caller }: World): Scope {
  switch (caller.kind) {
    case 'system':
    case 'domain':
      return caller.kind
    case 'admin-project':
    case 'project':
    case 'unscoped':
      return 'project'
  }
}

/** The formula of a named rule in this world; `undefined` if there is none. */
export function ruleFormula(rules: RuleSet, name: string, world: World): Formula | undefined {
  const rule = rules.rules.get(name)
  return rule && translate(rule.check, rules, world, [name])
}

function translate(check: Check, rules: RuleSet, world: World, path: readonly string[]): Formula {
  switch (check.kind) {
    case 'true':
      return yes
    case 'false':
      return no
    case 'and':
      return and(...check.checks.map((each) => translate(each, rules, world, path)))
    case 'or':
      return or(...check.checks.map((each) => translate(each, rules, world, path)))
    case 'not':
      return not(translate(check.check, rules, world, path))
    case 'rule': {
      if (path.includes(check.name)) return opaque(check)
      const rule = rules.rules.get(check.name) ?? rules.rules.get(defaultRule)
      return rule === undefined ? no : translate(rule.check, rules, world, [...path, check.name])
    }
    case 'role':
      return roleFormula(check, world)
    case 'attribute':
      return attributeFormula(check, world)
    case 'http':
    case 'bare-text':
      return opaque(check)
  }
}

/** May be true or false. Sound for what must never be allowed; for what must be allowed, the evaluator decides. */
function opaque(check: Check): Formula {
  return { kind: 'opaque', text: renderCheck(check), holds: true }
}

function roleFormula(check: RoleCheck, world: World): Formula {
  if (world.caller.kind === 'unscoped') return no
  return check.format.kind === 'constant' ? role(check.format.text) : opaque(check)
}

function attributeFormula(check: AttributeCheck, world: World): Formula {
  const right = rightOf(check, world)
  if (right === 'missing') return no
  const left = leftOf(check, world)
  if (left === 'missing') return no
  return right === 'unknown' || left === 'unknown' ? opaque(check) : equal(left, right)
}

function leftOf({ subject }: AttributeCheck, world: World): Term | 'missing' | 'unknown' {
  switch (subject.kind) {
    case 'literal':
      return constant(subject.text)
    case 'path':
      return world.caller.find(subject.segments)
    case 'syntax-error':
    case 'refused':
      return 'unknown'
  }
}

function rightOf({ format }: AttributeCheck, world: World): Term | 'missing' | 'unknown' {
  switch (format.kind) {
    case 'constant':
      return constant(format.text)
    case 'key': {
      const seen = world.seen(format.key)
      return seen === 'missing' || (format.before === '' && format.after === '') ? seen : 'unknown'
    }
    case 'percent':
      return 'unknown'
  }
}
