/** Files, folders, deprecated rules and scopes, as the real Enforcer was seen to treat them. */
import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import type { Decision } from '../../src/policy/engine/enforce.ts'
import { parsePolicyFile, sortPolicyFiles } from '../../src/policy/engine/file.ts'
import { createRuleSet } from '../../src/policy/engine/rules.ts'
import type { Registered, RuleSetOptions } from '../../src/policy/engine/rules.ts'

type Setup = {
  readonly registered?: readonly Registered[]
  /** Texts in the order in which they are loaded. */
  readonly files?: readonly string[]
  readonly options?: RuleSetOptions
}

function decide(setup: Setup, action: string, creds: Record<string, string | null | readonly string[]> = {}): Decision {
  const files = (setup.files ?? []).map((text) => parsePolicyFile(text).rules)
  return enforce(createRuleSet(setup.registered ?? [], files, setup.options), action, creds, {})
}

const roleX: readonly Registered[] = [{ name: 'a', check: 'role:x' }]
const deny: readonly Registered[] = [{ name: 'a', check: '!' }]

describe('a policy file', () => {
  test.each([
    ['f01', 'a: !', 'allow'],
    ['f02', 'a: "!"', 'deny'],
    ['f04', 'a:', 'allow'],
    ['f05', 'a: no', 'allow'],
    ['f07', 'a: "!"\na: "@"', 'allow'],
    ['f11', '# nothing but a comment', 'deny'],
  ])('%s: %j says %s to somebody without roles', (_id, text, kind) => {
    expect(decide({ registered: roleX, files: [text] }, 'a', { roles: [] }).kind).toBe(kind)
  })

  test.each([
    ['f09', 'a: role:x # or @'],
    ['f11', '# nothing but a comment'],
    ['f20', 'helper: role:x\na: rule:helper'],
  ])('%s: %j lets the role x in and nobody else', (_id, text) => {
    expect(decide({ registered: roleX, files: [text] }, 'a', { roles: ['x'] }).kind).toBe('allow')
    expect(decide({ registered: roleX, files: [text] }, 'a', { roles: ['y'] }).kind).toBe('deny')
  })

  test.each([
    ['f03', 'a: @', 1, 4],
    ['f06', 'a: yes', 1, 4],
    ['f08', '- a', 1, 1],
    ['f10', 'b: "@"\na: 1:30', 2, 4],
  ])('%s: %j cannot be loaded, and the place is told', (_id, text, line, column) => {
    expect(() => parsePolicyFile(text, { file: 'p.yaml' })).toThrow(InputError)
    expect(() => parsePolicyFile(text, { file: 'p.yaml' })).toThrow(`p.yaml:${line}:${column}: `)
  })

  test.each([
    ['f12', ['a: "@"'], 'allow'],
    ['f13', ['a: "!"', 'a: "@"'], 'allow'],
    ['f14', ['a: "@"', 'a: "!"'], 'deny'],
  ])('%s: of %j the last one counts', (_id, files, kind) => {
    expect(decide({ registered: deny, files }, 'a').kind).toBe(kind)
  })

  test('f15 to f18: a folder is read in the order of bytes, whatever the ending, without hidden files', () => {
    expect(sortPolicyFiles(['a.yaml', 'Z.yaml', '.z.yaml', 'a.yaml.bak', '\ufffd', '\u{10000}', '10', '9'])).toEqual([
      '10',
      '9',
      'Z.yaml',
      'a.yaml',
      'a.yaml.bak',
      '\ufffd',
      '\u{10000}',
    ])
  })

  test('a rule keeps its place, its format and what it shadows', () => {
    const yaml = parsePolicyFile('a: "@"\n\nb:\n  - role:x\na: \'!\'\nno: role:y\n', { file: 'p.yaml' })
    expect(yaml.rules.map((rule) => [rule.name, rule.source])).toEqual([
      ['a', { kind: 'file', file: 'p.yaml', line: 5, column: 4, isQuoted: true }],
      ['b', { kind: 'file', file: 'p.yaml', line: 4, column: 3, isQuoted: false }],
    ])
    expect(yaml.shadowed.map((rule) => [rule.name, rule.source.kind === 'file' && rule.source.line])).toEqual([
      ['a', 1],
    ])
    expect(yaml.unreachable.map((rule) => rule.name)).toEqual(['false'])
    const json = parsePolicyFile('{\n  "a": "@",\n  "a": "!"\n}')
    expect([json.format, json.rules[0]?.source, json.shadowed.length]).toMatchObject([
      'json',
      { line: 3, column: 8 },
      1,
    ])
  })
})

describe('a name that is not defined', () => {
  test('f21: is denied', () => {
    expect(decide({ files: ['b: "@"'] }, 'a')).toEqual({ kind: 'deny', because: 'undefined' })
  })

  test.each([
    ['f23', 'default: "@"', 'unknown', 'allow'],
    ['f24', 'default: "@"', 'a', 'deny'],
    ['f25', 'default: "@"\na: rule:typo', 'a', 'allow'],
    ['f26', 'a: not rule:typo', 'a', 'allow'],
    ['f27', 'a: rule:typo', 'a', 'deny'],
    ['f28', 'a: rule:b\nb: rule:a', 'a', 'error'],
    ['f29', 'a: "@ or rule:a"', 'a', 'allow'],
  ])('%s: %j asked for %s says %s', (_id, text, action, kind) => {
    expect(decide({ registered: deny, files: [text] }, action).kind).toBe(kind)
  })
})

describe('a deprecated rule', () => {
  const sameName: Registered = { name: 'a', check: 'role:new', deprecated: { name: 'a', check: 'role:old' } }
  const renamed: Registered = { name: 'a', check: 'role:new', deprecated: { name: 'old', check: 'role:old' } }
  test.each([
    ['f30', sameName, [], 'old', ['allow', 'deny']],
    ['f30', sameName, [], 'new', ['allow', 'allow']],
    ['f31', sameName, ['a: role:new'], 'old', ['deny', 'deny']],
    ['f32', renamed, ['old: role:file'], 'file', ['allow', 'allow']],
    ['f33', renamed, ['old: role:file'], 'new', ['deny', 'deny']],
    ['f34', renamed, [], 'old', ['allow', 'deny']],
    ['', renamed, ['old: rule:a'], 'new', ['allow', 'allow']],
  ])('%s: %j under %j, for the role %s', (_id, rule, files, role, expected) => {
    const kinds = [false, true].map(
      (enforceNewDefaults) =>
        decide({ registered: [rule], files, options: { enforceNewDefaults } }, 'a', { roles: [role] }).kind,
    )
    expect(kinds).toEqual(expected)
  })
})

describe('a scope', () => {
  const system: Registered = { name: 'a', check: '@', scopes: ['system'] }
  const project: Registered = { name: 'a', check: '@', scopes: ['project'] }
  const options = { enforceScope: true }

  test('f35: counts only where scopes are enforced', () => {
    const creds = { project_id: 'p1', roles: [] }
    expect(decide({ registered: [system] }, 'a', creds).kind).toBe('allow')
    expect(decide({ registered: [system], options }, 'a', creds)).toEqual({ kind: 'deny', because: 'scope' })
    expect(decide({ registered: [system], options }, 'a', { ...creds, system_scope: 'all' }).kind).toBe('allow')
  })

  test('f37: survives an override', () => {
    const setup = { registered: [system], files: ['a: "@"'], options }
    expect(decide(setup, 'a', { domain_id: 'd1' }).kind).toBe('deny')
    expect(decide(setup, 'a', { system_scope: 'all' }).kind).toBe('allow')
  })

  test('f38: a token without any counts as project', () => {
    expect(decide({ registered: [project], options }, 'a', {}).kind).toBe('allow')
    expect(decide({ registered: [project], options }, 'a', { domain_id: 'd1' }).kind).toBe('deny')
  })

  test('f39: of a rule that is only referred to does not count', () => {
    const registered: readonly Registered[] = [
      { name: 'a', check: 'rule:b' },
      { name: 'b', check: '@', scopes: ['system'] },
    ]
    expect(decide({ registered, options }, 'a', { domain_id: 'd1' }).kind).toBe('allow')
    expect(decide({ registered, options }, 'b', { domain_id: 'd1' }).kind).toBe('deny')
  })

  test('of the system is also found under `system`', () => {
    const files = ['a: system:all']
    expect(decide({ files }, 'a', { system_scope: 'all' }).kind).toBe('allow')
    expect(decide({ files }, 'a', { system_scope: null }).kind).toBe('deny')
  })
})
