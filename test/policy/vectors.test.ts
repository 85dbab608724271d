import { expect, test } from 'vitest'
import { evalLine } from '../../src/policy/engine/eval.ts'
import { vectors } from './vectors.ts'

for (const [id, rule, creds, target, expected, otherRules] of vectors) {
  test(`${id}: ${JSON.stringify(rule)} is as oslo.policy has it`, () => {
    const line = JSON.stringify({ rules: { ...otherRules, asked: rule }, rule: 'asked', creds, target })
    const answer = JSON.parse(evalLine(line)) as { readonly result?: boolean; readonly error?: string }
    if (typeof expected === 'boolean') expect(answer.result).toBe(expected)
    else expect(answer.error).toMatch(isRemote(rule) ? /^Refused: / : new RegExp(`^${expected}: `))
  })
}

/** A check that asks a remote server is refused where the library fails for want of one. */
function isRemote(rule: unknown): boolean {
  return typeof rule === 'string' && rule.startsWith('http')
}
