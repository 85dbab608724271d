import type { Finding } from '../finding.ts'

/** Something that cannot be looked at. As `info`: not yet. */
export function unseen(where: string, message: string, severity: 'unknown' | 'info' = 'unknown'): Finding {
  return {
    code: 'offboard/unseen',
    severity,
    where,
    message,
    ...(severity === 'unknown' ? { remedy: "look there by hand, with the ids of the tenant's projects" } : {}),
    owner: 'operator',
  }
}
