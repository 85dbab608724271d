import type { Audit } from './audit.ts'

/** The documented contract of `-o json`. */
export function auditJson(audit: Audit): unknown {
  return { ok: audit.findings.every(({ severity }) => severity !== 'error'), ...audit }
}
