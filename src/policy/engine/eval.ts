/**
 * One question per line, one answer per line, in JSON: for comparisons of this engine with oslo.policy. Keep it stable.
 *
 *   {"rules": {..}, "rule": "..", "creds": {..}, "target": {..}}  ->  {"result": true, "canonical": "(a:b or @)"}
 *   {"file": "<text of a policy file>"}                           ->  {"rules": {"name": "<canonical>", ..}}
 *   where Python raises, or the line is no question               ->  {"error": "TypeError: .."}
 *
 * As in a service, a rule named `default` replaces every undefined rule. A rule without replacement is denied, and its
 * canonical form is `!`. JSON is read as Python reads it: 5.0 is not 5.
 */
import { InputError } from '../../errors.ts'
import { renderCheck } from './check.ts'
import type { Check } from './check.ts'
import { enforce } from './enforce.ts'
import { parsePolicyFile } from './file.ts'
import { JsonError, parseJson } from '../python/json.ts'
import { parseRule } from './parse.ts'
import { RuleError, isDict, lookUp } from '../python/value.ts'
import type { Dict } from '../python/value.ts'
import { findRule, rulesFrom } from './rules.ts'

/** Many questions use the same rules, and reading them again would take most of the time. */
const known = new Map<string, Check>()
const mostKnown = 10_000

/** Never throws for the content of a line. */
export function evalLine(line: string): string {
  try {
    return JSON.stringify(answer(line))
  } catch (error) {
    return JSON.stringify({ error: errorText(error) })
  }
}

function answer(line: string): object {
  const question = parseJson(line)
  if (!isDict(question)) throw new InputError('a question is an object')
  const file = lookUp(question, 'file')
  if (typeof file === 'string') return { rules: canonicalRules(file) }
  const rules = rulesFrom(dictOf(question, 'rules'), parseOnce)
  const name = lookUp(question, 'rule')
  if (typeof name !== 'string') throw new InputError('`rule` is the name of a rule')
  const decision = enforce(rules, name, dictOf(question, 'creds'), dictOf(question, 'target'))
  if (decision.kind === 'error') throw decision.error
  const rule = findRule(rules, name)
  return { result: decision.kind === 'allow', canonical: rule === undefined ? '!' : renderCheck(rule.check) }
}

function canonicalRules(text: string): object {
  const { rules, unreachable } = parsePolicyFile(text)
  if (unreachable.some((rule) => rule.isDate)) throw new InputError('JSON cannot express a name that is a date')
  return Object.fromEntries([...rules, ...unreachable].map((rule) => [rule.name, renderCheck(rule.check)]))
}

function parseOnce(value: unknown): Check {
  if (typeof value !== 'string') return parseRule(value)
  const before = known.get(value)
  if (before !== undefined) return before
  const check = parseRule(value)
  if (known.size >= mostKnown) known.clear()
  known.set(value, check)
  return check
}

function dictOf(question: Dict, key: string): Dict {
  const value = lookUp(question, key) ?? {}
  if (!isDict(value)) throw new InputError(`\`${key}\` is an object`)
  return value
}

function errorText(error: unknown): string {
  if (error instanceof RuleError) return `${error.type}: ${error.message}`
  if (error instanceof JsonError || error instanceof InputError) return `ValueError: ${error.message}`
  throw error
}
