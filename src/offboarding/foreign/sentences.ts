import type { Finding } from '../../finding.ts'

/** Something foreign that would break: nothing is deleted as long as it exists. */
export function foreignObject(where: string, how: string, remedy: string): Finding {
  return {
    code: 'offboard/foreign-object',
    severity: 'error',
    where,
    message: `does not belong to the tenant but depends on it: it ${how}`,
    remedy,
    owner: 'operator',
  }
}

/** Something of the tenant's that other tenants may use. */
export function sharedOut(where: string, whom: string, remedy: string): Finding {
  return {
    code: 'offboard/shared-out',
    severity: 'error',
    where,
    message: `belongs to the tenant, and ${whom}: what they made from it would break`,
    remedy: `make sure that nobody uses it, then: ${remedy}`,
    owner: 'operator',
  }
}
