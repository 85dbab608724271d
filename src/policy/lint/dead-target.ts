/**
 * Clauses that read a key which this Keystone never fills, although the same package with or without OSSA-2026-015 does.
 * They worked once and now always refuse, or the other way round. Skips actions with an unknown target, and clauses
 * beside their own portable form.
 */
import { renderRelease } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { keysRead } from '../python/format.ts'
import type { FileRule, RuleSet } from '../engine/rules.ts'
import { targetOf } from '../model/targets.ts'
import { equivalents, isFilled, isFilledElsewhere, isPortable } from './portable.ts'
import { alternatives, demands, reach } from '../engine/reach.ts'
import type { Occurrence } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { LintBase, Lint, LintFinding, LintSubject } from './subject.ts'
import { allows } from './witness.ts'

export const lintDeadTargets: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const { release } = lintBase.keystone
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const dead = new Map<string, DeadClause[]>()
  for (const { name: action } of lintBase.keystone.registered) {
    if (targetOf(release, action) === undefined || isEmptyList(lintBase, action)) continue
    const clauses: DeadClause[] = []
    for (const occurrence of reach(lintBase.rules, action)) {
      if (!own.has(occurrence.rule.name)) continue
      const clause = deadClause(release, lintBase.rules, action, occurrence, own)
      if (clause !== undefined) clauses.push(clause)
    }
    if (clauses.length > 0) dead.set(action, clauses)
  }
  return [...dead].map(([action, clauses]) => finding(subject, lintBase, action, clauses, dead))
}

/**
 * A list of credentials by `user_id`, for a caller whom get_credential then refuses every item, is an empty list: such
 * a clause allowed nothing before its filter died. keystone 22.0.2, keystone/api/credentials.py, _list_credentials;
 * seen.
 */
function isEmptyList({ rules, cases }: LintBase, action: string): boolean {
  if (action !== 'identity:list_credentials') return false
  const own = cases.find(
    ({ operation, persona, place }) =>
      operation.action === 'identity:get_credential' && persona.name === 'member' && place === 'self',
  )
  return own !== undefined && !allows(rules, own)
}

type DeadClause = {
  readonly rule: FileRule
  readonly key: string
  readonly occurrence: Occurrence
}

function deadClause(
  release: KeystoneRelease,
  rules: RuleSet,
  action: string,
  occurrence: Occurrence,
  own: ReadonlyMap<string, FileRule>,
): DeadClause | undefined {
  const { leaf, isNegated } = occurrence
  const rule = own.get(occurrence.rule.name)
  if (rule === undefined || isNegated || (leaf.kind !== 'attribute' && leaf.kind !== 'role')) return undefined
  const key = keysRead(leaf.format).find((each) => !isFilled(release, action, each))
  if (key === undefined || !isFilledElsewhere(release, action, key)) return undefined
  return isCovered(release, rules, action, occurrence, key) ? undefined : { rule, key, occurrence }
}

/**
 * True if an alternative beside the clause requires nothing more than the clause in its portable form would:
 * `user_id:%(target.trust.trustor_user_id)s or user_id:%(trust.trustor_user_id)s` is right at every level.
 */
function isCovered(
  release: KeystoneRelease,
  rules: RuleSet,
  action: string,
  { leaf, frames }: Occurrence,
  key: string,
): boolean {
  if (leaf.kind !== 'attribute' && leaf.kind !== 'role') return false
  const left = leaf.kind === 'role' ? 'role' : leaf.left
  const given = new Set<string>()
  for (const candidate of equivalents(release, action, key)) {
    given.add(`${left}:${leaf.match.replace(`%(${key})`, `%(${candidate})`)}`)
  }
  for (const { kind, siblings } of frames) {
    if (kind === 'and') for (const each of siblings) for (const demand of demands(rules, each)) given.add(demand)
    else {
      const others = siblings.flatMap((each) => alternatives(rules, each))
      if (others.some((other) => other.every((demand) => given.has(demand)))) return true
    }
  }
  return false
}

function finding(
  subject: LintSubject,
  lintBase: LintBase,
  action: string,
  clauses: readonly DeadClause[],
  dead: ReadonlyMap<string, readonly DeadClause[]>,
): LintFinding {
  const { release } = lintBase.keystone
  const keys = [...new Set(clauses.map(({ key }) => key))]
  const [first] = clauses
  if (first === undefined) throw new TypeError('an action without dead clauses')
  const { rule, occurrence } = first
  const through = rule.name === action ? '' : ` through \`${rule.name}\``
  const remedies = keys.map((key) => remedyFor(release, action, key)).filter((remedy) => remedy !== undefined)
  const replacement = replacementFor(lintBase, first, dead)
  return findingIn(subject, rule, {
    code: 'policy/dead-target',
    severity: 'error',
    message: `\`${action}\` reads ${keys.map((key) => `\`%(${key})s\``).join(' and ')}${through}, which ${renderRelease(release)} never fills: the clause always refuses`,
    ...(remedies.length === 0 ? {} : { remedy: remedies.join('; ') }),
    span: occurrence.leaf.span,
    about: action,
    ...(replacement === undefined ? {} : { replacement }),
  })
}

function remedyFor(release: KeystoneRelease, action: string, key: string): string | undefined {
  const same = equivalents(release, action, key)
  const portable = same.find((candidate) => isPortable(release, action, candidate))
  if (portable !== undefined) return `write \`%(${portable})s\`, which is filled with and without OSSA-2026-015`
  const [moved] = same
  return moved === undefined
    ? undefined
    : `write the clause twice, with \`%(${moved})s\` or \`%(${key})s\`, for Keystones with and without OSSA-2026-015`
}

/**
 * The same value under its portable key: certain if the body of a create is the target as well, for every action that
 * reaches this clause. A list's filter and the token's domain differ, so a person must decide about those.
 */
function replacementFor(
  { keystone, rules }: LintBase,
  { rule, key, occurrence }: DeadClause,
  dead: ReadonlyMap<string, readonly DeadClause[]>,
): string | undefined {
  const { leaf } = occurrence
  const { release } = keystone
  if (leaf.kind !== 'attribute' || key.startsWith('target.')) return undefined
  const names = keystone.registered.map(({ name }) => name)
  const actions = names.filter((name) => [...reach(rules, name)].some((other) => other.leaf === leaf))
  const isDead = (name: string): boolean => dead.get(name)?.some((each) => each.occurrence.leaf === leaf) ?? false
  const target = `target.${key}`
  if (!actions.every((name) => isDead(name) && isFilled(release, name, target))) return undefined
  const moved = `${leaf.left}:${leaf.match.replace(`%(${key})`, `%(${target})`)}`
  if (actions.every((name) => isPortable(release, name, target))) return moved
  return rule.name.includes(':') ? `(${moved} or ${leaf.left}:${leaf.match})` : undefined
}
