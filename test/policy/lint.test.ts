import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { applyFixes } from '../../src/policy/lint/fix.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import { lintAlone, placesOf } from './fixtures.ts'

/* What can be said without knowing the Keystone. Columns point at the token. */

const rows: readonly (readonly [string, readonly string[], string?])[] = [
  // text
  ['a: role:x\r\nb: role:y\n', ['1:10 line-ending'], 'a: role:x\nb: role:y\n'],
  ['a: role:x\u00a0or role:y\n', ['1:10 non-ascii'], 'a: role:x or role:y\n'],
  ['# caf\u00e9 \u2013 menu\na: role:x\n', ['1:6 non-ascii'], '# caf\u00e9 - menu\na: role:x\n'],
  ['a: "role:x"\n\na: "role:y"\n', ['1:4 duplicate-rule']],
  ['no: "role:x"\n', ['1:5 unreachable-name']],
  // grammar
  ['a: "role:x || role:y"\n', ['1:12 malformed-rule'], 'a: "role:x or role:y"\n'],
  ['a: role:x && role:y\n', ['1:11 malformed-rule'], 'a: role:x and role:y\n'],
  ["a: 'role:x , role:y'\n", ['1:12 malformed-rule']],
  ['a: "role:x role:y"\n', ['1:12 malformed-rule']],
  ['a: "(role:x and role:y) role:z"\n', ['1:25 malformed-rule']],
  ['a: "role:x and"\n', ['1:12 malformed-rule']],
  ['a: "or role:x"\n', ['1:5 malformed-rule']],
  ['a: "role:x or or role:y"\n', ['1:15 malformed-rule']],
  ['a: "(role:x or role:y"\n', ['1:5 malformed-rule']],
  ['a: "role:x)"\n', ['1:11 malformed-rule']],
  ['a: "role:x or ()"\n', ['1:16 malformed-rule']],
  ['a: "role:x and(role:y)"\n', ['1:12 malformed-rule'], 'a: "role:x and (role:y)"\n'],
  ['a: "not(role:x)"\n', ['1:5 malformed-rule'], 'a: "not (role:x)"\n'],
  ['a: "role: x"\n', ['1:11 malformed-rule']],
  ['a: "role:x or bogus"\n', ['1:15 malformed-rule']],
  ['a: "role=x"\n', ['1:5 malformed-rule']],
  ['a: "\'foo\' and @"\n', ['1:5 malformed-rule']],
  ['a: "   "\n', ['1:4 malformed-rule']],
  ['a: "role:{{ admin_role }}"\n', ['1:4 unrendered-template']],
  // folded, escaped and literal text
  [
    'a: >-\n  role:x or\n  role:y ||\n  role:z\n',
    ['3:10 malformed-rule'],
    'a: >-\n  role:x or\n  role:y or\n  role:z\n',
  ],
  ['a: |\n  role:x\n  role:y\n', ['3:3 malformed-rule']],
  ['a: "role:x \\\n  or bogus"\n', ['2:6 malformed-rule']],
  ['a: "role:\\x78 or bogus"\n', ['1:18 malformed-rule']],
  ["a: '''x'':%(k)s or bogus'\n", ['1:20 malformed-rule']],
  ['{"a": "role:x",\n "b": "role:\\u0079 || role:z"}\n', ['2:20 malformed-rule']],
  ['a:\n  - role:x\n  - bogus\n', ['2:3 malformed-rule']],
  // spelling
  ['a: role:x OR role:y\n', ['1:11 operator-case'], 'a: role:x or role:y\n'],
  ['a: NOT role:x And role:y\n', ['1:4 operator-case', '1:15 operator-case'], 'a: not role:x and role:y\n'],
  ['a: "role:x,role:y"\n', ['1:5 glued-checks']],
  ['a: "role:x||role:y or role:z"\n', ['1:5 glued-checks']],
  ['a: "role:z or Role:x"\n', ['1:15 kind-case'], 'a: "role:z or role:x"\n'],
  ['a: "role:x or role:\'y\'"\n', ['1:15 quoted-name'], 'a: "role:x or role:y"\n'],
  ["a: rule:'b'\nb: role:x\n", ['1:4 quoted-name'], 'a: rule:b\nb: role:x\n'],
  // what raises
  ['a: "\'role:x\'"\n', ['1:5 crash']],
  ['a: "role:x or class:y"\n', ['1:15 crash']],
  ['a: "!role:x"\n', ['1:5 crash']],
  ['a: "role:100%"\n', ['1:5 crash']],
  ['a: "user_id.name:x"\n', ['1:5 crash']],
  ['a: "not"\n', ['1:5 crash']],
  // references
  ['identity:get_user: "rule:admin_requird"\n', ['1:21 undefined-rule']],
  ['identity:get_user: "rule:nothing_like_it"\n', ['1:21 undefined-rule']],
  ['a: "rule:helpr"\nhelper: "role:x"\n', ['1:5 undefined-rule']],
  ['a: "rule:b"\nb: "role:x or rule:c"\nc: "rule:b"\n', ['2:15 cyclic-rule']],
  ['a: "role:x and rule:a"\n', ['1:16 cyclic-rule']],
  // what lets everybody in
  ['a:\nb: role:x\n', ['1:3 allows-everybody']],
  ['a: # later\n\nb: role:x\n', ['1:3 allows-everybody']],
  ['a: !\n', ['1:4 allows-everybody'], 'a: "!"\n'],
  ['a: no\n', ['1:4 allows-everybody']],
  ['a: {}\n', ['1:4 allows-everybody']],
  ['identity:get_user: "not rule:typo"\n', ['1:25 negated-nothing']],
  ['a: "role:x and not bogus"\n', ['1:20 malformed-rule', '1:20 negated-nothing']],
]

const cases = rows.map(([text, expected, fixed]) => ({ text, expected, fixed }))

test.each(cases)('finds what is wrong in $text', ({ text, expected }) => {
  expect(placesOf(lintAlone(text))).toEqual(expected)
})

test.each(cases.filter(({ fixed }) => fixed !== undefined))(
  'puts right what is certain in $text',
  ({ text, fixed }) => {
    expect(applyFixes(text, lintAlone(text))).toBe(fixed)
  },
)

const good = [
  'a: "role:x or (role:y and not role:z)"',
  'identity:get_user: "rule:admin_required"',
  'a: "rule:helper"\nhelper: "role:x"',
  'a: "@"\nb: "!"',
  'a: \'"member":%(target.role.name)s\'',
  "a: \"'member':%(target.role.name)s or 'load-balancer_member':%(target.role.name)s\"",
  'a: "None:%(target.role.domain_id)s"',
  'a: "role:100%%"',
  'a: "((role:x))"',
  'a: "not not role:x"',
  'a: [["role:x", "role:y"], ["role:z"]]',
  'a: "is_admin:1 or role:x"',
  'a: ""',
  '# only a comment\nidentity:get_region: "@"',
  'identity:get_region: []',
  // another service has helpers that are not in this file
]

test.each(good)('says nothing about %j', (text) => {
  expect(lintAlone(`${text}\n`)).toEqual([])
})

describe('what to write instead', () => {
  test.each([
    ['a: "role:x || role:y"', 'write `or`'],
    ['a: "role:x , role:y"', 'write `or`, or `and`'],
    ['a: "role=x"', 'write `role:x`'],
    ['a: "admin_required"', 'write `rule:admin_required`'],
    ['a: "admin"', 'write `role:admin` or `rule:admin`'],
    ['a: "not(role:x)"', 'write `not (role:x`'],
    ['identity:get_user: "rule:admin_requird"', 'did you mean `rule:admin_required`?'],
    ['a: "!role:x"', 'write `not role:x`'],
    ['a: "role:x,role:y"', 'write two checks with ` or ` between them'],
  ])('%s: %s', (text, remedy) => {
    expect(lintAlone(`${text}\n`)[0]?.remedy).toContain(remedy)
  })
})

test('a file that Keystone cannot load is no finding but a problem with its place', () => {
  const load = (): unknown => lintPolicy('a: "role:x"\nb: @\n', { file: 'override.yaml' })
  expect(load).toThrow(InputError)
  expect(load).toThrow(/^override\.yaml:2:4: /)
})
