/**
 * From a rule's value, in a file or a release, to a check. It never fails on text: oslo.policy turns text that it does
 * not understand into a check that says no, and so does this, with its place for an explanation. oslo.policy 4.0.0,
 * oslo_policy/_parser.py; the same up to 4.5.1 (5.0 differs for bare text only).
 */
import type { Check, Span, Subject } from './check.ts'
import { literalOf } from '../python/literal.ts'
import { parseFormat } from '../python/format.ts'
import { RuleError, floatOf } from '../python/value.ts'
import { tokenize } from './tokenize.ts'
import type { Token } from './tokenize.ts'

/** Text is the policy language; anything else is the old list of lists. Throws RuleError if Python raises. */
export function parseRule(value: unknown): Check {
  return typeof value === 'string' ? parseText(value) : parseList(value)
}

function parseText(text: string): Check {
  const span = { start: 0, end: text.length }
  if (text === '') return { kind: 'true', span }
  const stack: Item[] = []
  for (const token of tokenize(text)) {
    stack.push(itemOf(token))
    reduce(stack)
  }
  const [first] = stack
  if (stack.length !== 1 || first === undefined) return { kind: 'false', malformed: 'rule', span }
  return first.check ?? { kind: 'bare-text', text: first.text, span }
}

/** An entry of the parser's stack: `check` is set once it is more than a token. */
type Item = {
  readonly tag: Token['kind'] | 'and_expr' | 'or_expr'
  readonly check?: Check
  readonly text: string
  readonly span: Span
}

function itemOf(token: Token): Item {
  const { kind, text, span } = token
  return kind === 'check' ? { tag: kind, check: parseCheck(text, span), text, span } : { tag: kind, text, span }
}

/** Python reduces by recursion, once per consecutive reduction, and stops near a thousand. */
const longestReduction = 980

/** Applies the first production that fits, repeatedly. Greedy: nothing looks at the next token. */
function reduce(stack: Item[]): void {
  for (let count = 0; reduceOnce(stack); count++) {
    if (count > longestReduction) throw new RuleError('RecursionError', 'the rule is nested too deeply')
  }
}

function reduceOnce(stack: Item[]): boolean {
  const a = stack.at(-3)
  const b = stack.at(-2)
  const c = stack.at(-1)
  if (b === undefined || c === undefined) return false
  if (a !== undefined) {
    const reduced = reduceThree(a, b, c)
    if (reduced !== undefined) {
      stack.splice(-3, 3, reduced)
      return true
    }
  }
  if (b.tag !== 'not' || c.tag !== 'check' || c.check === undefined) return false
  const span = { start: b.span.start, end: c.span.end }
  stack.splice(-2, 2, { tag: 'check', check: { kind: 'not', check: c.check, span }, text: '', span })
  return true
}

function reduceThree(a: Item, b: Item, c: Item): Item | undefined {
  const span = { start: a.span.start, end: c.span.end }
  if (a.tag === '(' && c.tag === ')' && b.check !== undefined) return { tag: 'check', check: b.check, text: '', span }
  if (c.tag !== 'check' || a.check === undefined || c.check === undefined) return undefined
  if (b.tag === 'and') {
    if (a.tag === 'or_expr' && a.check.kind === 'or') return andAfterOr(a.check.checks, a.span, c.check, c.span)
    const checks = a.tag === 'and_expr' && a.check.kind === 'and' ? a.check.checks : [a.check]
    return { tag: 'and_expr', check: { kind: 'and', checks: [...checks, c.check], span }, text: '', span }
  }
  if (b.tag === 'or') {
    const checks = a.tag === 'or_expr' && a.check.kind === 'or' ? a.check.checks : [a.check]
    return { tag: 'or_expr', check: { kind: 'or', checks: [...checks, c.check], span }, text: '', span }
  }
  return undefined
}

/** `A or B and C`: the `and` takes the last operand of the `or`, which is how it binds tighter. */
function andAfterOr(operands: readonly Check[], before: Span, check: Check, after: Span): Item | undefined {
  const last = operands.at(-1)
  if (last === undefined) return undefined
  const own = { start: last.span.start, end: after.end }
  const checks = last.kind === 'and' ? last.checks : [last]
  const span = { start: before.start, end: after.end }
  const and: Check = { kind: 'and', checks: [...checks, check], span: own }
  return { tag: 'or_expr', check: { kind: 'or', checks: [...operands.slice(0, -1), and], span }, text: '', span }
}

/** One `kind:match`. */
function parseCheck(text: string, span: Span): Check {
  if (text === '!') return { kind: 'false', span }
  if (text === '@') return { kind: 'true', span }
  const colon = text.indexOf(':')
  if (colon < 0) return { kind: 'false', malformed: 'token', span }
  const kind = text.slice(0, colon)
  const match = text.slice(colon + 1)
  switch (kind) {
    case 'http':
    case 'https':
      return { kind: 'http', scheme: kind, match, span }
    case 'rule':
      return { kind: 'rule', name: match, span }
    case 'role':
      return { kind: 'role', match, format: parseFormat(match), span }
    default:
      return { kind: 'attribute', left: kind, subject: subjectOf(kind), match, format: parseFormat(match), span }
  }
}

function subjectOf(left: string): Subject {
  const literal = literalOf(left)
  return literal.kind === 'expression' ? { kind: 'path', segments: left.split('.') } : literal
}

/** The outer list is or, the inner lists are and, and every string in them is one check, never an expression. */
function parseList(value: unknown): Check {
  const nowhere = { start: 0, end: 0 }
  if (isFalsy(value)) return { kind: 'true', span: nowhere }
  const alternatives: Check[] = []
  for (const inner of iterate(value)) {
    if (isFalsy(inner)) continue
    const checks = typeof inner === 'string' ? [parseItem(inner)] : iterate(inner).map(parseItem)
    const [only] = checks
    alternatives.push(only !== undefined && checks.length === 1 ? only : { kind: 'and', checks, span: nowhere })
  }
  const [only] = alternatives
  if (only === undefined) return { kind: 'false', malformed: 'rule', span: nowhere }
  return alternatives.length === 1 ? only : { kind: 'or', checks: alternatives, span: nowhere }
}

function parseItem(value: unknown): Check {
  if (typeof value === 'string') return parseCheck(value, { start: 0, end: value.length, item: value })
  // A value that is not a string has no `split`, which Python treats as a check that it does not understand.
  return { kind: 'false', malformed: 'token', span: { start: 0, end: 0 } }
}

/** The result of Python's `not value`. */
export function isFalsy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0 || value === 0n)
    return true
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  if (!isPlainObject(value)) return false
  return (floatOf(value) ?? Object.keys(value).length) === 0
}

/** The items of Python's `for`: a dict gives its keys. */
function iterate(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.map((item: unknown) => item)
  if (value instanceof Map) return [...value.keys()].map((key: unknown) => key)
  if (isPlainObject(value) && floatOf(value) === undefined) return Object.keys(value)
  throw new RuleError('TypeError', 'the rule is neither text nor a list')
}

function isPlainObject(value: unknown): value is Readonly<Record<string, never>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
