/* Rules that allow unintended callers: an empty value, and a `not` over something that never holds. */
import { renderRelease } from '../releases/release.ts'
import { keysRead } from '../python/format.ts'
import { findTargetKeys, targetOf } from '../model/targets.ts'
import type { FileRule } from '../engine/rules.ts'
import { knowsAllNames, namesOf } from './references.ts'
import { leavesOf, reach } from '../engine/reach.ts'
import type { Occurrence } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { LintBase, Lint, LintFinding, LintSubject } from './subject.ts'
import { lineAndColumn, rawSpan } from './place.ts'

export const lintAllowsEverybody: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) => {
    const { check, name, value } = rule
    if (check.kind !== 'true') return []
    // `[]` and `[["@"]]` are the old way to write `@`. oslo.policy 4.0.0, oslo_policy/_parser.py, _parse_list_rule.
    if (typeof value !== 'string' && !Array.isArray(value)) return [emptyValue(subject, rule)]
    if (subject.lintBase === undefined || !isWidened(subject.lintBase, name)) return []
    return [
      findingIn(subject, rule, {
        code: 'policy/allows-everybody',
        severity: 'warning',
        message: `\`${name}\` allows everybody who is signed in, which the replaced rule does not`,
        remedy: 'name the allowed callers, or `rule:admin_required`',
      }),
    ]
  })

/** Nobody writes null, `no` or `0` to open a rule to everybody. */
function emptyValue(subject: LintSubject, rule: FileRule): LintFinding {
  const raw = rawSpan(subject.text, rule)
  const isBang = /^!(?=[ \t]*(?:#|\r|\n|$))/.test(subject.text.slice(raw.start))
  const written = rule.value === null || rule.value === undefined ? 'nothing' : `\`${JSON.stringify(rule.value)}\``
  const finding = findingIn(subject, rule, {
    code: 'policy/allows-everybody',
    severity: 'error',
    message: isBang
      ? `\`${rule.name}\` allows everybody: an unquoted \`!\` is a tag for YAML and leaves no value`
      : `\`${rule.name}\` allows everybody: for oslo.policy ${written} is an empty rule`,
    remedy: 'write `"!"` for nobody, `"@"` for everybody',
  })
  const colon = colonBefore(subject.text, raw.start)
  if (rule.value === null && !isBang && colon !== undefined) {
    const place = lineAndColumn(subject.text, colon + 1)
    return { ...finding, ...place, where: `${subject.file}:${place.line}:${place.column}` }
  }
  return isBang ? { ...finding, edits: [{ start: raw.start, end: raw.start + 1, text: '"!"' }] } : finding
}

/** For YAML a missing value begins at the next token; people look for it at its name. */
function colonBefore(text: string, start: number): number | undefined {
  return /:(?=[ \t]*(?:#[^\n]*)?(?:\r?\n[ \t]*)*$)/.exec(text.slice(0, start))?.index
}

/** Trust rules that are always true make Keystone use its own checks. keystone/api/trusts.py, TrueCheck. */
const guardedInCode = new Set([
  'identity:list_trusts',
  'identity:get_trust',
  'identity:delete_trust',
  'identity:list_roles_for_trust',
  'identity:get_role_for_trust',
])

/** True if the rule without the file requires anything. */
function isWidened({ base }: LintBase, name: string): boolean {
  const before = base.rules.get(name)?.check
  return before !== undefined && before.kind !== 'true' && !guardedInCode.has(name)
}

/** `not` turns a check that can never hold into one that always does. */
export const lintNegations: Lint = (subject) => {
  const defined = namesOf(subject)
  const findings = subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf, isNegated }) => {
      if (!isNegated) return []
      const isUndefined = leaf.kind === 'rule' && knowsAllNames(subject) && !defined.has(leaf.name)
      const isMalformed = leaf.kind === 'false' && leaf.malformed !== undefined
      if (!isUndefined && !isMalformed) return []
      const what = isUndefined
        ? `\`rule:${leaf.name}\`, which nothing defines`
        : 'something that oslo.policy cannot read'
      return [negation(subject, rule, `\`not\` in \`${rule.name}\` applies to ${what}: it always holds`, leaf.span)]
    }),
  )
  return [...findings, ...deadNegations(subject)]
}

/** A `not` over a key that no request fills is equivalent to `@`. */
function deadNegations(subject: LintSubject): readonly LintFinding[] {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const { release } = lintBase.keystone
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const found = new Map<string, LintFinding>()
  for (const { name: action } of lintBase.keystone.registered) {
    const target = targetOf(release, action)
    if (target === undefined) continue
    for (const { leaf, rule, isNegated } of reach(lintBase.rules, action)) {
      const holder = own.get(rule.name)
      if (!isNegated || holder === undefined) continue
      const dead = keysOfLeaf(leaf).filter((key) => findTargetKeys(target, key).length === 0)
      const [key] = dead
      if (key === undefined) continue
      const message = `\`not\` in \`${holder.name}\` applies to \`%(${key})s\`, which ${renderRelease(release)} never fills for \`${action}\`: it always holds`
      found.set(`${holder.name} ${leaf.span.start}`, negation(subject, holder, message, leaf.span))
    }
  }
  return [...found.values()]
}

function keysOfLeaf(leaf: Occurrence['leaf']): readonly string[] {
  return leaf.kind === 'role' || leaf.kind === 'attribute' ? keysRead(leaf.format) : []
}

function negation(
  subject: LintSubject,
  rule: FileRule,
  message: string,
  span: Occurrence['leaf']['span'],
): LintFinding {
  return findingIn(subject, rule, {
    code: 'policy/negated-nothing',
    severity: 'error',
    message,
    remedy: 'name something that exists, or remove the `not`',
    span,
  })
}
