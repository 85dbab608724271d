import type { Finding } from '../finding.ts'
import type { Audit } from './audit.ts'

const order = ['error', 'warning', 'info'] as const

/** Findings, the gravest first, each with its remedy and whose it is; then whom not to touch. */
export function renderAuditText({ findings, dependences, counted }: Audit): string {
  const sorted = order.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  const { tenants, users, assignments, credentials } = counted
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return [
    ...sorted.flatMap(lines),
    ...(sorted.length === 0 ? [] : ['']),
    ...dependences.map(
      ({ user, clusters }) => `${user.name} keeps ${clusters.join(', ')} alive: do not disable or delete it`,
    ),
    ...(dependences.length === 0 ? [] : ['']),
    `${findings.length === 0 ? 'as the table says' : `${findings.length} findings, ${errors} of them errors`}: ${tenants} tenants, ${users} users, ${assignments} assignments, ${credentials} application credentials`,
    '',
  ].join('\n')
}

function lines({ severity, code, message, remedy, owner }: Finding): readonly string[] {
  return [`${severity} ${code}: ${message}`, ...(remedy === undefined ? [] : [`    ${owner}: ${remedy}`])]
}

/** The documented contract of `-o json`. */
export function auditJson(audit: Audit): unknown {
  return { ok: audit.findings.every(({ severity }) => severity !== 'error'), ...audit }
}
