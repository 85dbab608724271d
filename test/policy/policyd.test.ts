import { expect, test } from 'vitest'
import { policydVerdict } from '../../src/policy/policyd.ts'

/* As charm-helpers' policyd.py does with a zip, including what it means to do and does not. */

const good = 'identity:get_user: role:x\n'

test('yaml files are accepted under another name, wherever they lie, and others left out', () => {
  const verdict = policydVerdict([
    { path: 'policies/manager.yml', text: good },
    { path: 'README.md', text: 'hello' },
    { path: 'policy.json', text: '{}' },
  ])
  expect(verdict).toEqual({
    kind: 'accepted',
    files: [{ from: 'policies/manager.yml', name: 'manager.yaml', overridesProtected: [] }],
    ignored: ['README.md', 'policy.json'],
  })
})

test.each([
  ['no yaml file', [{ path: 'policy.json', text: '{}' }], 'no .yaml or .yml'],
  [
    'two files of one name',
    [
      { path: 'a/x.yaml', text: good },
      { path: 'b/x.yml', text: good },
    ],
    '`x` is the name of two',
  ],
  ['a template', [{ path: 'x.j2', text: good }], 'renders no templates'],
  ['a value that is no text', [{ path: 'x.yaml', text: 'a: [["role:x"]]\n' }], 'the value of `a` is not text'],
  ['an unquoted `!`', [{ path: 'x.yaml', text: 'a: !\n' }], 'the value of `a` is not text'],
  ['no value', [{ path: 'x.yaml', text: 'a:\n' }], 'the value of `a` is not text'],
  ['a name that is no text', [{ path: 'x.yaml', text: 'no: "role:x"\n' }], 'is not text'],
  ['a list', [{ path: 'x.yaml', text: '- a\n' }], 'mapping'],
  ['nothing', [{ path: 'x.yaml', text: '# nothing\n' }], 'has no rules'],
  ['two documents', [{ path: 'x.yaml', text: `${good}---\n${good}` }], 'second document'],
  ['no YAML', [{ path: 'x.yaml', text: 'a: @\n' }], ''],
])('%s spoils the zip', (_what, entries, reason) => {
  const verdict = policydVerdict([...entries, { path: 'fine.yaml', text: good }].slice(0, entries.length))
  expect(verdict.kind).toBe('rejected')
  expect(verdict.kind === 'rejected' ? verdict.reason : '').toContain(reason)
})

test('grammar is not looked at, and neither are the rules that it means to protect', () => {
  const text = 'cloud_admin: bogus text ||\nadmin_required: "@"\n'
  const verdict = policydVerdict([{ path: 'x.yaml', text }])
  expect(verdict).toMatchObject({
    kind: 'accepted',
    files: [{ overridesProtected: ['admin_required', 'cloud_admin'] }],
  })
})
