import type { Finding } from '../finding.ts'

/** The list of all of a kind was refused to the operator. */
export function unseenList({ kind, because }: { readonly kind: string; readonly because: string }): Finding {
  return unseen(`every ${kind}`, `the operator may not list them, so it is not shown what the tenant has: ${because}`)
}

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
