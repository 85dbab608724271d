import { describe, expect, test } from 'vitest'
import { renderCheck } from '../../src/policy/engine/check.ts'
import type { Check } from '../../src/policy/engine/check.ts'
import { parseRule } from '../../src/policy/engine/parse.ts'
import { RuleError } from '../../src/policy/python/value.ts'
import { tokenize } from '../../src/policy/engine/tokenize.ts'

test.each([
  ['a:1 or b:2 and c:3', '(a:1 or (b:2 and c:3))'],
  ['a:1 and b:2 or c:3 and d:4', '((a:1 and b:2) or (c:3 and d:4))'],
  ['a:1 or (b:2 and c:3) and d:4', '(a:1 or (b:2 and c:3 and d:4))'],
  ['(a:1 or b:2) or c:3', '((a:1 or b:2) or c:3)'],
  ['a:1 or b:2 or c:3', '(a:1 or b:2 or c:3)'],
  ['not not a:1', 'not not a:1'],
  ['not a:1 and b:2', '(not a:1 and b:2)'],
  ['((a:1))', 'a:1'],
  ['a:1 oR b:2 AND NOT c:3', '(a:1 or (b:2 and not c:3))'],
  ['bogus or a:1', '(! or a:1)'],
  ['a:1 or', '!'],
  ['a:1\x1cor\x85b:2\u2003or\u3000c:3', '(a:1 or b:2 or c:3)'],
  ['a:1\ufeffor b:2', '!'],
  ['', '@'],
  [' ', '!'],
])('%j reads as %s', (text, canonical) => {
  expect(renderCheck(parseRule(text))).toBe(canonical)
})

test('every check and operator knows its place', () => {
  const text = "((role:a)  AND not 'x':%(y)s)"
  expect(tokenize(text).map((token) => [token.kind, text.slice(token.span.start, token.span.end)])).toEqual([
    ['(', '('],
    ['(', '('],
    ['check', 'role:a'],
    [')', ')'],
    ['and', 'AND'],
    ['not', 'not'],
    ['check', "'x':%(y)s"],
    [')', ')'],
  ])
  const spans = (check: Check): readonly string[] => {
    const own = text.slice(check.span.start, check.span.end)
    if (check.kind === 'and' || check.kind === 'or') return [own, ...check.checks.flatMap(spans)]
    return check.kind === 'not' ? [own, ...spans(check.check)] : [own]
  }
  expect(spans(parseRule(text))).toEqual([text.slice(1, -1), 'role:a', "not 'x':%(y)s", "'x':%(y)s"])
})

test('a check that nobody wrote as `!` says why it is one', () => {
  expect(parseRule('bogus')).toMatchObject({ kind: 'false', malformed: 'token' })
  expect(parseRule('a:1 b:2')).toMatchObject({ kind: 'false', malformed: 'rule' })
  expect(parseRule('!')).not.toHaveProperty('malformed')
})

describe('the left-hand side', () => {
  test.each([
    ["'a b'", { kind: 'literal', text: 'a b' }],
    ["r'a''b'", { kind: 'literal', text: 'ab' }],
    ['0x1F', { kind: 'literal', text: '31' }],
    ['1_0', { kind: 'literal', text: '10' }],
    ['1e16', { kind: 'literal', text: '1e+16' }],
    ['-1.', { kind: 'literal', text: '-1.0' }],
    ["[1,'a']", { kind: 'literal', text: "[1, 'a']" }],
    ['1,', { kind: 'literal', text: '(1,)' }],
    ['...', { kind: 'literal', text: 'Ellipsis' }],
    ['True', { kind: 'literal', text: 'True' }],
    ['True.x', { kind: 'path', segments: ['True', 'x'] }],
    ['foo-bar.baz', { kind: 'path', segments: ['foo-bar', 'baz'] }],
    ['--1', { kind: 'path', segments: ['--1'] }],
    ['f()', { kind: 'path', segments: ['f()'] }],
    ['class', { kind: 'syntax-error' }],
    ['a.None', { kind: 'syntax-error' }],
    ['01', { kind: 'syntax-error' }],
    ['3com', { kind: 'syntax-error' }],
    ["'x", { kind: 'syntax-error' }],
    ["'x'#b", { kind: 'refused' }],
    ['1j', { kind: 'refused' }],
    ['{1,2}', { kind: 'refused' }],
  ])('%s is what Python takes it for', (left, subject) => {
    expect(parseRule([`${left}:x`])).toMatchObject({ kind: 'attribute', subject })
  })
})

test.each([5, true, [5], [[1], 7]])('%j is no rule: Python trips over it when it loads', (value) => {
  expect(() => parseRule(value)).toThrow(RuleError)
})
