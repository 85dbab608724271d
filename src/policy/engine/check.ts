/**
 * A rule as a tree. `renderCheck` gives the same text as oslo.policy's `str(check)`: two rules with the same text mean
 * the same.
 */
import type { Format } from '../python/format.ts'
import { RuleError } from '../python/value.ts'

/** The span of a part of a rule in its text: offsets in UTF-16 units, without the end. */
export type Span = {
  readonly start: number
  readonly end: number
  /** In a list of lists: the string in which the offsets count. */
  readonly item?: string
}

export type Check =
  | { readonly kind: 'true'; readonly span: Span }
  | FalseCheck
  | RoleCheck
  | RuleCheck
  | AttributeCheck
  | { readonly kind: 'http'; readonly scheme: 'http' | 'https'; readonly match: string; readonly span: Span }
  | { readonly kind: 'not'; readonly check: Check; readonly span: Span }
  | { readonly kind: 'and' | 'or'; readonly checks: readonly Check[]; readonly span: Span }
  | BareTextCheck

/** `malformed` means that nobody wrote `!`: a token without colon, or a rule that does not reduce to one check. */
export type FalseCheck = { readonly kind: 'false'; readonly malformed?: 'token' | 'rule'; readonly span: Span }

export type RoleCheck = {
  readonly kind: 'role'
  readonly match: string
  readonly format: Format
  readonly span: Span
}

export type RuleCheck = { readonly kind: 'rule'; readonly name: string; readonly span: Span }

/** `left:right`: a credential or a constant, compared with a target value or a constant. */
export type AttributeCheck = {
  readonly kind: 'attribute'
  readonly left: string
  readonly subject: Subject
  readonly match: string
  readonly format: Format
  readonly span: Span
}

/** The kinds of left-hand sides of an attribute check. */
export type Subject =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'path'; readonly segments: readonly string[] }
  | { readonly kind: 'syntax-error' }
  | { readonly kind: 'refused' }

/** A rule that is a lone operator, parenthesis or quoted string: up to 4.8 Python keeps the text and fails on it. */
export type BareTextCheck = { readonly kind: 'bare-text'; readonly text: string; readonly span: Span }

/** Python gives up on trees that are deeper. */
const deepest = 480

export function renderCheck(check: Check, depth = 0): string {
  if (depth > deepest) throw new RuleError('RecursionError', 'the rule is nested too deeply')
  switch (check.kind) {
    case 'true':
      return '@'
    case 'false':
      return '!'
    case 'role':
      return `role:${check.match}`
    case 'rule':
      return `rule:${check.name}`
    case 'attribute':
      return `${check.left}:${check.match}`
    case 'http':
      return `${check.scheme}:${check.match}`
    case 'not':
      return `not ${renderCheck(check.check, depth + 1)}`
    case 'and':
    case 'or':
      return `(${check.checks.map((each) => renderCheck(each, depth + 1)).join(` ${check.kind} `)})`
    case 'bare-text':
      return check.text
  }
}
