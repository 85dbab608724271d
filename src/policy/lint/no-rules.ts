/** A file that is empty or has only comments. */
import { charmRejection } from '../policyd.ts'
import type { Lint } from './subject.ts'

export const lintNoRules: Lint = ({ file, text, policy, isCharmed }) => {
  if (policy.rules.length + policy.unreachable.length > 0) return []
  const rejection = charmRejection(file, text)
  const byCharm = rejection === undefined ? '' : `, and the charm refuses the whole zip: ${rejection}`
  return [
    {
      code: 'policy/no-rules',
      severity: isCharmed && rejection !== undefined ? 'error' : 'warning',
      where: `${file}:1:1`,
      message: `the file has no rules, so it changes nothing${byCharm}`,
      remedy: 'write a rule, or leave the file out',
      owner: 'operator',
      line: 1,
      column: 1,
    },
  ]
}
