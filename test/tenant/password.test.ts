import { expect, test } from 'vitest'
import { fitsRule, generatePassword } from '../../src/tenant/password.ts'

const rule = (password_regex: string) => ({ password_regex, password_regex_description: 'ours' })

test.each([
  ['Keystone documents it', '^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$'],
  ['both cases, a digit, a special character', '^(?=.*\\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[!@#$%^&+=()_]).{8,}$'],
  ['no other special character', '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)(?=.*[@$!%*?&])[A-Za-z\\d@$!%*?&]{8,}$'],
  ['no special character', '^[A-Za-z0-9]{8,}$'],
  ['a highest length', '^[A-Za-z0-9]{8,12}$'],
  ['a highest length with special characters', '^(?=.*[#?]).{10,16}$'],
])('a password for a rule that wants %s', (_, pattern) => {
  const password = generatePassword(rule(pattern))
  expect(password).toMatch(new RegExp(pattern))
  expect(fitsRule(rule(pattern), password)).toBe(true)
  expect(fitsRule(rule(pattern), '?')).toBe(false)
})

test('passwords are not alike, and as long as a rule lets them be', () => {
  expect(generatePassword({})).toHaveLength(32)
  expect(generatePassword(undefined)).not.toBe(generatePassword(undefined))
})

test('without a rule that can be read it has every kind of character, and no stored one has less', () => {
  expect(generatePassword(undefined)).toMatch(/^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[+=])(?=.*[-_])[-\w+=]{32}$/)
  expect(fitsRule(undefined, 'onlyLettersAnd1Digit')).toBe(false)
  // Python alone reads it
  expect(fitsRule(rule('(?P<all>.*)'), 'onlyLettersAnd1Digit')).toBe(false)
  expect(fitsRule({ password_regex: null }, 'x')).toBe(true)
})

test('a rule that nothing fits is told in the words of the operator', () => {
  expect(() => generatePassword(rule('^\\u00e9{40}$'))).toThrow('[security_compliance]): ours')
})
