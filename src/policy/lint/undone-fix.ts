/**
 * Rules of the file that replace a default which a security fix has changed. Then the fix has no effect: the override
 * was written from the older text.
 */
import { parseRule } from '../engine/parse.ts'
import { hasFix, renderRelease } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { keysRead } from '../python/format.ts'
import type { FileRule, RuleSet } from '../engine/rules.ts'
import { leavesOf, reach } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { Lint } from './subject.ts'

/** The condition that the registered rule has since the fix, and its source. */
type Guard = { readonly key: string; readonly reference: string }

export const lintUndoneFixes: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const { release, registered } = lintBase.keystone
  return subject.policy.rules.flatMap((rule) => {
    const code = registered.find(({ name }) => name === rule.name)
    const guard = code && guardOf(code.check, rule.name, release)
    if (guard === undefined || !isUnguarded(lintBase.rules, rule, guard.key)) return []
    return [
      findingIn(subject, rule, {
        code: 'policy/undone-fix',
        severity: 'warning',
        message: `\`${rule.name}\` replaces a default that ${renderRelease(release)} guards with \`not None:%(${guard.key})s\` (${guard.reference}), and lacks the guard`,
        remedy: `add \`and not None:%(${guard.key})s\` to the clause that compares it`,
      }),
    ]
  })
}

function guardOf(check: string, name: string, release: KeystoneRelease): Guard | undefined {
  for (const { leaf, isNegated } of leavesOf(parseRule(check))) {
    if (!isNegated || leaf.kind !== 'attribute' || leaf.left !== 'None' || leaf.format.kind !== 'key') continue
    const isAssignments = name.startsWith('identity:list_role_assignments')
    const reference = isAssignments && hasFix(release, 'aug-2026') ? 'CVE-2026-80182' : 'LP#2138295'
    return { key: leaf.format.key, reference }
  }
  return undefined
}

/** True if the rule compares the key with a value that may be None, and nothing on the way excludes that. */
function isUnguarded(rules: RuleSet, rule: FileRule, key: string): boolean {
  const readers = [...reach(rules, rule.name)].filter(
    ({ leaf }) => leaf.kind === 'attribute' && keysRead(leaf.format).includes(key),
  )
  const isGuarded = readers.some(
    ({ leaf, isNegated }) => isNegated && leaf.kind === 'attribute' && leaf.left === 'None',
  )
  // `token.domain.id` is missing from a token without a domain, and a missing value equals nothing.
  return !isGuarded && readers.some(({ leaf }) => leaf.kind === 'attribute' && /^(?:\w+_)?domain_id$/.test(leaf.left))
}
