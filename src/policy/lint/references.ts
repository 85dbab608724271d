/* References between rules: to nothing, in circles, or none at all. */
import { enforcesNewDefaults } from '../releases/release.ts'
import { defaultRule } from '../engine/rules.ts'
import type { RuleSet } from '../engine/rules.ts'
import { nearest } from '../../nearest.ts'
import { leavesOf } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { Lint, LintSubject } from './subject.ts'

export const lintUndefinedRules: Lint = (subject) => {
  const defined = namesOf(subject)
  return subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf, isNegated }) => {
      // Under `not` it has its own finding.
      if (leaf.kind !== 'rule' || isNegated || defined.has(leaf.name) || leaf.name.includes('{{')) return []
      // Glued or quoted names have their own findings.
      if (/[,|&;'"]/.test(leaf.name)) return []
      const meant = nearest(leaf.name, defined)
      if (meant === undefined && !knowsAllNames(subject)) return []
      const becomes = defined.has(defaultRule) ? `means the rule \`${defaultRule}\`` : 'never holds'
      return [
        findingIn(subject, rule, {
          code: 'policy/undefined-rule',
          severity: 'error',
          message: `\`${rule.name}\` refers to \`rule:${leaf.name}\`, which nothing defines: it ${becomes}`,
          ...(meant === undefined ? {} : { remedy: `did you mean \`rule:${meant}\`?` }),
          span: leaf.span,
        }),
      ]
    }),
  )
}

/** Every valid name for a reference. Without a base, any of a Keystone or the charm. */
export function namesOf(subject: LintSubject): ReadonlySet<string> {
  const { lintBase, policy, knownNames } = subject
  if (lintBase !== undefined) return new Set(lintBase.rules.rules.keys())
  const own = policy.rules.map(({ name }) => name)
  return new Set(knowsAllNames(subject) ? [...own, ...knownNames] : own)
}

/** Another service has its own helpers; there only a name close to one of the file's is certainly wrong. */
export function knowsAllNames({ lintBase, policy }: LintSubject): boolean {
  return lintBase !== undefined || policy.rules.some(({ name }) => name.startsWith('identity:'))
}

export const lintCycles: Lint = (subject) => {
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const others = subject.lintBase?.rules.rules
  const next = (name: string): readonly string[] => {
    const check = (own.get(name) ?? others?.get(name))?.check
    return check === undefined
      ? []
      : [...leavesOf(check)].flatMap(({ leaf }) => (leaf.kind === 'rule' ? [leaf.name] : []))
  }
  const reported = new Set<string>()
  return [...own.values()].flatMap((rule) => {
    const cycle = reported.has(rule.name) ? undefined : cycleThrough(rule.name, next)
    if (cycle === undefined) return []
    for (const name of cycle) reported.add(name)
    const [, second] = [...cycle, rule.name]
    const leaf = [...leavesOf(rule.check)].find(({ leaf }) => leaf.kind === 'rule' && leaf.name === second)?.leaf
    return [
      findingIn(subject, rule, {
        code: 'policy/cyclic-rule',
        severity: 'error',
        message: `\`${rule.name}\` refers to itself (${[...cycle, rule.name].join(' -> ')}), and Keystone answers 500 when it gets there`,
        remedy: 'break the circle',
        ...(leaf === undefined ? {} : { span: leaf.span }),
      }),
    ]
  })
}

/** The shortest way from a rule back to itself. */
function cycleThrough(start: string, next: (name: string) => readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>()
  const queue: (readonly string[])[] = [[start]]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const name of next(path.at(-1) ?? start)) {
      if (name === start) return path
      if (seen.has(name)) continue
      seen.add(name)
      queue.push([...path, name])
    }
  }
  return undefined
}

/** A rule of the file that no request uses and no rule refers to. */
export const lintUnusedRules: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const { rules, keystone } = lintBase
  const asked = new Set(keystone.registered.map(({ name }) => name))
  const referred = referredIn(rules)
  return subject.policy.rules.flatMap((rule) => {
    const { name } = rule
    if (asked.has(name) || referred.has(name) || name === defaultRule) return []
    const isAction = name.includes(':')
    const meant = nearest(name, isAction ? asked : [...asked, ...referred])
    // The charm's base has actions of older Keystones, so only one that looks misspelt is reported.
    if (isAction && meant === undefined) return []
    const isScsName = name === 'is_domain_managed_role' && enforcesNewDefaults(keystone.release)
    const remedy = isScsName ? 'domain_managed_target_role' : meant
    return [
      findingIn(subject, rule, {
        code: isAction ? 'policy/unknown-action' : 'policy/unused-rule',
        severity: 'warning',
        message: isAction ? `Keystone never uses \`${name}\`` : `nothing refers to \`${name}\`, so it changes nothing`,
        ...(remedy === undefined ? {} : { remedy: `did you mean \`${remedy}\`?` }),
      }),
    ]
  })
}

function referredIn(rules: RuleSet): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { check } of rules.rules.values()) {
    for (const { leaf } of leavesOf(check)) if (leaf.kind === 'rule') names.add(leaf.name)
  }
  return names
}
