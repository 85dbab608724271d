/**
 * Rules that oslo.policy does not understand. It never reports that to the caller: it puts `!` in their place, for the
 * token or for the whole rule, and refuses everybody.
 */
import { tokenize } from '../engine/tokenize.ts'
import type { Token } from '../engine/tokenize.ts'
import type { FileRule } from '../engine/rules.ts'
import { leavesOf } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { Lint, LintFinding, LintSubject, Report } from './subject.ts'

/** Common mistakes for an operator. */
const operators: Readonly<Record<string, string>> = {
  '||': 'or',
  '|': 'or',
  '&&': 'and',
  '&': 'and',
  ',': 'or',
  '+': 'or',
  plus: 'or',
  und: 'and',
  oder: 'or',
}

export const lintGrammar: Lint = (subject) => subject.policy.rules.flatMap((rule) => lintRule(subject, rule))

function lintRule(subject: LintSubject, rule: FileRule): readonly LintFinding[] {
  const { name, value, check } = rule
  const code = 'policy/malformed-rule'
  if (typeof value === 'string' && /\{\{|\{%/.test(value)) {
    return [
      findingIn(subject, rule, {
        code: 'policy/unrendered-template',
        severity: 'error',
        message: `\`${name}\` still has a template's placeholder`,
        remedy: 'render the template first',
      }),
    ]
  }
  if (check.kind === 'false' && check.malformed === 'rule') {
    const fault = typeof value === 'string' ? findFault(value) : undefined
    return [
      findingIn(subject, rule, {
        code,
        severity: 'error',
        message: `\`${name}\` refuses everybody: ${fault?.message ?? 'the rule cannot be read'}`,
        ...(fault?.remedy === undefined ? {} : { remedy: fault.remedy }),
        ...(fault?.span === undefined ? {} : { span: fault.span }),
        ...(fault?.replacement === undefined ? {} : { replacement: fault.replacement }),
      }),
    ]
  }
  const findings: LintFinding[] = []
  for (const { leaf } of leavesOf(check)) {
    if (leaf.kind !== 'false' || leaf.malformed !== 'token') continue
    const text = typeof value === 'string' ? value.slice(leaf.span.start, leaf.span.end) : (leaf.span.item ?? '')
    findings.push(
      findingIn(subject, rule, {
        code,
        severity: 'error',
        message: `\`${text}\` in \`${name}\` is not a check, because it has no colon: it never holds`,
        remedy: remedyFor(text, subject),
        span: leaf.span,
      }),
    )
  }
  return findings
}

function remedyFor(text: string, subject: LintSubject): string {
  const [, left, right] = /^([\w.]+)={1,2}(.+)$/.exec(text) ?? []
  if (left !== undefined && right !== undefined) return `write \`${left}:${right}\``
  if (/^(['"]).*\1$/.test(text)) return 'write a check without quotes: `role:NAME`'
  if (/^(?:true|always|allow|any)$/i.test(text)) return 'write `@` for everybody'
  if (/^(?:false|never|deny|none)$/i.test(text)) return 'write `!` for nobody'
  if (subject.knownNames.has(text)) return `write \`rule:${text}\``
  return /^[\w-]+$/.test(text) ? `write \`role:${text}\` or \`rule:${text}\`` : 'write `KIND:VALUE`'
}

type Fault = Pick<Report, 'message' | 'remedy' | 'span' | 'replacement'>

/** The first token in a wrong position. The grammar is that of any boolean expression. */
function findFault(text: string): Fault | undefined {
  const open: Token[] = []
  let before: Token | undefined
  let needsCheck = true
  const tokens = tokenize(text)
  for (const token of tokens) {
    const fault = needsCheck ? faultBeforeCheck(token, before) : faultAfterCheck(token, open.length)
    if (fault !== undefined) return fault
    if (token.kind === '(') open.push(token)
    if (token.kind === ')') open.pop()
    needsCheck = token.kind !== ')' && token.kind !== 'check'
    before = token
  }
  const last = tokens.at(-1)
  if (last === undefined)
    return { message: 'it has only blanks', remedy: 'write `""` or `@` for everybody, `!` for nobody' }
  if (needsCheck)
    return { message: `nothing follows \`${last.text}\``, remedy: 'remove it or finish the rule', span: last.span }
  const unclosed = open.at(-1)
  return unclosed && { message: 'this parenthesis is never closed', remedy: 'add `)`', span: unclosed.span }
}

function faultBeforeCheck(token: Token, before: Token | undefined): Fault | undefined {
  const { text, span } = token
  switch (token.kind) {
    case '(':
    case 'not':
      return undefined
    case 'check':
      return gluedOperator(token)
    case 'string':
      return { message: `\`${text}\` in quotes is not a check`, remedy: 'remove the quotes', span }
    case ')':
      if (before?.kind === '(') return { message: 'the parentheses are empty', remedy: 'remove them', span }
      return { message: `a check is missing before \`)\``, remedy: 'finish the rule', span }
    case 'and':
    case 'or': {
      const where = before === undefined ? 'the rule begins with' : `after \`${before.text}\` comes`
      return { message: `${where} \`${text}\``, remedy: 'write one operator between two checks', span }
    }
  }
}

function faultAfterCheck(token: Token, depth: number): Fault | undefined {
  const { span } = token
  switch (token.kind) {
    case 'and':
    case 'or':
      return undefined
    case ')':
      return depth > 0 ? undefined : { message: 'this parenthesis was never opened', remedy: 'remove `)`', span }
    case '(':
    case 'not':
    case 'string':
    case 'check':
      return missingOperator(token)
  }
}

function missingOperator({ kind, text, span }: Token): Fault {
  const operator = operators[text.toLowerCase()]
  if (operator !== undefined) {
    const isCertain = ['||', '&&', '|', '&'].includes(text)
    return {
      message: `\`${text}\` is not an operator`,
      remedy: text === ',' ? 'write `or`, or `and`' : `write \`${operator}\``,
      span,
      ...(isCertain ? { replacement: operator } : {}),
    }
  }
  const glued = gluedOperator({ kind, text, span })
  if (glued !== undefined) return glued
  const shown = kind === '(' ? 'a parenthesis' : `\`${text}\``
  return { message: `an operator is missing before ${shown}`, remedy: 'write `and` or `or` before it', span }
}

/** `and(role:x)`: a parenthesis counts only at the beginning of a word. */
function gluedOperator({ text, span }: Token): Fault | undefined {
  const [, word, rest] = /^(and|or|not)(\(.*)$/i.exec(text) ?? []
  if (word === undefined || rest === undefined) return undefined
  return {
    message: `\`${text}\` is one word: an operator needs a blank before the parenthesis`,
    remedy: `write \`${word} ${rest}\``,
    span,
    replacement: `${word} ${rest}`,
  }
}
