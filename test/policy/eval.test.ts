import { expect, test } from 'vitest'
import { evalLine } from '../../src/policy/engine/eval.ts'

test.each([
  [
    '{"rules": {"a": "rule:b or role:x", "b": "user_id:%(user_id)s"}, "rule": "a", "creds": {"user_id": 5}, "target": {"user_id": 5}}',
    { result: true, canonical: '(rule:b or role:x)' },
  ],
  [
    '{"rules": {"a": "user_id:%(user_id)s"}, "rule": "a", "creds": {"user_id": 5.0}, "target": {"user_id": 5}}',
    { result: false, canonical: 'user_id:%(user_id)s' },
  ],
  [
    '{"rules": {"a": "!", "default": "@"}, "rule": "gone", "creds": {}, "target": {}}',
    { result: true, canonical: '@' },
  ],
  ['{"rules": {"a": "@"}, "rule": "gone", "creds": {}, "target": {}}', { result: false, canonical: '!' }],
  ['{"rules": {"__proto__": "@"}, "rule": "__proto__", "creds": {}, "target": {}}', { result: true, canonical: '@' }],
  ['{"file": "a: role:x or role:y\\nb:"}', { rules: { a: '(role:x or role:y)', b: '@' } }],
  ['{"file": "{\\"a\\": [[\\"role:x\\", \\"role:y\\"]]}"}', { rules: { a: '(role:x and role:y)' } }],
])('%s', (line, answer) => {
  expect(JSON.parse(evalLine(line))).toEqual(answer)
})

test.each([
  ['{"file": "a: [role:x"}', /^ValueError: policy.yaml:1:\d+: /],
  ['{"file": "a: 5"}', /`a` cannot be loaded/],
  ['{"rules": {"a": "class:x"}, "rule": "a", "creds": {}, "target": {}}', /^SyntaxError: /],
  // TypeError there, since a dict is not hashable; a set of anything but plain literals is not imitated
  ['{"rules": {"a": "{{}}:x"}, "rule": "a", "creds": {}, "target": {}}', /^Refused: /],
  ['{"rules": {"a": "{set()}:x"}, "rule": "a", "creds": {}, "target": {}}', /^Refused: /],
  ['{"rules": {"a": true}, "rule": "a", "creds": {}, "target": {}}', /^TypeError: /],
  ['{"rules": {}, "rule": "a", "creds": [], "target": {}}', /^ValueError: `creds` is an object$/],
  ['{"rules": {}}', /^ValueError: `rule` is the name of a rule$/],
  ['[]', /^ValueError: a question is an object$/],
  ['not json', /^ValueError: /],
])('%s is an error', (line, message) => {
  expect(errorOf(line)).toMatch(message)
})

test('rules that refer to each other without end are an error, however they do it', () => {
  const rules = { a: 'not rule:b', b: '@ and (rule:a or !)' }
  const line = JSON.stringify({ rules, rule: 'a', creds: {}, target: {} })
  expect(errorOf(line)).toMatch(/^RecursionError: /)
})

test('a rule nested too deeply for Python is an error and not a crash', () => {
  const deep = `${'not '.repeat(2000)}@`
  const nested = `${'(a:1 or '.repeat(3000)}@${')'.repeat(3000)}`
  for (const rule of [deep, nested]) {
    const line = JSON.stringify({ rules: { a: rule }, rule: 'a', creds: {}, target: {} })
    expect(errorOf(line)).toMatch(/^RecursionError: /)
  }
})

function errorOf(line: string): string | undefined {
  const answer = JSON.parse(evalLine(line)) as { readonly error?: string }
  return answer.error
}
