import type { Audit } from './audit.ts'

/** True if every account holds its expected roles and no tenant is exposed: all was read, every row is matched. */
export function isAsTheTableSays({ findings, counted }: Audit): boolean {
  return (
    findings.every(({ severity }) => severity === 'info') && counted.rows.every(({ read, matched }) => read === matched)
  )
}
