import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { hasRoleName, isAdminRole } from '../openstack/keystone/role-names.ts'
import type { Session } from '../openstack/session.ts'
import type { Token } from '../openstack/token.ts'
import { managerRole } from '../tenant/actors.ts'
import type { Tenant } from '../tenant/tenant.ts'

/**
 * Why the received account is not exactly the tenant's domain manager; `undefined` if it is. With an operator's
 * credential in its place, everything after this would only demonstrate an operator's rights.
 */
export async function signInAsReceived(tenant: Tenant, manager: Session<'manager'>): Promise<Finding | undefined> {
  const where = `user ${tenant.names.manager}`
  let token: Token
  try {
    token = await manager.token()
  } catch (error) {
    if (!(error instanceof CloudError) || error.kind !== 'sign-in') throw error
    return {
      code: 'handover/sign-in-refused',
      severity: 'error',
      where,
      message: `the password of the handover does not sign in: ${error.reason}`,
      remedy: '`rotate --account domain-admin`, then `handover --again`',
      owner: 'operator',
    }
  }
  const held = token.roles.map(({ name }) => name)
  const isOperator = held.some(isAdminRole) || token.isSystem
  if (isOperator || token.domainName !== tenant.names.domain || !hasRoleName(held, managerRole)) {
    const on = token.domainName ?? token.projectName ?? (token.isSystem ? 'the system' : 'nothing')
    return {
      code: isOperator ? 'handover/operator-session' : 'handover/not-the-manager',
      severity: 'error',
      where: `user ${token.userName}`,
      message: `it signs in as \`${token.userName}\` with ${held.join(', ') || 'no role'} on ${on}, and must be \`${managerRole}\` on ${tenant.names.domain} alone`,
      remedy: isOperator
        ? 'an admin is not a tenant, so nothing was done; remove the role, or use the account that `apply --until domain` made'
        : '`apply --until domain` corrects the account, then `handover` delivers it',
      owner: 'operator',
    }
  }
  return undefined
}
