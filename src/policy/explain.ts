/** Why a request is allowed or refused: the clauses of its rule as a tree, with the values that each of them saw. */
import { renderCheck } from './engine/check.ts'
import { renderRequest } from './model/operation.ts'
import type { Ask } from './model/operation.ts'
import type { Dict, Value } from './python/value.ts'
import { repr } from './python/value.ts'
import type { Rule, RuleSet, Source } from './engine/rules.ts'
import { traceDecision } from './engine/trace.ts'
import type { Clause, Comparison, ClauseOutcome } from './engine/trace.ts'

export type Explanation = {
  readonly action: string
  readonly who: string
  /** Method, path and body; absent if the target was given directly. */
  readonly request: string | undefined
  readonly decision: 'allow' | 'deny' | 'error'
  /** The reason, if it is more than that the rule holds or does not. */
  readonly because: string | undefined
  readonly target: readonly TargetLine[]
  readonly clause: ExplainedClause | undefined
}

export type TargetLine = { readonly key: string; readonly value: string; readonly by?: string }

export type ExplainedClause = {
  readonly check: string
  readonly outcome: ClauseOutcome
  /** The compared values. */
  readonly saw?: string
  /** The referenced rule, and its place. */
  readonly rule?: string
  readonly source?: string
  readonly clauses: readonly ExplainedClause[]
}

export function explainAsk(rules: RuleSet, ask: Ask): Explanation {
  const target = [...ask.target].map(([key, value]): TargetLine => {
    const by = ask.origins.get(key)
    return { key, value: repr(value), ...(by === undefined ? {} : { by }) }
  })
  return explain(rules, {
    action: ask.operation.action,
    who: `${ask.persona.name} (${ask.persona.title})`,
    request: renderRequest(ask.request),
    creds: ask.persona.creds,
    target: ask.target,
    lines: target,
  })
}

/** For a rule that none of our requests uses, on a target of the user. */
export function explainTarget(
  rules: RuleSet,
  action: string,
  who: { readonly name: string; readonly creds: Dict },
  target: Readonly<Record<string, Value>>,
): Explanation {
  const lines = Object.entries(target).map(([key, value]): TargetLine => ({ key, value: repr(value) }))
  return explain(rules, { action, who: who.name, request: undefined, creds: who.creds, target, lines })
}

type Question = {
  readonly action: string
  readonly who: string
  readonly request: string | undefined
  readonly creds: Dict
  readonly target: Dict
  readonly lines: readonly TargetLine[]
}

function explain(rules: RuleSet, { action, who, request, creds, target, lines }: Question): Explanation {
  const { decision, rule, scope, clause } = traceDecision(rules, action, creds, target)
  const root = clause && explained(clause)
  return {
    action,
    who,
    request,
    decision: decision.kind,
    because: reasonOf(decision.kind === 'deny' ? decision.because : undefined, rule, scope, action),
    target: lines,
    clause: root && { ...root, ...(rule === undefined ? {} : { rule: rule.name, source: renderSource(rule.source) }) },
  }
}

function reasonOf(
  because: string | undefined,
  rule: Rule | undefined,
  scope: string,
  action: string,
): string | undefined {
  if (because === 'undefined') return `nothing defines \`${action}\``
  if (because === 'scope')
    return `the rule requires the scope ${(rule?.scopes ?? []).join(' or ')}, and the token has ${scope}`
  if (rule === undefined) return undefined
  if (rule.name !== action) return `nothing defines \`${action}\`, so \`${rule.name}\` is used instead`
  return rule.relaxed === 'by-deprecated' ? 'the deprecated rule is still in force beside the new one' : undefined
}

function explained(clause: Clause): ExplainedClause {
  const { check, outcome, saw, rule, error, clauses } = clause
  const seen = error === undefined ? saw && comparison(saw) : `${error.type}: ${error.message}`
  const undefinedRule = check.kind === 'rule' && rule === undefined && outcome !== 'skipped'
  return {
    check: check.kind === 'and' || check.kind === 'or' ? check.kind : renderHead(clause),
    outcome,
    ...(seen === undefined ? {} : { saw: seen }),
    ...(undefinedRule ? { saw: 'nothing defines it' } : {}),
    ...(rule === undefined ? {} : { rule: rule.name, source: renderSource(rule.source) }),
    clauses: clauses.map(explained),
  }
}

/** A `not` has its operand below it; everything else is shown as written. */
function renderHead({ check }: Clause): string {
  return check.kind === 'not' ? 'not' : renderCheck(check)
}

function comparison({ wanted, missing, held }: Comparison): string | undefined {
  if (missing !== undefined) return `the target has no \`${missing}\``
  if (wanted === undefined) return undefined
  const [first, ...rest] = held
  if (first === undefined) return `the credentials have no value there; needed: ${wanted}`
  return rest.length === 0 ? `${first} = ${wanted}` : `one of ${held.join(', ')} = ${wanted}`
}

function renderSource(source: Source): string {
  return source.kind === 'code' ? 'in code' : `${source.file}:${source.line}:${source.column}`
}

/** A tree, one clause per line. */
export function renderExplanation(explanation: Explanation): string {
  const { action, who, request, decision, because, target, clause } = explanation
  const verdicts = { allow: 'allowed', deny: 'refused', error: 'answered with an error' }
  const lines = [
    `${action}: ${verdicts[decision]}${because === undefined ? '' : ` (${because})`}`,
    `  as ${who}`,
    ...(request === undefined ? [] : [`  ${request}`]),
    ...target.map(({ key, value, by }) => `    ${key} = ${value}${by === undefined ? '' : `  (${by})`}`),
    ...(clause === undefined ? [] : ['', ...treeOf(clause, '')]),
  ]
  return `${lines.join('\n')}\n`
}

const marks = { true: 'yes', false: 'no', error: 'ERR', skipped: '-' } as const

function treeOf(clause: ExplainedClause, indent: string): readonly string[] {
  const { check, outcome, saw, rule, source, clauses } = clause
  const where = rule === undefined ? '' : ` [${rule}, ${source ?? ''}]`
  const seen = saw === undefined ? '' : `  ${saw}`
  const line = `${indent}${marks[outcome].padEnd(3)} ${check}${where}${seen}`
  return [line, ...clauses.flatMap((each) => treeOf(each, `${indent}    `))]
}
