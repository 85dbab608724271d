import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/context.ts'
import { policyCommands } from '../../src/cli/policy.ts'
import { scsOverride } from './fixtures.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

type Result = { readonly code: number; readonly out: string; readonly err: string }

async function policy(...argv: readonly string[]): Promise<Result> {
  let out = ''
  let err = ''
  let code = 0
  const io: CommandContext = {
    env: {},
    cwd: folder,
    home: folder,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTerminal: false,
    hasColor: false,
    columns: 100,
    confirm: () => Promise.resolve(false),
    stop: new AbortController().signal,
    now: () => new Date(0),
    pid: 1,
    sleep: () => Promise.resolve(),
  }
  const program = new Command('tenant-onboard').exitOverride()
  policyCommands(program, io, (number) => {
    code = number
  })
  await program.parseAsync(['policy', ...argv], { from: 'user' })
  return { code, out, err }
}

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

test('lint exits 3 for errors and 0 for a good file', async () => {
  const bad = await policy('lint', put('bad.yaml', 'a: "role:x || role:y"\n'))
  expect(bad.code).toBe(3)
  expect(bad.out).toBe(
    [
      'bad.yaml:1:12: error policy/malformed-rule',
      '  `a` refuses everybody: `||` is not an operator',
      '  remedy: write `or` (--fix)',
      '1 error',
      '',
    ].join('\n'),
  )
  const good = await policy('lint', put('good.yaml', 'identity:get_user: "rule:cloud_admin"\n'), '--base', 'charm')
  expect(good).toEqual({ code: 0, out: 'nothing found\n', err: '' })
})

test('lint without a base says what it did not look at', async () => {
  expect((await policy('lint', put('a.yaml', 'a: "role:x"\n'))).err).toContain('without --base')
})

test('lint --fix writes what is certain and reports what is left', async () => {
  const file = put('a.yaml', 'a: "role:x || role:y"\nb: "role:z OR bogus"\n')
  const { code, out } = await policy('lint', file, '--fix', '-o', 'json')
  expect(readFileSync(join(folder, file), 'utf8')).toBe('a: "role:x or role:y"\nb: "role:z or bogus"\n')
  expect(code).toBe(3)
  expect(JSON.parse(out)).toMatchObject({
    file: 'a.yaml',
    over: null,
    fixed: 2,
    findings: [
      { code: 'policy/malformed-rule', where: 'a.yaml:2:15', rule: 'b', line: 2, column: 15, isFixable: false },
    ],
  })
})

test('lint takes a release or a file as the base', async () => {
  const trust = put('trust.yaml', 'identity:create_trust: "user_id:%(trust.trustor_user_id)s"\n')
  expect((await policy('lint', trust, '--base', '2024.1+ossa-2026-015')).out).toContain('policy/dead-target')
  expect((await policy('lint', trust, '--base', '2024.1')).code).toBe(0)
  const base = put('base.json', '{"helper": "role:x"}')
  const user = put('user.yaml', 'identity:get_user: "rule:helper"\n')
  expect((await policy('lint', user, '--base', base)).code).toBe(0)
  expect((await policy('lint', user, '--base', 'default')).out).toContain('policy/undefined-rule')
})

test.each([
  [['lint', 'missing.yaml'], 'cannot read `missing.yaml`: it is missing'],
  [['lint', 'a.yaml', '--base', '2024.1+nothing'], '`2024.1+nothing` is not a release'],
  [['lint', 'a.yaml', '--base', '2024.1', '--release', '2025.1'], '`--base` names a release already'],
  [['explain', 'identity:get_user', '--as', 'nobody', '--on', 'own'], '`nobody` is not a persona'],
  [['explain', 'identity:get_user', '--as', 'member', '--on', 'there'], 'is not a target'],
  [['explain', 'identity:create_user', '--as', 'member', '--on', 'self'], 'only on own, other, none'],
  [['explain', 'cloud_admin', '--as', 'member', '--on', 'own', '--base', 'charm'], 'give the target itself'],
  [['matrix', '--as', 'nobody'], '`nobody` is not a persona'],
  [['eval', '--requests', 'missing.jsonl'], 'cannot read `missing.jsonl`'],
])('what a user gave wrong is said plainly: %j', async (argv, message) => {
  put('a.yaml', 'a: "role:x"\n')
  await expect(policy(...argv)).rejects.toThrow(message)
})

test('explain exits 3 when the answer is no and 0 when it is yes', async () => {
  const file = put('scs.yaml', scsOverride())
  const ask = ['explain', 'identity:create_user', '--as', 'domain-manager', '--base', 'charm', '--override', file]
  const own = await policy(...ask, '--on', 'own')
  expect(own.code).toBe(0)
  expect(own.out).toContain('identity:create_user: allowed')
  const other = await policy(...ask, '--on', 'other', '-o', 'json')
  expect(other.code).toBe(3)
  expect(JSON.parse(other.out)).toMatchObject([{ action: 'identity:create_user', decision: 'deny' }])
})

test('explain takes a target of the user', async () => {
  const ask = ['explain', 'owner', '--as', 'member', '--base', 'charm', '--on']
  expect((await policy(...ask, '{"user_id": "acme-cluster"}')).code).toBe(0)
  expect((await policy(...ask, '{"user_id": "somebody"}')).code).toBe(3)
})

test('diff exits 3 only when asked to', async () => {
  const file = put('scs.yaml', scsOverride())
  const plainly = await policy('diff', 'charm', file, '--base', 'charm')
  expect(plainly.code).toBe(0)
  expect(plainly.out).toContain('domain-manager gains')
  expect((await policy('diff', 'charm', file, '--base', 'charm', '--exit-code')).code).toBe(3)
  expect((await policy('diff', 'charm', 'charm', '--exit-code')).code).toBe(0)
})

test('diff compares two releases', async () => {
  const { out } = await policy('diff', '2024.1+oct-2026', '2025.1+oct-2026')
  expect(out).toContain('domain-manager gains\n')
  expect(out).toContain('identity:create_user at own')
})

test('matrix prints JSON and CSV of the same answers', async () => {
  const argv = [
    'matrix',
    '--base',
    'charm',
    '--only',
    'identity:get_user',
    '--as',
    'cloud-admin',
    'member',
    '--on',
    'other',
  ]
  const json: unknown = JSON.parse((await policy(...argv, '-o', 'json')).out)
  expect(json).toMatchObject({
    release: 'unmaintained/2024.1 --fixes ossa-2026-015',
    rows: [{ operation: 'identity:get_user', answers: { 'cloud-admin': 'allow', member: 'deny' } }],
  })
  expect((await policy(...argv, '-o', 'csv')).out).toContain('GET /v3/users/globex-alice,allow,deny')
})

test('a table of expectations finds its override beside itself', async () => {
  put('scs.yaml', scsOverride())
  const row = (at: string) =>
    `  - {as: domain-manager, ask: identity:create_user, at: ${at}, expect: allow, because: D-064}\n`
  const head = 'version: 1\nrelease: 2024.1+ossa-2026-015\nbase: charm\noverride: scs.yaml\nexpectations:\n'
  const met = await policy('test', put('met.yaml', head + row('own')))
  expect(met).toEqual({ code: 0, out: '1 of 1 as expected\n', err: '' })
  const failed = await policy('test', put('failed.yaml', head + row('[own, other]')))
  expect(failed.code).toBe(3)
  expect(failed.out).toBe(
    [
      'failed.yaml:6: domain-manager at other: identity:create_user: expected allow, got deny',
      '  POST /v3/users {"user":{"name":"new","domain_id":"globex"}}',
      '  D-064',
      '1 of 2 as expected',
      '',
    ].join('\n'),
  )
  const elsewhere = await policy('test', 'met.yaml', '--base', 'default', '--override', put('none.yaml', '{}\n'))
  expect(elsewhere.code).toBe(3)
})

test('eval answers line by line', async () => {
  const file = put(
    'q.jsonl',
    '{"rules":{"a":"role:x"},"rule":"a","creds":{"roles":["x"]},"target":{}}\n{"file":"a: role:x or role:y"}\n',
  )
  const { out } = await policy('eval', '--requests', file)
  expect(out).toBe('{"result":true,"canonical":"role:x"}\n{"rules":{"a":"(role:x or role:y)"}}\n')
})

test('build writes what it prints, as a file and as a zip, and prove finds nothing in it', async () => {
  const base = ['--base', 'charm', '--release', 'debian-22']
  const printed = await policy('build', ...base)
  const written = await policy('build', ...base, '--out', 'built.yaml', '--zip', 'built.zip')
  expect([printed.code, written.code]).toEqual([0, 0])
  expect(readFileSync(join(folder, 'built.yaml'), 'utf8')).toBe(printed.out)
  expect(readFileSync(join(folder, 'built.zip')).includes(printed.out)).toBe(true)
  const { code, out } = await policy('prove', 'built.yaml', ...base, '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    family: 'charm',
    answers: Array.from({ length: 12 }, () => ({ verdict: 'proved' })),
  })
})

test('prove says no with the request, and build where a claim cannot hold', async () => {
  const prove = await policy('prove', put('scs.yaml', scsOverride()), '--base', 'charm', '--claim', 'no-escalation')
  expect(prove.code).toBe(3)
  expect(prove.out).toContain('PUT /v3/domains/ADMIN_DOMAIN_ID/users/')
  const build = await policy('build', '--base', '2024.1')
  expect(build.code).toBe(3)
  expect(build.err).toContain('not proved: a domain manager grants and revokes nothing beyond the managed roles')
  await expect(policy('prove', 'scs.yaml', '--claim', 'peace')).rejects.toThrow('`peace` is not a claim')
  await expect(policy('build', '--managed-roles', 'admin')).rejects.toThrow('must not be a managed role')
})

test("another service's policy is refused, as an override and as a base", async () => {
  const nova = put(
    'nova.yaml',
    '"os_compute_api:servers:create": "rule:project_member"\n"context_is_admin": "role:admin"\n',
  )
  const word = "these are not Keystone's rules"
  await expect(policy('prove', nova)).rejects.toThrow(word)
  await expect(policy('prove', '--base', nova)).rejects.toThrow(word)
  await expect(policy('matrix', '--override', nova)).rejects.toThrow(word)
  await expect(policy('matrix', '--base', nova)).rejects.toThrow(word)
  const lint = await policy('lint', nova)
  expect([lint.code, lint.out.includes(word)]).toEqual([3, true])
  const own = put('own.yaml', '"identity:get_region": "@"\n')
  expect((await policy('prove', own, '--claim', 'cloud-wide')).code).toBe(0)
})

test('lint of a zip says what the charm will do with it', async () => {
  const zip = (name: string, files: Readonly<Record<string, string>>): string => {
    const entries = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
    writeFileSync(join(folder, name), zipSync(Object.fromEntries(entries)))
    return name
  }
  const good = await policy(
    'lint',
    zip('good.zip', { 'policies/a.yml': '"identity:get_user": "role:admin"\n', 'README.md': 'x' }),
  )
  expect(good).toMatchObject({ code: 0 })
  expect(good.out).toContain('the charm installs policies/a.yml as policy.d/a.yaml\nthe charm leaves out README.md\n')
  const empty = await policy('lint', zip('empty.zip', { 'a.yaml': '# nothing\n' }), '-o', 'json')
  expect(empty.code).toBe(3)
  expect(JSON.parse(empty.out)).toMatchObject({
    charm: { kind: 'rejected', path: 'a.yaml' },
    findings: [{ code: 'policy/charm-refuses', severity: 'error', where: 'empty.zip:a.yaml' }],
  })
  // what the charm takes is read as a policy
  const faulty = await policy('lint', zip('faulty.zip', { 'a.yaml': 'a: "role:x || role:y"\n' }))
  expect(faulty.code).toBe(3)
  expect(faulty.out).toContain('faulty.zip:a.yaml:1:')
})

test('lint says why a damaged, an encrypted or an unreadable zip is not taken', async () => {
  const bytes = zipSync({ 'a.yaml': new TextEncoder().encode('"identity:get_user": "role:admin"\n') }, { level: 0 })
  const central = Buffer.from(bytes).indexOf('PK\x01\x02', undefined, 'latin1')
  const changed = async (name: string, at: number, byte: number) => {
    const copy = Uint8Array.from(bytes)
    copy[at] = byte
    writeFileSync(join(folder, name), copy)
    const { code, out } = await policy('lint', name)
    return { code, out: out.replaceAll(/\s+/g, ' ') }
  }
  expect(await changed('damaged.zip', 40, 0x21)).toMatchObject({ code: 3 })
  expect((await changed('damaged.zip', 40, 0x21)).out).toContain('its checksum is wrong')
  expect((await changed('closed.zip', central + 8, 1)).out).toContain('is encrypted')
  const odd = await changed('odd.zip', central + 10, 12)
  expect(odd).toMatchObject({ code: 3 })
  expect(odd.out).toContain('unknown policy/charm-refuses')
  expect((await policy('lint', put('none.zip', 'text'))).out).toContain('it is not a zip')
})

test('prove, matrix and explain read what roles imply on the cloud', async () => {
  const rows = { role_inferences: [{ prior_role: { name: 'manager' }, implies: [{ name: 'reader' }] }] }
  const file = put('roles.json', JSON.stringify(rows))
  const laid = put('odd.yaml', '"identity:create_region": "role:manager and not role:member"\n')
  const proof = ['prove', laid, '--base', '27.1.0', '--claim', 'cloud-wide'] as const
  expect((await policy(...proof)).code).toBe(0)
  expect((await policy(...proof, '--role-inferences', file)).code).toBe(3)
  const matrix = ['matrix', '--base', '27.1.0', '--only', 'create_region'] as const
  expect((await policy(...matrix)).out).toContain('as bootstrap of this release makes it (assumed)')
  expect((await policy(...matrix, '--role-inferences', file)).out).toContain('as the file says: manager > reader')
  await expect(policy(...matrix, '--role-inferences', put('none.json', '{}'))).rejects.toThrow('no role inferences')
})
