import type { Lint, LintFinding } from './subject.ts'

/* Rules in the file that no decision ever uses. */

export const lintDuplicates: Lint = ({ file, policy }) => {
  const findings: LintFinding[] = []
  for (const { name, source } of policy.shadowed) {
    if (source.kind === 'code') continue
    findings.push({
      code: 'policy/duplicate-rule',
      severity: 'error',
      where: `${file}:${source.line}:${source.column}`,
      message: `\`${name}\` occurs again further down, and only the last one counts`,
      remedy: 'keep one of them',
      owner: 'operator',
      rule: name,
      line: source.line,
      column: source.column,
    })
  }
  for (const { name, source } of policy.unreachable) {
    if (source.kind === 'code') continue
    findings.push({
      code: 'policy/unreachable-name',
      severity: 'error',
      where: `${file}:${source.line}:${source.column}`,
      message: `YAML does not read the name \`${name}\` as text, so nothing ever uses this rule`,
      remedy: 'quote the name',
      owner: 'operator',
      rule: name,
      line: source.line,
      column: source.column,
    })
  }
  return findings
}
