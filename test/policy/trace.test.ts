import { expect, test } from 'vitest'
import { parsePolicyFile } from '../../src/policy/engine/file.ts'
import { isDict } from '../../src/policy/python/value.ts'
import type { Dict } from '../../src/policy/python/value.ts'
import { parseJson } from '../../src/policy/python/json.ts'
import { createRuleSet, rulesFrom } from '../../src/policy/engine/rules.ts'
import { renderCheck } from '../../src/policy/engine/check.ts'
import { traceDecision } from '../../src/policy/engine/trace.ts'
import type { Clause } from '../../src/policy/engine/trace.ts'
import { vectors } from './vectors.ts'

function flat(clause: Clause): readonly Clause[] {
  return [clause, ...clause.clauses.flatMap(flat)]
}

function render(clause: Clause): string {
  return `${renderCheck(clause.check)} ${clause.outcome}`
}

test('a trace names what each clause compared and what was never looked at', () => {
  const text =
    'a: "rule:b and (domain_id:%(target.user.domain_id)s or role:%(gone)s) and not @ and role:x"\nb: role:Manager\n'
  const rules = createRuleSet([], [parsePolicyFile(text).rules])
  const creds = { roles: ['manager'], domain_id: 'd1' }
  const { decision, clause } = traceDecision(rules, 'a', creds, { 'target.user.domain_id': 'd2' })

  expect(decision).toEqual({ kind: 'deny', because: 'rule' })
  const clauses = clause === undefined ? [] : flat(clause)
  expect(clauses.slice(1).map(render)).toEqual([
    'rule:b true',
    'role:Manager true',
    '(domain_id:%(target.user.domain_id)s or role:%(gone)s) false',
    'domain_id:%(target.user.domain_id)s false',
    'role:%(gone)s false',
    'not @ skipped',
    'role:x skipped',
  ])
  expect(clauses.map((each) => each.saw).filter((saw) => saw !== undefined)).toEqual([
    { wanted: 'Manager', missing: undefined, held: ['manager'] },
    { wanted: 'd2', missing: undefined, held: ['d1'] },
    { wanted: undefined, missing: 'gone', held: ['manager'] },
  ])
})

function dict(value: unknown): Dict {
  const parsed = parseJson(JSON.stringify(value))
  return isDict(parsed) ? parsed : {}
}

for (const [id, rule, creds, target, , others] of vectors.filter(([, rule]) => rule !== true)) {
  test(`${id}: the trace of ${JSON.stringify(rule)} ends as the decision does`, () => {
    const rules = rulesFrom(dict({ ...others, asked: rule }))
    const trace = traceDecision(rules, 'asked', dict(creds), dict(target))
    const outcomes = { allow: 'true', deny: 'false', error: 'error' } as const
    expect(trace.clause?.outcome).toBe(outcomes[trace.decision.kind])
  })
}
