/** Rules for actions that other packages ask and this one does not: what they refuse stays open to everybody. */
import { renderRelease } from '../releases/release.ts'
import { findingIn } from './subject.ts'
import type { Lint } from './subject.ts'

export const lintNeverAsked: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const { release, unasked } = lintBase.keystone
  return subject.policy.rules.flatMap((rule) =>
    unasked.includes(rule.name)
      ? [
          findingIn(subject, rule, {
            code: 'policy/never-asked',
            severity: 'error',
            message: `${renderRelease(release)} exchanges signatures without asking \`${rule.name}\`, so this rule refuses nobody (OSSA-2025-002)`,
            remedy: 'update Keystone, and leave the rule out until then: no rule closes this',
          }),
        ]
      : [],
  )
}
