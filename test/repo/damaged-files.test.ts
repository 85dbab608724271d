/**
 * Files that people write, damaged at random: every one is read, or refused with a place, and none crashes the reader. More of
 * it: FUZZ_SEED=$RANDOM FUZZ_FACTOR=100 npx vitest run test/repo/damaged-files.test.ts
 */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { parseRule } from '../../src/policy/engine/parse.ts'
import { RuleError } from '../../src/policy/python/value.ts'
import { parseCloudFacts } from '../../src/tenant/cloud-facts.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { fc, runs } from '../fast-check.ts'
import { lintAlone } from '../policy/fixtures.ts'

const example = await readFile('examples/acme/tenant.yaml', 'utf8')
const cloudFile = 'version: 1\nhorizon_url: https://cloud.example.com\nmanaged_roles: [member]\n'
const policy = '"identity:get_user": "(role:admin or user_id:%(target.user.id)s) and not role:x"\n"owner": ""\n'

/** Pieces that mean something to YAML, to a policy, or to nobody. */
const piece = fc.oneof(
  fc.constantFrom(
    '\t',
    '\n',
    ' ',
    ':',
    '- ',
    '&a ',
    '*a',
    '<<: ',
    '!!binary ',
    '|',
    '>-',
    '{',
    ']',
    '"',
    "'",
    '#',
    '%',
    '\ufeff',
  ),
  fc.constantFrom(
    ' or ',
    ' and ',
    'not ',
    '(',
    ')',
    '%(',
    ')s',
    '@',
    '!',
    'role:',
    'null',
    '1e999',
    '2026-01-01',
    '\u0000',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const wounds = fc.array(fc.record({ at: fc.nat(), drop: fc.integer({ min: 0, max: 12 }), insert: piece }), {
  minLength: 1,
  maxLength: 5,
})
type Wounds = typeof wounds extends fc.Arbitrary<infer T> ? T : never

function damaged(text: string, list: Wounds): string {
  return list.reduce((now, { at, drop, insert }) => {
    const here = at % (now.length + 1)
    return `${now.slice(0, here)}${insert}${now.slice(here + drop)}`
  }, text)
}

/** Whether it was read; what is no InputError with a message fails the property. */
function isRead(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    if (error instanceof InputError) expect(error.problems.map(({ message }) => message)).not.toContain('')
    return false
  }
}

test.each([
  ['tenant.yaml', example, (text: string) => parseSpec('tenant.yaml', text)],
  ['cloud.yaml', cloudFile, (text: string) => parseCloudFacts('cloud.yaml', text)],
  ['a policy', policy, (text: string) => lintAlone(text)],
] as const)('%s', (_, good, read) => {
  expect(isRead(() => read(good))).toBe(true)
  const seen = { read: 0, refused: 0 }
  fc.assert(
    fc.property(wounds, (list) => {
      seen[isRead(() => read(damaged(good, list))) ? 'read' : 'refused']++
    }),
    { numRuns: runs(400) },
  )
  // otherwise the damage is too great or too small to say anything
  expect(seen.read).toBeGreaterThan(10)
  expect(seen.refused).toBeGreaterThan(10)
})

test('a key that is no text is refused, and the reader warns nobody on its own', async () => {
  const warnings: unknown[] = []
  const note = (warning: unknown) => {
    warnings.push(warning)
  }
  process.on('warning', note)
  // a warning is told in the next turn
  expect(isRead(() => parseSpec('tenant.yaml', `? [a, b]\n: 1\n${example}`))).toBe(false)
  await new Promise(setImmediate)
  process.off('warning', note)
  expect(warnings).toEqual([])
})

test('any text is a rule, and any value is one or is refused', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      expect(typeof parseRule(pieces.join('')).kind).toBe('string')
    }),
    { numRuns: runs(400) },
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        expect(typeof parseRule(value).kind).toBe('string')
      } catch (error) {
        expect(error).toBeInstanceOf(RuleError)
      }
    }),
    { numRuns: runs(400) },
  )
})
