/** Who has delegated roles to whom. */
import type { Finding } from '../finding.ts'
import { isSameRole } from '../openstack/keystone/role-names.ts'
import type { Trust } from '../openstack/keystone/trusts.ts'
import type { User } from '../openstack/keystone/users.ts'
import { clustersOf } from './inventory.ts'
import { trusteeOf } from '../openstack/magnum/made-names.ts'
import type { UnmatchedAudit } from './unmatched.ts'

/**
 * A trust is as expected inside one domain, from a tenant to a service that works for it, and between accounts outside
 * all tenants. The roles of a trust are in no list; Keystone gives only those that the trustor still holds.
 */
export function isMatchedTrust(trust: Trust, audit: UnmatchedAudit): boolean {
  return problemOf(trust, audit) === undefined
}

export function auditTrusts(audit: UnmatchedAudit): readonly Finding[] {
  return audit.inventory.trusts.flatMap((trust): readonly Finding[] => {
    const problem = problemOf(trust, audit)
    return problem === undefined ? [] : [{ where: `trust ${trust.id}`, ...removalOf(trust, audit), ...problem }]
  })
}

type Problem = Pick<Finding, 'code' | 'severity' | 'message'>

function problemOf(trust: Trust, audit: UnmatchedAudit): Problem | undefined {
  const { holdings, tenants, inventory } = audit
  const trustor = holdings.users.get(trust.trustor_user_id)
  const trustee = holdings.users.get(trust.trustee_user_id)
  const projectId = trust.project_id
  const project = projectId === null ? undefined : holdings.projects.get(projectId)
  const isProjectKnown = projectId === null || project !== undefined || holdings.domains.has(projectId)
  const between = `user \`${trustor?.name ?? trust.trustor_user_id}\` has delegated roles${projectId === null ? '' : ` on project \`${project?.name ?? projectId}\``} to user \`${trustee?.name ?? trust.trustee_user_id}\``
  if (trustor === undefined || trustee === undefined || !isProjectKnown) {
    const ids = [trust.trustor_user_id, trust.trustee_user_id, projectId ?? '']
    const isUnread = ids.some((id) => inventory.unreadIds.has(id))
    const isOfTenant = [trustor, trustee, project].some((one) => one !== undefined && tenants.has(one.domain_id))
    const gone = [
      ...(trustor === undefined ? [`no directory knows user ${trust.trustor_user_id}`] : []),
      ...(trustee === undefined ? [`no directory knows user ${trust.trustee_user_id}`] : []),
      ...(isProjectKnown ? [] : [`project ${projectId} is gone`]),
    ]
    return {
      code: 'audit/unmatched-trust',
      severity: isOfTenant && !isUnread ? 'error' : 'unknown',
      message: `${between}: ${isUnread ? 'not all of them could be read' : gone.join(', and ')}`,
    }
  }
  const [from, to] = [trustor.domain_id, trustee.domain_id]
  if (from === to || (!tenants.has(from) && !tenants.has(to))) return undefined
  const name = (id: string): string => holdings.domains.get(id)?.name ?? id
  if (tenants.has(from) && tenants.has(to))
    return {
      code: 'audit/trust-across-tenants',
      severity: 'error',
      message: `\`${trustor.name}\` of tenant \`${name(from)}\` has delegated roles to \`${trustee.name}\` of tenant \`${name(to)}\``,
    }
  if (tenants.has(from) && isOfService(trustee, audit)) return undefined
  return {
    code: 'audit/trust-outside',
    severity: 'error',
    message: `${between}, and one of them is outside tenant \`${name(tenants.has(from) ? from : to)}\``,
  }
}

/**
 * A trustee of a cluster; or an account of a service, such as Heat's, which has authority over the cloud anyway. Anybody may have the
 * name of a trustee, but only Magnum makes accounts in its domain.
 */
function isOfService(user: User, { holdings, adminRoles, magnumDomain }: UnmatchedAudit): boolean {
  if (trusteeOf(user.name) !== undefined && holdings.domains.get(user.domain_id)?.name === magnumDomain) return true
  const held = holdings.ofUser.get(user.id) ?? []
  return held.some(({ role }) => adminRoles.has(role.id) || isSameRole(role.name, 'service'))
}

/** The trust of a living cluster is its hands: without it the cluster can neither heal nor be deleted cleanly. */
function removalOf(trust: Trust, { holdings, inventory }: UnmatchedAudit): Pick<Finding, 'remedy' | 'owner'> {
  const uuid = trusteeOf(holdings.users.get(trust.trustee_user_id)?.name ?? '')?.cluster
  const owner = 'tenant'
  if (uuid === undefined) return { remedy: `openstack trust delete ${trust.id}`, owner }
  const cluster = clustersOf(inventory).find((one) => one.uuid === uuid)
  if (cluster === undefined && inventory.clusters.kind === 'listed')
    return { remedy: `openstack trust delete ${trust.id}`, owner }
  return { remedy: `keep it: cluster ${cluster?.name ?? uuid} works by it; find out who made its parties`, owner }
}
