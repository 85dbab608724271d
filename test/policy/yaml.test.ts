import { expect, test } from 'vitest'
import { evalLine } from '../../src/policy/engine/eval.ts'
import { refused, taken } from './yaml-texts.ts'

function load(file: string): unknown {
  return JSON.parse(evalLine(JSON.stringify({ file })))
}

test.each(taken)('%j is taken as PyYAML takes it', (text, rules) => {
  expect(load(text)).toEqual({ rules })
})

test.each(refused)('%j is refused, as by PyYAML', (text) => {
  expect(load(text)).toHaveProperty('error')
})

test('a key of 1025 characters is refused, but not one of 1024', () => {
  expect(load(`${'a'.repeat(1025)}: "@"`)).toHaveProperty('error')
  expect(load(`${'a'.repeat(1024)}: "@"`)).toEqual({ rules: { ['a'.repeat(1024)]: '@' } })
})
