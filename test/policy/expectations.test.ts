import { expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { checkExpectations, parseExpectations } from '../../src/policy/expectations.ts'
import type { ExpectationOutcome } from '../../src/policy/expectations.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import { charm, keystoneOf, scsOverride } from './fixtures.ts'

async function check(table: string): Promise<readonly ExpectationOutcome[]> {
  const keystone = await keystoneOf('2024.1+ossa-2026-015')
  const base = keystoneRules(keystone, { base: charm })
  const rules = keystoneRules(keystone, { base: charm, overrides: [{ file: 'scs.yaml', text: scsOverride() }] })
  return checkExpectations(parseExpectations(table, 'table.yaml'), 'table.yaml', keystone, base, rules)
}

const rowsOf = (rows: string): string => `version: 1\nexpectations:\n${rows}`

test('expectations that are met and expectations that are not', async () => {
  const outcomes = await check(
    rowsOf(`
  - as: domain-manager
    ask: identity:create_user
    at: own
    expect: allow
  - as: [domain-manager, member]
    ask: identity:create_user
    at: [own, other]
    expect: deny
`),
  )
  expect(outcomes.map(({ line, persona, place, isMet }) => [line, persona, place, isMet])).toEqual([
    [4, 'domain-manager', 'own', true],
    [8, 'domain-manager', 'own', false],
    [8, 'domain-manager', 'other', true],
    [8, 'member', 'own', true],
    [8, 'member', 'other', true],
  ])
})

test('an action means all its requests, an id one of them', async () => {
  const row = (ask: string) => rowsOf(`  - {as: domain-manager, ask: ${ask}, at: own, expect: deny}\n`)
  const all = await check(row('identity:create_grant'))
  const one = await check(row('identity:create_grant admin to a user on a project'))
  expect(all.length).toBeGreaterThan(10)
  expect(one.map(({ isMet }) => isMet)).toEqual([true])
})

test.each([
  [
    'version: 2\nexpectations:\n  - {as: member, ask: identity:get_user, at: own, expect: deny}\n',
    '1:10',
    '`version` must be 1',
  ],
  [rowsOf('  - {as: membr, ask: identity:get_user, at: own, expect: deny}\n'), '3:10', 'a persona must be one of'],
  [
    rowsOf('  - {as: member, ask: identity:get_usr, at: own, expect: deny}\n'),
    '3:23',
    '`identity:get_usr` is not a known action',
  ],
  [rowsOf('  - {as: member, ask: identity:get_user, at: here, expect: deny}\n'), '3:46', 'a place must be one of'],
  [rowsOf('  - {as: member, ask: identity:get_user, at: own}\n'), '3:5', 'an answer must be one of allow, deny'],
  [
    rowsOf('  - {as: member, do: x, ask: identity:get_user, at: own, expect: deny}\n'),
    '3:18',
    '`do` is not valid here',
  ],
  ['version: 1\nexpectations: [\n', '3:1', ''],
  ['version: 1\n', '1:1', '`expectations` must be a list'],
])('what is wrong with a table is said with its place: %j', (table, place, message) => {
  const parse = (): unknown => parseExpectations(table, 'table.yaml')
  expect(parse).toThrow(InputError)
  expect(parse).toThrow(`table.yaml:${place}: ${message}`)
})

test('a row that asks for nothing is no expectation', async () => {
  const row = rowsOf('  - {as: member, ask: identity:create_user, at: self, expect: deny}\n')
  await expect(check(row)).rejects.toThrow('table.yaml:3: none of these personas has such a request at these places')
})
