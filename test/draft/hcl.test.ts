import { expect, test } from 'vitest'
import { Expression, hclBlock, hclText, hclValue } from '../../src/draft/hcl.ts'

test.each([
  ['plain', 'plain'],
  ['says "Acme"', String.raw`says \"Acme\"`],
  ['back\\slash', String.raw`back\\slash`],
  ['two\nlines\r\n\tand a tab', String.raw`two\nlines\r\n\tand a tab`],
  ['${x}', String.raw`\u0024{x}`],
  ['%{if x}', String.raw`\u0025{if x}`],
  // `$${` would be read as the escape of `${`
  ['$${x} %%{y}', String.raw`$\u0024{x} %\u0025{y}`],
  ['50 % of $ 3', '50 % of $ 3'],
  ['a bell \u0007, a mark \u202e, a line \u2028', String.raw`a bell \u0007, a mark \u202e, a line \u2028`],
  ['\u00e9\u{1f600}\u{e0001}', '\u00e9\u{1f600}' + String.raw`\U000e0001`],
])('text %j in quotes is this text and nothing else', (text, written) => {
  expect(hclText(text)).toBe(`"${written}"`)
})

test('values of every kind, and arguments in one column', () => {
  expect(hclValue(['a"b', 'c'])).toBe(String.raw`["a\"b", "c"]`)
  expect(hclValue({ 'a.b': '${c}' })).toBe(String.raw`{ "a.b" = "\u0024{c}" }`)
  expect(hclValue({})).toBe('{}')
  expect(
    hclBlock(
      ['resource', 'kind', 'label'],
      { a: 1, longer: true, gone: undefined, b: new Expression('x.y.id') },
      'why',
    ),
  ).toBe('resource "kind" "label" {\n  # why\n  a      = 1\n  longer = true\n  b      = x.y.id\n}\n')
})
