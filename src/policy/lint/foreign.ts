import { foreignActionIn } from '../foreign.ts'
import { ruleNames } from '../releases/keystone.ts'
import { findingIn } from './subject.ts'
import type { Lint } from './subject.ts'

/** Another service's policy. */
export const lintForeign: Lint = (subject) => {
  const { lintBase, policy, knownNames } = subject
  const known = lintBase === undefined ? knownNames : new Set(ruleNames(lintBase.keystone))
  const action = foreignActionIn(policy.rules, known)
  const rule = policy.rules.find(({ name }) => name === action)
  if (rule === undefined) return []
  return [
    findingIn(subject, rule, {
      code: 'policy/not-keystone',
      severity: 'error',
      message: `these are not Keystone's rules: no name begins with \`identity:\`, and \`${rule.name}\` is an action of another service`,
      remedy: "give the file of Keystone's policy",
    }),
  ]
}
