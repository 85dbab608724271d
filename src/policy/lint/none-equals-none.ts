/**
 * `domain_id:%(target.project.domain_id)s` holds for a token without a domain and a project without one, because both
 * are the text `None`. The record of a domain is such a project. So a caller with the role on any project can read, or
 * write, every domain of the cloud. LP#2138295.
 */
import type { Check } from '../engine/check.ts'
import { fill } from '../python/format.ts'
import { lookUp } from '../python/value.ts'
import type { Ask } from '../model/operation.ts'
import type { FileRule, Rule, RuleSet } from '../engine/rules.ts'
import { findingIn } from './subject.ts'
import type { LintBase, Lint, LintFinding } from './subject.ts'
import { allows, powerOf, tell } from './witness.ts'
import { reach } from '../engine/reach.ts'
import type { Leaf, Occurrence } from '../engine/reach.ts'

export const lintNoneEqualsNone: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const findings = new Map<string, LintFinding>()
  const witnesses = [...noneWitnesses(lintBase, own)].sort((a, b) => harmOf(a, lintBase) - harmOf(b, lintBase))
  for (const witness of witnesses) {
    const { ask, leaf, rule } = witness
    const id = `${rule.name} ${leaf.span.start} ${ask.operation.action}`
    if (findings.has(id) || leaf.kind !== 'attribute') continue
    const key = leaf.format.kind === 'key' ? leaf.format.key : ''
    const refused = allows(lintBase.base, ask) ? '' : ', which the base refuses'
    findings.set(
      id,
      findingIn(subject, rule, {
        code: 'policy/none-equals-none',
        severity: 'error',
        message: `None equals None in \`${leaf.left}:${leaf.match}\`: by \`${ask.operation.action}\` ${tell(ask)}${refused}`,
        remedy: `add \`and not None:%(${key})s\`, or compare \`token.domain.id\`, which a token without a domain does not have`,
        span: leaf.span,
        about: ask.operation.action,
      }),
    )
  }
  return [...findings.values()]
}

type Witness = { readonly ask: Ask; readonly leaf: Leaf; readonly rule: FileRule }

/** What the base refuses comes first, and of that what the caller with the least power can do. */
function harmOf({ ask }: Witness, { base }: LintBase): number {
  return (allows(base, ask) ? 100 : 0) + powerOf(ask)
}

/** Requests that are allowed only because of such clauses in the file. */
function* noneWitnesses(lintBase: LintBase, own: ReadonlyMap<string, FileRule>): Generator<Witness> {
  const readers = new Map<string, readonly Occurrence[]>()
  for (const ask of lintBase.cases) {
    const { action } = ask.operation
    const read = readers.get(action) ?? [...reach(lintBase.rules, action)].filter((each) => isSuspect(each, own))
    readers.set(action, read)
    if (read.length === 0 || !allows(lintBase.rules, ask)) continue
    const guilty = read.filter(({ leaf }) => isNoneOnBoth(leaf, ask))
    if (guilty.length === 0) continue
    const without = new Set(guilty.map(({ leaf }): Check => leaf))
    if (allows(replaced(lintBase.rules, without), ask)) continue
    // Of several, the one that is enough alone; if all of them are needed, the first.
    const [first] = guilty
    const enough = guilty.find(({ leaf }) => {
      const others = [...without].filter((each) => each !== leaf)
      return allows(replaced(lintBase.rules, new Set(others)), ask)
    })
    const { leaf, rule } = enough ?? first ?? {}
    const holder = rule && own.get(rule.name)
    if (leaf !== undefined && holder !== undefined) yield { ask, leaf, rule: holder }
  }
}

/** A clause of the file that compares a credential with a key, and that contributes to the permission. */
function isSuspect({ leaf, rule, isNegated }: Occurrence, own: ReadonlyMap<string, FileRule>): boolean {
  return !isNegated && own.has(rule.name) && leaf.kind === 'attribute' && leaf.subject.kind === 'path'
}

function isNoneOnBoth(leaf: Leaf, { persona, target }: Ask): boolean {
  if (leaf.kind !== 'attribute' || leaf.subject.kind !== 'path' || leaf.format.kind !== 'key') return false
  const [head, ...rest] = leaf.subject.segments
  if (head === undefined || rest.length > 0 || lookUp(persona.creds, head) !== null) return false
  return fill(leaf.format, target) === 'None'
}

/** The rules with these checks never holding. */
function replaced(rules: RuleSet, dead: ReadonlySet<Check>): RuleSet {
  const changed = new Map<string, Rule>()
  for (const [name, rule] of rules.rules) {
    const check = without(rule.check, dead)
    changed.set(name, check === rule.check ? rule : { ...rule, check })
  }
  return { ...rules, rules: changed }
}

/** The same check if nothing in it is dead. */
function without(check: Check, dead: ReadonlySet<Check>): Check {
  if (dead.has(check)) return { kind: 'false', span: check.span }
  switch (check.kind) {
    case 'and':
    case 'or': {
      const checks = check.checks.map((each) => without(each, dead))
      return checks.every((each, index) => each === check.checks[index]) ? check : { ...check, checks }
    }
    case 'not': {
      const inner = without(check.check, dead)
      return inner === check.check ? check : { ...check, check: inner }
    }
    case 'true':
    case 'false':
    case 'role':
    case 'rule':
    case 'attribute':
    case 'http':
    case 'bare-text':
      return check
  }
}
