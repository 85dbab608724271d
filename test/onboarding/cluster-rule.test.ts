import { expect, test } from 'vitest'
import type { Observed } from '../../src/probes/claim.ts'
import { creatorRule } from '../../src/onboarding/creator-rule.ts'
import type { CreatorRule, TrustHabit } from '../../src/onboarding/creator-rule.ts'

type Case = readonly [
  magnum: number | undefined,
  byPassword: Observed | undefined,
  byCredential: Observed | undefined,
  signIn: CreatorRule['signIn'],
  trusts: TrustHabit,
]

const cases: readonly Case[] = [
  // Zed to 2025.1 over a patched Keystone: the cloud of D-066
  [10, 'allowed', 'refused', 'password', 'always'],
  [11, 'allowed', 'refused', 'password', 'always'],
  // below OSSA-2026-015, or opted out
  [11, 'allowed', 'allowed', 'password or application credential', 'always'],
  // D-065
  [11, 'refused', 'refused', 'nobody can', 'always'],
  [12, 'allowed', 'refused', 'password', 'as the driver says'],
  [12, 'allowed', 'allowed', 'password or application credential', 'as the driver says'],
  [12, 'refused', 'refused', 'nobody can', 'as the driver says'],
  // no trusts at all: a dead rule does no harm
  [13, 'allowed', 'refused', 'password or application credential', 'never'],
  [14, 'refused', 'refused', 'password or application credential', 'never'],
  // what nobody could find out: the careful answer
  [undefined, undefined, undefined, 'password', 'always'],
  [11, 'unknown', 'unknown', 'password', 'always'],
]

test.each(cases)('magnum 1.%s, trust by password %s, by credential %s: %s', (...row) => {
  const [microversion, byPassword, byCredential, signIn, trusts] = row
  const rule = creatorRule({ microversion, byPassword, byCredential })
  expect(rule).toMatchObject({ signIn, trusts })
  expect(rule.because).toMatch(/^Magnum .{20,}/)
})

test('there is a rule for whatever may be observed', () => {
  const observed: readonly (Observed | undefined)[] = ['allowed', 'refused', 'empty', 'unknown', undefined]
  for (const microversion of [undefined, 1, 10, 11, 12, 13, 14, 99])
    for (const byPassword of observed)
      for (const byCredential of observed)
        expect(creatorRule({ microversion, byPassword, byCredential }).because).not.toBe('')
})
