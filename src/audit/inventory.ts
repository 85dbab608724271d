/** The identities of a cloud, read once: by lists if there is one, never by a request for each user. */
import { CloudError } from '../errors.ts'
import { hasService } from '../openstack/has-service.ts'
import { listApplicationCredentials } from '../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listGroupMembers, listGroups } from '../openstack/keystone/groups.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'
import { getRole, listRoleInferences, listRoles } from '../openstack/keystone/roles.ts'
import type { Role, RoleInference } from '../openstack/keystone/roles.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import type { Trust } from '../openstack/keystone/trusts.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import type { Session } from '../openstack/session.ts'
import { homeDomainsOf } from '../openstack/token.ts'

export type CloudInventory = {
  readonly domains: readonly Domain[]
  readonly projects: readonly Project[]
  readonly users: readonly User[]
  readonly groups: readonly Group[]
  /** Of the groups that hold an assignment. */
  readonly members: ReadonlyMap<string, readonly string[]>
  readonly roles: readonly Role[]
  readonly inferences: readonly RoleInference[]
  /** Direct, inherited, of groups and on the system. */
  readonly assignments: readonly RoleAssignment[]
  readonly trusts: readonly Trust[]
  readonly clusters: Clusters
  /** The operator's own domain and project. */
  readonly operatorDomains: ReadonlySet<string>
}

/**
 * Magnum can list the clusters of all projects only while its domain admin can sign in; otherwise an operator gets 403.
 */
export type Clusters =
  | { readonly kind: 'listed'; readonly list: readonly Cluster[] }
  | { readonly kind: 'unreadable'; readonly because: string }
  | { readonly kind: 'no Magnum' }

export function clustersOf({ clusters }: CloudInventory): readonly Cluster[] {
  return clusters.kind === 'listed' ? clusters.list : []
}

export async function readInventory(operator: Session): Promise<CloudInventory> {
  const [token, domains, projects, assignments, globalRoles, inferences, trusts, hasMagnum] = await Promise.all([
    operator.token(),
    listDomains(operator),
    listProjects(operator),
    listRoleAssignments(operator),
    listRoles(operator),
    listRoleInferences(operator),
    listTrusts(operator),
    hasService(operator, 'container-infra'),
  ])
  const [visible, clusters, roles] = await Promise.all([
    listUsers(operator),
    hasMagnum ? readClusters(operator) : ({ kind: 'no Magnum' } as const),
    withDomainRoles(operator, globalRoles, assignments),
  ])
  // With domain-specific drivers, as the charms configure them, a list without a filter has only the token's own domain
  // (keystone/server/flask/common.py, `_get_domain_id_for_list_request`). Then each domain is asked. Groups do not show
  // this, because a cloud may have none.
  const isOneDomain = new Set(visible.map(({ domain_id }) => domain_id)).size <= 1 && domains.length > 1
  const [users, groups] = await Promise.all([
    isOneDomain ? each(domains, (domain_id) => listUsers(operator, { domain_id })) : visible,
    isOneDomain ? each(domains, (domain_id) => listGroups(operator, { domain_id })) : listGroups(operator),
  ])
  const holding = [...new Set(assignments.flatMap(({ group }) => group?.id ?? []))]
  const known = new Set(groups.map(({ id }) => id))
  const members = await Promise.all(
    holding
      .filter((id) => known.has(id))
      .map(async (id) => [id, (await listGroupMembers(operator, id)).map((user) => user.id)] as const),
  )
  return {
    domains,
    projects,
    users,
    groups,
    members: new Map(members),
    roles,
    inferences,
    assignments,
    trusts,
    clusters,
    operatorDomains: new Set(homeDomainsOf(token)),
  }
}

async function readClusters(operator: Session): Promise<Clusters> {
  try {
    return { kind: 'listed', list: await listClustersInDetail(operator) }
  } catch (error) {
    if (!(error instanceof CloudError) || error.kind !== 'answer') throw error
    return { kind: 'unreadable', because: error.message }
  }
}

async function each<T>(
  domains: readonly Domain[],
  list: (domainId: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await Promise.all(domains.map(({ id }) => list(id)))).flat()
}

/** Keystone lists global roles only; roles of a domain appear only in assignments. */
async function withDomainRoles(
  operator: Session,
  roles: readonly Role[],
  assignments: readonly RoleAssignment[],
): Promise<readonly Role[]> {
  const known = new Set(roles.map(({ id }) => id))
  const unknown = [...new Set(assignments.map(({ role }) => role.id))].filter((id) => !known.has(id))
  return [...roles, ...(await Promise.all(unknown.map((id) => getRole(operator, id))))]
}

/** There is no list of all: each user is asked, eight at a time. */
export async function readApplicationCredentials(
  operator: Session,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ApplicationCredential[]>> {
  const each = await Promise.all(
    userIds.map(async (id) => [id, await listApplicationCredentials(operator, id)] as const),
  )
  return new Map(each.filter(([, credentials]) => credentials.length > 0))
}
