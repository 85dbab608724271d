/** Something worth knowing, and the owner of its remedy. Findings are data; reports render them. */
export type Finding = {
  /** `<part>/<slug>`, one section each in docs/findings.md: `policy/dead-target`. */
  readonly code: string
  readonly severity: Severity
  /** What it is about: `policy.yaml:12:7`, `user acme-svc`, `network/router`. */
  readonly where: string
  /** One sentence. */
  readonly message: string
  /** What to do about it: a command if there is one. */
  readonly remedy?: string
  readonly owner: 'operator' | 'tenant'
}

/** `error` makes the command exit with 3. */
export type Severity = 'error' | 'warning' | 'info'

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error')
}

const severities: readonly Severity[] = ['error', 'warning', 'info']

/** Those of one severity stay in their order. */
export function gravestFirst<T extends Finding>(findings: readonly T[]): readonly T[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}
