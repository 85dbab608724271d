/**
 * Questions for the two policy engines, as lines of `policy eval`: made of pieces that rules are made of, and of pieces
 * that make a parser stumble. Values are written as JSON text, so that `5.0` and twenty digits reach both as they are.
 */
import fc from 'fast-check'

type Text = fc.Arbitrary<string>

function pick(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts)
}

function letters(text: string): Text {
  return fc.constantFrom(...Array.from(text))
}

function joined(...parts: readonly Text[]): Text {
  return fc.tuple(...parts).map((texts) => texts.join(''))
}

function many(part: Text, maxLength: number, separator: Text = fc.constant('')): Text {
  return fc.array(fc.tuple(part, separator), { maxLength }).map((pairs) => pairs.flat().join(''))
}

function weighted(...choices: readonly (readonly [number, Text])[]): Text {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}

const keys = [
  'a',
  'b',
  'roles',
  'user_id',
  'domain_id',
  'target.user.domain_id',
  'a.b',
  'system',
  'system_scope',
  '\u00e9',
]
const ruleNames = ['a', 'b', 'c', 'default', 'admin_required']

const character = weighted(
  [6, letters('abxkR01_.-')],
  [4, letters('+*/%@&|^<>=~,()[]{}\'"!?$`;#\\')],
  [
    1,
    pick(
      '\u00e9',
      '\u0130',
      '\u03a3',
      '\u00df',
      '\u2003',
      '\x1c',
      '\x85',
      '\ufeff',
      '\x7f',
      '\u00b7',
      '\u{1f600}',
      '\u0301',
    ),
  ],
)
const soup = many(character, 8)

const number = pick(
  '0',
  '1',
  '01',
  '1_0',
  '1.0',
  '.5',
  '1.',
  '1e5',
  '1e400',
  '1j',
  '0x1F',
  '0o17',
  '0b11',
  '00',
  '1__0',
  '3com',
  '10' + '0'.repeat(20),
)
const quoted = joined(
  pick('', '', '', 'r', 'b', 'u', 'f', 'rb', 'x'),
  pick("'", '"', "'''"),
  pick('', 'a', 'b c', '\u00e9', '%s', '\\n', '{a}', ':'),
  pick("'", '"', "'''"),
)
const atom = weighted(
  [
    6,
    pick('a', 'b', 'user_id', 'domain_id', 'token.domain.id', 'a.b', 'a.b.c', 'system_scope', 'roles', '\u00e9', '_'),
  ],
  [
    2,
    pick('True', 'False', 'None', 'class', 'not', 'in', 'lambda', 'print', 'match', 'set()', '()', '[]', '{}', '...'),
  ],
  [2, number],
  [2, quoted],
)
const operator = pick(
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '@',
  '&',
  '|',
  '^',
  '<',
  '>',
  '<<',
  '==',
  '!=',
  '**',
  '.',
  ',',
  '(',
  '[',
  '=',
)
const expression = weighted(
  [4, atom],
  [2, joined(atom, operator, atom)],
  [1, joined(pick('+', '-', '~', 'not(', '(', '[', '{'), atom, pick('', ')', ']', '}', ',1]', ',)'))],
  [1, joined(atom, pick('(', '[', '.'), atom, pick(')', ']', ''))],
)
const kind = weighted(
  [3, pick('role', 'rule', 'Role', 'ROLE', 'user_id', 'domain_id', 'a', 'a.b', 'roles')],
  [3, expression],
  [1, soup],
)

const key = weighted([8, pick(...keys)], [1, pick('(a)', 'a(b)c', '', 'x', 'missing')])
const conversion = joined(
  pick('', '', '(a)', '(b)', '(a)', '(missing)', '(x'),
  many(pick('-', '+', ' ', '#', '0'), 2),
  pick('', '', '5', '12', '*'),
  pick('', '', '.', '.0', '.3', '.20', '.*'),
  pick('', '', 'l', 'h', 'L'),
  letters('sssrradiuoxXeEfFgGc%z'),
)
const match = weighted(
  [4, joined(fc.constant('%('), key, fc.constant(')s'))],
  [
    3,
    pick(
      'x',
      'admin',
      'Admin',
      'all',
      'None',
      'True',
      '1',
      '5',
      '5.0',
      'd1',
      '',
      '\u00e9',
      'a:b',
      "'x'",
      '100%',
      '%%',
      'a,b',
    ),
  ],
  [2, joined(soup, fc.constant('%'), conversion, soup)],
  [1, soup],
)
const check = weighted(
  [16, joined(kind, fc.constant(':'), match).filter((text) => !/^\(*https?:/.test(text))],
  // few: rules that refer to each other in a circle cost Python a thousand times the usual
  [1, joined(fc.constant('rule:'), pick(...ruleNames, 'undefined'))],
  [
    4,
    joined(fc.constant('role:'), pick('admin', 'ADMIN', 'member', '\u00e9', '\u00c9', '\u0391\u03a3', '\u03b1\u03c2')),
  ],
  [4, pick('@', '!')],
  [2, soup.filter((text) => !/^\(*https?:/.test(text))],
)

const blank = weighted(
  [8, pick(' ')],
  [1, pick('\t', '\n', '\r\n', '\f', '\v', '  ')],
  [1, pick('\x1c', '\x1f', '\x85', '\xa0', '\u2003', '\u2028', '\ufeff', '')],
)
const word = weighted([2, pick('and', 'or', 'not')], [1, pick('AND', 'Or', 'NOT', 'nOt', '&&', '||', ',', 'aNd(')])

const sentence: Text = fc.letrec<{ sentence: string }>((tie) => ({
  sentence: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    check,
    fc
      .tuple(tie('sentence'), blank, pick('and', 'or', 'AND', 'Or'), blank, tie('sentence'))
      .map((texts) => texts.join('')),
    fc.tuple(pick('not', 'NOT'), blank, tie('sentence')).map((texts) => texts.join('')),
    fc.tuple(pick('(', '( '), tie('sentence'), pick(')', ' )')).map((texts) => texts.join('')),
  ),
})).sentence

const tokens = many(weighted([4, check], [3, word], [2, pick('(', ')', '((', '))')], [1, quoted]), 9, blank)
const text = weighted([5, sentence], [3, tokens], [1, pick('', ' ', '  \n', 'not', '(', ')', "'foo'", 'and', '"a" ')])

/** A value of JSON, as text. */
const scalar = weighted(
  [6, pick('"x"', '"admin"', '"d1"', '"all"', '"None"', '"5"', '""', '"\u00e9"', '"Admin"', '"member"')],
  [
    4,
    pick(
      'null',
      'true',
      'false',
      '1',
      '0',
      '5',
      '5.0',
      '-0.0',
      '-1',
      '0.1',
      '1e22',
      '1e-7',
      '123456789012345678901234567890',
      '1.5e300',
      'NaN',
      'Infinity',
      '2.5',
      '1e16',
      '123456789.123456789',
    ),
  ],
  [1, pick('"it\'s"', '"\\"q\\""', '"a\\u0000b"', '"\\u2028"', '"\u{1f600}"', '"\\ud800"', '"a\\tb"', '"\\u00ad"')],
  [1, fc.string().map((text) => JSON.stringify(text))],
)
const value: Text = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.array(fc.tuple(pick(...keys, 'c', '1'), tie('value')), { maxLength: 3 }).map(object),
  ),
})).value

function object(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([name, held]) => `${JSON.stringify(name)}: ${held}`).join(', ')}}`
}

const roles = weighted(
  [
    6,
    fc
      .array(pick('"admin"', '"Member"', '"\u00e9"', '"\u03b1\u03c2"', '"x"'), { maxLength: 3 })
      .map((items) => `[${items.join(', ')}]`),
  ],
  [1, value],
)
const creds = fc
  .tuple(
    fc.option(roles),
    fc.array(fc.tuple(pick(...keys, 'token', 'foo-bar', 'a-b', 'True'), value), { maxLength: 5 }),
  )
  .map(([own, entries]) => object(own === null ? entries : [['roles', own], ...entries]))
const target = fc.array(fc.tuple(pick(...keys, '(a)', 'x', ''), value), { maxLength: 5 }).map(object)

const textRule = text.map((rule) => JSON.stringify(rule))
const listRule = fc
  .array(
    weighted(
      [3, check.map((each) => JSON.stringify(each))],
      [
        3,
        fc
          .array(weighted([8, check.map((each) => JSON.stringify(each))], [1, value]), { maxLength: 3 })
          .map((items) => `[${items.join(', ')}]`),
      ],
      [1, value],
    ),
    { maxLength: 3 },
  )
  .map((items) => `[${items.join(', ')}]`)
const rule = weighted([12, textRule], [2, listRule], [1, value])

function line(rules: string, name: string, from: string, about: string): string {
  return `{"rules": ${rules}, "rule": ${JSON.stringify(name)}, "creds": ${from}, "target": ${about}}`
}

/** Up to four rules that may refer to one another, and one request. */
export const question: Text = fc
  .tuple(fc.array(fc.tuple(pick(...ruleNames), rule), { minLength: 1, maxLength: 4 }), fc.nat(20), creds, target)
  .map(([rules, at, from, about]) => line(object(rules), rules[at]?.[0] ?? rules[0]?.[0] ?? 'a', from, about))

/** A rule that somebody runs, perhaps with a slip of the pen, under credentials of Keystone's shape. */
export function realQuestion(rules: ReadonlyMap<string, string>): Text {
  const names = [...rules.keys()]
  const id = pick('"d1"', '"d2"', '"u1"', '"p1"', 'null', '"None"')
  const some = fc
    .tuple(roles, id, id, id, pick('null', '"all"'), pick('true', 'false'))
    .map(([own, user, domain, project, system, isAdminProject]) =>
      object([
        ['roles', own],
        ['user_id', user],
        ['domain_id', domain],
        ['project_id', project],
        ['system_scope', system],
        ['is_admin_project', isAdminProject],
        ['token', domain === 'null' ? '{"project": {"domain": {"id": "d1"}}}' : `{"domain": {"id": ${domain}}}`],
      ]),
    )
  const read = [
    ...new Set(
      [...rules.values()].flatMap((each) => [...each.matchAll(/%\(([^)]*)\)s/g)].map((found) => found[1] ?? '')),
    ),
  ]
  const about = fc
    .array(fc.tuple(pick(...read, ...read, 'user_id'), weighted([6, id], [1, value])), { maxLength: 8 })
    .map(object)
  return fc
    .tuple(fc.constantFrom(...names), some, about, fc.option(fc.tuple(fc.nat(), character), { freq: 3 }))
    .map(([name, from, target, slip]) => {
      const own = rules.get(name) ?? ''
      const written = slip === null ? own : mangle(own, slip[0], slip[1])
      const all = object([...rules].map(([each, said]) => [each, JSON.stringify(each === name ? written : said)]))
      return line(all, name, from, target)
    })
}

function mangle(said: string, at: number, by: string): string {
  const place = said.length === 0 ? 0 : at % said.length
  return at % 3 === 0
    ? said.slice(0, place) + said.slice(place + 1)
    : said.slice(0, place) + by + said.slice(place + (at % 2))
}

// Files: lines that policies are made of, and lines that YAML trips over.

const yamlKey = weighted(
  [6, pick('a', '"a"', "'b'", 'identity:get_user', '"identity:get_user"', 'admin_required', 'default')],
  [
    1,
    pick(
      'no',
      '1',
      '1.5',
      '~',
      'true',
      '? a',
      '<<',
      '=',
      '',
      '&k a',
      '*k',
      '[a]',
      '!!str 1',
      '"a\\x41"',
      '2026-01-01',
      'a b',
    ),
  ],
)
const yamlScalar = weighted(
  [6, joined(pick('"', "'", ''), sentence, pick('"', "'", ''))],
  [
    4,
    pick(
      '"role:admin"',
      "'@'",
      '"!"',
      '!',
      '@',
      '',
      '~',
      'no',
      'yes',
      'off',
      'null',
      '0',
      '1',
      '1:30',
      '0x1F',
      '08',
      '1.5',
      '.inf',
      '2026-01-01',
      '2026-02-30',
      '=',
      '<<',
      '[]',
      '{}',
      '[[]]',
      '["role:a", "role:b"]',
      '[[role:a, role:b], [role:c]]',
      '{a: b}',
      '-',
      '? x',
      '"" ',
      '! "no"',
      '!!str no',
      '!!null x',
      '!foo x',
      '&x role:a',
      '*x',
      '*k',
      '"a\\\n  b"',
      "'it''s'",
      '"\\u0041"',
      '"\\q"',
      '`a`',
      '%a',
      '%(a)s:x',
      'role:x # or @',
      'role:x#y',
      'a: b',
      'a:b',
      '"a" b',
      'rule:a or\n  rule:b',
      '>-\n  rule:a or\n  rule:b',
      '|\n  rule:a\n\n  or rule:b\n',
      '>\n  a:b\n    c\n  d',
      '|+2\n   a:b\n',
      '\trole:a',
      'role:a\t',
      'role:\u00e9',
      '"\u2028"',
      'role:\u2028x',
      'null\n',
      '[a, b',
      'a]',
      '[? a : b]',
      '[a: b, c]',
      '{a, b: c}',
      '{? a, "b":c}',
      '[\n role:a,\n role:b ]',
      '- role:a\n- role:b',
      '\n- role:a\n- [role:b]',
      '\n  - role:a',
      '\n  x: y',
      '&x [*x]',
      '[0, "", role:a]',
      '[5]',
      '[[5]]',
      '[true]',
    ),
  ],
  [1, soup],
)
const yamlLine = weighted(
  [
    10,
    joined(
      yamlKey,
      pick(':', ': ', ': ', ': ', ' : ', ':  '),
      yamlScalar,
      pick('', '', '', ' # comment', ' #', '#', '\t', ' '),
    ),
  ],
  [
    2,
    pick(
      '',
      '# comment',
      '---',
      '...',
      '--- a',
      '%YAML 1.1',
      '%TAG ! tag:x,2000:',
      '  ',
      '\t',
      '- a',
      '{',
      '}',
      'a',
      '"',
      '  indented: x',
      ' # c',
      '\ufeff',
      '<<: {c: "role:a"}',
      '<<: [{c: "@"}, {d: "!"}]',
      'x: &k\n  e: f',
      '<<: *k',
      '? a\n: role:b',
      '? a',
      ': b',
    ),
  ],
  [1, soup],
)
const yaml = fc
  .array(fc.tuple(yamlLine, pick('\n', '\n', '\n', '\n', '\r\n', '\r', '\n\n', '\x85', '')), { maxLength: 6 })
  .map((lines) => lines.flat().join(''))
const yamlFlow = joined(
  fc.constant('{'),
  many(joined(yamlKey, pick(':', ': ', ' : '), yamlScalar, pick(',', ', ', '\n,', ',,')), 4),
  pick('}', '} ', '}\n', '}}', ''),
)
const json = weighted([6, fc.array(fc.tuple(pick(...ruleNames), rule), { maxLength: 4 }).map(object)], [1, value])

/** The text of a policy file, as a question. */
export const fileQuestion: Text = weighted([8, yaml], [2, yamlFlow], [1, json]).map(asFile)

/** A file that somebody runs, with one character changed. */
export function realFileQuestion(file: string): Text {
  const slip = weighted([3, character], [2, pick(' ', '\n', '\t', ':', '"', "'", '#', '- ', ': ', '\\', '')])
  return fc.tuple(fc.nat(), slip).map(([at, by]) => asFile(mangle(file, at, by)))
}

function asFile(file: string): string {
  return JSON.stringify({ file })
}

// Whole enforcers: rules registered in code, a policy file, policy folders, options.

/** As `policy-oracle.py` reads it. Only the texts of rules, credentials and target are JSON in JSON. */
export type EnforcerQuestion = {
  readonly registered: readonly { name: string; check: string; scopes?: string[]; was?: string; wasNamed?: string }[]
  readonly file: string | null
  readonly dirs: readonly (readonly (readonly [string, string])[])[]
  readonly rule: string
  readonly creds: Readonly<Record<string, string | null | readonly string[]>>
  readonly target: Readonly<Record<string, string>>
  readonly enforce_scope: boolean
  readonly enforce_new_defaults: boolean
}

const plainRule = pick(
  '@',
  '!',
  'role:new',
  'role:old',
  'role:file',
  'rule:a',
  'rule:b',
  'rule:old',
  'not rule:typo',
  'user_id:%(user_id)s',
  '',
  'role:new or role:old',
)
const names = pick('a', 'b', 'old', 'default', 'helper')
const policyText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(names, plainRule), { maxLength: 3 })
      .map((rules) => rules.map(([name, said]) => `${name}: ${JSON.stringify(said)}\n`).join('')),
  },
  { weight: 2, arbitrary: fc.dictionary(names, plainRule, { maxKeys: 3 }).map((rules) => JSON.stringify(rules)) },
  { weight: 1, arbitrary: pick('# nothing\n', '', 'a: !\n', 'a: yes\n', '- a\n', 'a: [', 'b: no\n') },
)
const folder = fc.uniqueArray(
  fc.tuple(pick('a.yaml', 'Z.yaml', 'a.yaml.bak', '.hidden.yaml', 'README', 'z.json', '\u00e9', '10', '9'), policyText),
  { maxLength: 3, selector: ([name]) => name },
)

export const enforcerQuestion: fc.Arbitrary<EnforcerQuestion> = fc.record({
  registered: fc.uniqueArray(
    fc.record(
      {
        name: pick('a', 'b', 'c'),
        check: plainRule,
        scopes: fc.uniqueArray(pick('system', 'domain', 'project'), { minLength: 1 }),
        was: plainRule,
        wasNamed: pick('old', 'older'),
      },
      { requiredKeys: ['name', 'check'] },
    ),
    { maxLength: 3, selector: (registered) => registered.name },
  ),
  file: fc.option(policyText),
  dirs: fc.array(folder, { maxLength: 2 }),
  rule: pick('a', 'a', 'a', 'b', 'c', 'old', 'helper', 'unknown'),
  creds: fc.record(
    {
      roles: fc.subarray(['new', 'old', 'file']),
      user_id: pick('u1', 'u2'),
      domain_id: fc.option(pick('d1', '')),
      system_scope: fc.option(pick('all', '')),
      system: fc.option(pick('all', '')),
    },
    { requiredKeys: ['roles'] },
  ),
  target: fc.record({ user_id: pick('u1', 'u2') }, { requiredKeys: [] }),
  enforce_scope: fc.boolean(),
  enforce_new_defaults: fc.boolean(),
})
