import { expect, test } from 'vitest'
import { fc } from '../fast-check.ts'
import { printable } from '../../src/openstack/printable.ts'

test.each([
  ['acme', 'acme'],
  ['M\u00fcller & S\u00f6hne \u6771\u4eac', 'M\u00fcller & S\u00f6hne \u6771\u4eac'],
  ['\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
  ['one\r\n  two', 'one two'],
  ['acme\u202eevil', 'acme\\u{202e}evil'],
  ['ac\u200bme', 'ac\\u{200b}me'],
  ['\ud800', '\\u{d800}'],
  ['a\u2028b', 'a\\u{2028}b'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('whatever a cloud sends, nothing is left that a terminal would act upon', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('a very long text is cut, and says so', () => {
  expect(printable('x'.repeat(5000))).toMatch(/^x{2000}\.\.\. \(5000 characters\)$/)
})
