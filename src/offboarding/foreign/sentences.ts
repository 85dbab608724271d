import type { Finding } from '../../finding.ts'

/** Something of somebody else that would break: nothing is deleted as long as it is there. */
export function foreignObject(where: string, how: string, remedy: string): Finding {
  return {
    code: 'offboard/foreign-object',
    severity: 'error',
    where,
    message: `is not the tenant's and depends on it: it ${how}`,
    remedy,
    owner: 'operator',
  }
}

/** Something of the tenant's that others may be using. */
export function sharedOut(where: string, whom: string, remedy: string): Finding {
  return {
    code: 'offboard/shared-out',
    severity: 'error',
    where,
    message: `is the tenant's, and ${whom}: what they made of it would break`,
    remedy: `see that nobody uses it, then: ${remedy}`,
    owner: 'operator',
  }
}
