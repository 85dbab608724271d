/* How the charm changes or refuses the file on its way to Keystone. */
import { charmProblems, isCandidate, protectedRules } from '../policyd.ts'
import { findingIn } from './subject.ts'
import type { Lint, LintFinding } from './subject.ts'

export const lintCharmed: Lint = (subject) => {
  if (!subject.isCharmed) return []
  const findings: LintFinding[] = []
  if (!isCandidate(subject.file)) {
    findings.push({
      code: 'policy/charm-ignores',
      severity: 'error',
      where: `${subject.file}:1:1`,
      message: 'the charm takes only .yaml and .yml files out of the zip, and would skip this one',
      remedy: 'name it .yaml',
      owner: 'operator',
      line: 1,
      column: 1,
    })
  }
  const rules = [...subject.policy.rules, ...subject.policy.unreachable]
  for (const { name, message } of charmProblems(subject.policy)) {
    const rule = rules.find((each) => each.name === name)
    if (rule === undefined) continue
    findings.push(
      findingIn(subject, rule, {
        code: 'policy/charm-rejects',
        severity: 'error',
        message: `the charm refuses the whole zip: ${message}`,
        remedy: 'quote it',
      }),
    )
  }
  for (const rule of subject.policy.rules) {
    const found = protectedRules.find((name) => name === rule.name)
    if (found === undefined) continue
    findings.push(
      findingIn(subject, rule, {
        code: 'policy/charm-protected',
        severity: 'warning',
        message: `the charm intends to protect \`${found}\`, but its check never matches, so this takes effect on the whole cloud`,
        remedy: 'give the rule another name',
      }),
    )
  }
  return findings
}
