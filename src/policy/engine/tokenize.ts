/**
 * oslo.policy's tokens. Only white space and parentheses at the ends of a word separate; an operator without a blank
 * before a parenthesis (`and(role:b)`) is part of a check. oslo.policy 4.0.0, oslo_policy/_parser.py, _parse_tokenize.
 */
import type { Span } from './check.ts'

export type Token =
  | { readonly kind: '(' | ')' | 'and' | 'or' | 'not'; readonly text: string; readonly span: Span }
  | { readonly kind: 'string' | 'check'; readonly text: string; readonly span: Span }

// Python's str.isspace, which is `\s` there: with the information separators and NEL, without the BOM.
const word = /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const found of text.matchAll(word)) pushTokens(tokens, found[0], found.index)
  return tokens
}

function pushTokens(tokens: Token[], text: string, at: number): void {
  let start = 0
  for (; text[start] === '('; start++) tokens.push({ kind: '(', text: '(', span: spanOf(at + start, 1) })
  let end = text.length
  while (end > start && text[end - 1] === ')') end--
  const clean = text.slice(start, end)
  const operator = clean.toLowerCase()
  if (operator === 'and' || operator === 'or' || operator === 'not') {
    tokens.push({ kind: operator, text: clean, span: spanOf(at + start, clean.length) })
  } else if (clean !== '') {
    // The quotes are looked for while the closing parentheses are still attached, but the check is made without them.
    const whole = text.slice(start)
    if (whole.length >= 2 && /^(?:".*"|'.*')$/s.test(whole)) {
      tokens.push({ kind: 'string', text: whole.slice(1, -1), span: spanOf(at + start, whole.length) })
    } else {
      tokens.push({ kind: 'check', text: clean, span: spanOf(at + start, clean.length) })
    }
  }
  for (; end < text.length; end++) tokens.push({ kind: ')', text: ')', span: spanOf(at + end, 1) })
}

function spanOf(start: number, length: number): Span {
  return { start, end: start + length }
}
