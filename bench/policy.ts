/**
 * Decisions per second on the whole Keystone policy, ours and the real oslo.policy: the same rules, the same requests,
 * one after the other in the same run. Exits 1 below fifty times.
 *
 *   node scripts/bench.mjs policy
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bench } from 'tinybench'
import { parseRelease } from '../src/policy/releases/release.ts'
import { enforce } from '../src/policy/engine/enforce.ts'
import { parsePolicyFile } from '../src/policy/engine/file.ts'
import { keystoneRules, loadKeystone } from '../src/policy/releases/keystone.ts'
import type { Dict } from '../src/policy/python/value.ts'
import { createRuleSet } from '../src/policy/engine/rules.ts'
import { traceDecision } from '../src/policy/engine/trace.ts'

const promised = 50
const seconds = 3
const python = process.env['PYTHON'] ?? '/usr/bin/python3'

const personas: readonly Dict[] = [
  { roles: ['admin', 'manager', 'member', 'reader'], user_id: 'u0', project_id: 'p0', domain_id: null, token: {} },
  {
    roles: ['manager', 'member', 'reader'],
    user_id: 'u1',
    domain_id: 'd1',
    project_id: null,
    token: { domain: { id: 'd1' } },
  },
  {
    roles: ['member', 'reader'],
    user_id: 'u2',
    project_id: 'p2',
    domain_id: null,
    token: { project: { domain: { id: 'd1' } } },
  },
  { roles: ['reader'], user_id: 'u3', system_scope: 'all', project_id: null, domain_id: null, token: {} },
]

function targetIn(domain: string): Dict {
  const kinds = ['user', 'project', 'group']
  const owned: readonly (readonly [string, string])[] = kinds.flatMap((kind) => [
    [`target.${kind}.domain_id`, domain] as const,
    [`target.${kind}.id`, `${kind}-id`] as const,
  ])
  return {
    ...Object.fromEntries(owned),
    'target.domain_id': domain,
    'target.domain.id': domain,
    'target.role.name': 'member',
    'target.role.domain_id': null,
    'target.trust.trustor_user_id': 'u2',
    user_id: 'u2',
  }
}

const release = parseRelease('2025.1+ossa-2026-015')
const registered = keystoneRules(await loadKeystone(release), { enforceNewDefaults: true })
const text = JSON.stringify(Object.fromEntries([...registered.rules.values()].map((rule) => [rule.name, rule.value])))
const rules = createRuleSet([], [parsePolicyFile(text).rules])
const actions = [...rules.rules.keys()].filter((name) => name.startsWith('identity:'))
const questions = actions.flatMap((action) =>
  personas.flatMap((creds) => ['d1', 'd2'].map((domain) => [action, creds, targetIn(domain)] as const)),
)

const folder = mkdtempSync(join(tmpdir(), 'policy-bench-'))
try {
  const file = join(folder, 'policy.json')
  writeFileSync(file, text)

  const bench = new Bench({ time: seconds * 1000 })
  bench
    .add('ours', () => {
      for (const [action, creds, target] of questions) enforce(rules, action, creds, target)
    })
    .add('ours, with the trace', () => {
      for (const [action, creds, target] of questions) traceDecision(rules, action, creds, target)
    })
  await bench.run()
  const [own = 0, traced = 0] = bench.tasks.map((task) =>
    'throughput' in task.result ? task.result.throughput.mean * questions.length : 0,
  )
  const theirs = askPython(file)

  const lines = [
    `${release.name}: ${actions.length} actions, ${questions.length} requests, ${seconds} s each`,
    `ours                   ${rounded(own)} decisions/s`,
    `ours, with the trace   ${rounded(traced)} decisions/s`,
    `oslo.policy            ${rounded(theirs)} decisions/s`,
    `ours is ${(own / theirs).toFixed(0)} times as fast, ${(traced / theirs).toFixed(0)} times with the trace`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  if (own < promised * theirs) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

function askPython(file: string): number {
  const line = JSON.stringify({ bench: { file, questions, seconds } })
  const printed = execFileSync(python, ['test/lab/policy-oracle.py'], { input: `${line}\n`, encoding: 'utf8' })
  const answer = JSON.parse(printed) as { readonly perSecond: number }
  return answer.perSecond
}

function rounded(count: number): string {
  return Math.round(count).toLocaleString('en').padStart(12)
}
