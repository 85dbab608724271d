/**
 * The real oslo.policy beside ours, over generated questions, rules and files that somebody runs, and whole enforcers: the same ones in
 * every run, so that a change is judged by itself and not by its luck. A long search is asked for: `ORACLE_SEED=$RANDOM ORACLE_CASES=1000000`.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/errors.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { evalLine } from '../../src/policy/engine/eval.ts'
import { parsePolicyFile, sortPolicyFiles } from '../../src/policy/engine/file.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { renderCharmPolicy } from '../../src/policy/releases/charm.ts'
import { createRuleSet } from '../../src/policy/engine/rules.ts'
import type { Registered } from '../../src/policy/engine/rules.ts'
import { refused, taken } from '../policy/yaml-texts.ts'
import { vectors } from '../policy/vectors.ts'
import { sweptOf } from '../sweep-share.ts'
import { askOracle, isInstalled, pythons } from './policy-oracle.ts'
import { enforcerQuestion, fileQuestion, question, realFileQuestion, realQuestion } from './policy-questions.ts'
import type { EnforcerQuestion } from './policy-questions.ts'

const share = pythons.filter(isInstalled).length
/** Per Python: the hundred thousand are shared out among those that are there. */
const cases = Math.ceil(Number(process.env['ORACLE_CASES'] ?? sweptOf(100_000, 20_000)) / Math.max(1, share))
const seed = Number(process.env['ORACLE_SEED'] ?? 2026)

type Answer = { readonly error?: string; readonly rules?: Readonly<Record<string, string>> }

function parseAnswer(line: string): Answer {
  return JSON.parse(line) as Answer
}

/** Equal, or both an error. What we refuse to imitate is an error of ours whatever the library says. */
function agree(ours: string, theirs: string): boolean {
  const own = parseAnswer(ours)
  const other = parseAnswer(theirs)
  if (own.error !== undefined) return other.error !== undefined || own.error.startsWith('Refused')
  return JSON.stringify(sorted(own)) === JSON.stringify(sorted(other))
}

function sorted(answer: Answer): unknown {
  if (answer.rules === undefined) return answer
  return Object.entries(answer.rules).sort(([a], [b]) => (a < b ? -1 : 1))
}

function differences(lines: readonly string[], ours: readonly string[], theirs: readonly string[]): readonly string[] {
  return lines.flatMap((line, index) => {
    const own = ours[index] ?? ''
    const other = theirs[index] ?? ''
    return agree(own, other) ? [] : [`${line}\n  ours:   ${own}\n  theirs: ${other}`]
  })
}

/** Questions that only ever get a no ask nothing. */
function expectBothOutcomes(answers: readonly string[]): void {
  const share = (text: string): number => answers.filter((answer) => answer.includes(text)).length / answers.length
  expect(share('"result": true')).toBeGreaterThan(0.005)
  expect(share('"result": false')).toBeGreaterThan(0.005)
}

/** Ours for the same question, with the files sorted and laid over each other as the enforcer does it. */
function answerEnforcer(asked: EnforcerQuestion): string {
  const registered: readonly Registered[] = asked.registered.map((rule) => ({
    name: rule.name,
    check: rule.check,
    scopes: rule.scopes,
    deprecated: rule.was === undefined ? undefined : { name: rule.wasNamed ?? rule.name, check: rule.was },
  }))
  const folders = asked.dirs.flatMap((dir) => {
    const texts = new Map(dir)
    return sortPolicyFiles([...texts.keys()]).map((name) => texts.get(name) ?? '')
  })
  try {
    const files = [...(asked.file === null ? [] : [asked.file]), ...folders].map((text) => parsePolicyFile(text).rules)
    const rules = createRuleSet(registered, files, {
      enforceScope: asked.enforce_scope,
      enforceNewDefaults: asked.enforce_new_defaults,
    })
    const decision = enforce(rules, asked.rule, asked.creds, asked.target)
    return JSON.stringify(
      decision.kind === 'error' ? { error: decision.error.type } : { result: decision.kind === 'allow' },
    )
  } catch (error) {
    if (error instanceof InputError) return JSON.stringify({ error: error.message })
    throw error
  }
}

async function realRules(): Promise<ReadonlyMap<string, string>> {
  const keystone = await loadKeystone(parseRelease('2025.1'))
  const charm = keystone.charm.filter((rule) => /project|cloud_admin|^admin_required$|^owner$/.test(rule.name))
  const grants = keystone.registered.filter((rule) => /grant|admin_required|managed/.test(rule.name))
  return new Map([...grants, ...charm].map((rule) => [rule.name, rule.check]))
}

/** A policy file of an operator, and the charm's own. */
async function realFiles(): Promise<readonly string[]> {
  const keystone = await loadKeystone(parseRelease('zed'))
  const yaml = readFileSync(new URL('../policy/golden/override.yaml', import.meta.url), 'utf8')
  return [yaml, renderCharmPolicy(keystone.charm.slice(0, 20))]
}

describe.each(pythons)('$name', (python) => {
  const count = (share: number): number => Math.max(20, Math.round(cases * share))
  const available = test.runIf(isInstalled(python))

  available('answers our own tables as they say', async () => {
    const lines = vectors.map(([, rule, creds, target, , others]) =>
      JSON.stringify({ rules: { ...others, asked: rule }, rule: 'asked', creds, target }),
    )
    const answers = (await askOracle(python, lines)).map((line) => JSON.parse(line) as { result?: boolean })
    expect(vectors.map(([id], index) => [id, answers[index]?.result ?? 'error'])).toEqual(
      vectors.map(([id, , , , expected]) => [id, typeof expected === 'boolean' ? expected : 'error']),
    )
    const loaded = await askOracle(
      python,
      [...taken.map(([file]) => file), ...refused].map((file) => JSON.stringify({ file })),
    )
    expect(loaded.slice(0, taken.length).map((line): unknown => JSON.parse(line))).toEqual(
      taken.map(([, rules]) => ({ rules })),
    )
    expect(loaded.slice(taken.length).filter((line) => !line.startsWith('{"error"'))).toEqual([])
  })

  available('answers generated questions as we do', async () => {
    const lines = fc.sample(question, { numRuns: count(0.68), seed })
    const theirs = await askOracle(python, lines)
    expect(differences(lines, lines.map(evalLine), theirs), `ORACLE_SEED=${seed}`).toEqual([])
    expectBothOutcomes(theirs)
  })

  available('answers questions about real rules as we do', async () => {
    const lines = fc.sample(realQuestion(await realRules()), { numRuns: count(0.04), seed })
    const theirs = await askOracle(python, lines)
    expect(differences(lines, lines.map(evalLine), theirs), `ORACLE_SEED=${seed}`).toEqual([])
    expectBothOutcomes(theirs)
  })

  available('loads generated files as we do', async () => {
    const lines = fc.sample(fileQuestion, { numRuns: count(0.25), seed })
    const theirs = await askOracle(python, lines)
    expect(differences(lines, lines.map(evalLine), theirs), `ORACLE_SEED=${seed}`).toEqual([])
  })

  available('loads real files with a slip of the pen as we do', async () => {
    const files = await realFiles()
    const lines = files.flatMap((file) => fc.sample(realFileQuestion(file), { numRuns: count(0.005), seed }))
    const theirs = await askOracle(python, lines)
    expect(differences(lines, lines.map(evalLine), theirs), `ORACLE_SEED=${seed}`).toEqual([])
  })

  available('lays files over registered rules as we do', async () => {
    const asked = fc.sample(enforcerQuestion, { numRuns: count(0.02), seed })
    const lines = asked.map((each) => JSON.stringify(each))
    const theirs = await askOracle(python, lines)
    expect(differences(lines, asked.map(answerEnforcer), theirs), `ORACLE_SEED=${seed}`).toEqual([])
    expectBothOutcomes(theirs)
  })
})
