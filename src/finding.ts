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

/** `error` refutes what a command was to show. `unknown` says what could not be shown: unread, unmatched, unanswered, not modelled. */
export type Severity = 'error' | 'unknown' | 'warning' | 'info'

/** The answer of a command about a cloud. Only `shown` is green and exit 0. */
export type Verdict = 'shown' | 'refuted' | 'not shown'

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'refuted'
  return findings.some(({ severity }) => severity === 'unknown') ? 'not shown' : 'shown'
}

/** True if it makes the command say no (exit 3). */
export function isBlocking({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'error' || severity === 'unknown'
}

export function isBlocked(findings: readonly Finding[]): boolean {
  return findings.some(isBlocking)
}

const severities: readonly Severity[] = ['error', 'unknown', 'warning', 'info']

/** Those of one severity stay in their order. */
export function gravestFirst<T extends Finding>(findings: readonly T[]): readonly T[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}

/** A blocking finding that the operator knows and accepts (`accepted_findings` of cloud.yaml) is a warning. */
export function withAccepted<T extends Finding>(findings: readonly T[], codes: Iterable<string>): readonly T[] {
  const accepted = new Set(codes)
  return findings.map((finding) =>
    isBlocking(finding) && accepted.has(finding.code) ? { ...finding, severity: 'warning' as const } : finding,
  )
}
