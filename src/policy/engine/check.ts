/**
 * What a rule says, as a tree. `renderCheck` gives the text that oslo.policy's `str(check)` gives: two rules with the
 * same text mean the same.
 */
import type { Format } from '../python/format.ts'
import { RuleError } from '../python/value.ts'

/** Where a piece of a rule stands in its text: offsets in UTF-16 units, the end not included. */
export type Span = {
  readonly start: number
  readonly end: number
  /** In a list of lists: the text of which string the offsets count in. */
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

/** `malformed` says that nobody wrote `!`: a token without colon, or a rule that does not reduce to one check. */
export type FalseCheck = { readonly kind: 'false'; readonly malformed?: 'token' | 'rule'; readonly span: Span }

export type RoleCheck = {
  readonly kind: 'role'
  readonly match: string
  readonly format: Format
  readonly span: Span
}

export type RuleCheck = { readonly kind: 'rule'; readonly name: string; readonly span: Span }

/** `left:right`: something of the credentials, or a constant, beside something of the target, or a constant. */
export type AttributeCheck = {
  readonly kind: 'attribute'
  readonly left: string
  readonly subject: Subject
  readonly match: string
  readonly format: Format
  readonly span: Span
}

/** What the left-hand side of an attribute check turns out to be. */
export type Subject =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'path'; readonly segments: readonly string[] }
  | { readonly kind: 'syntax-error' }
  | { readonly kind: 'refused' }

/** A rule that is a lone operator, parenthesis or quoted string: up to 4.8 Python keeps the text and trips over it. */
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
