/**
 * The identities of a cloud, read once: by lists if there is one, never by a request for each user. Only what a row names
 * and no list has is asked for by its id.
 */
import { CloudError } from '../errors.ts'
import { hasService } from '../openstack/has-service.ts'
import { listApplicationCredentials } from '../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { listCredentials } from '../openstack/keystone/credentials.ts'
import type { Credential } from '../openstack/keystone/credentials.ts'
import { getDomain, listDomains } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listFederationProtocols, listIdentityProviders, listMappings } from '../openstack/keystone/federation.ts'
import type { FederationProtocol, IdentityProvider, Mapping } from '../openstack/keystone/federation.ts'
import { getGroup, listGroupMembers, listGroups } from '../openstack/keystone/groups.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { getProject, listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'
import { getRole, listRoleInferences, listRoles } from '../openstack/keystone/roles.ts'
import type { Role, RoleInference } from '../openstack/keystone/roles.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import type { Trust } from '../openstack/keystone/trusts.ts'
import { getUser, listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { homeDomainsOf } from '../openstack/token.ts'

/** Something that the cloud did not show. */
export type Unread = { readonly what: string; readonly because: string }

/** One of a group, as the group's own list names it. */
export type GroupMember = Pick<User, 'id' | 'name' | 'domain_id'>

export type ProviderProtocol = FederationProtocol & { readonly provider: IdentityProvider }

export type CloudInventory = {
  readonly domains: readonly Domain[]
  readonly projects: readonly Project[]
  readonly users: readonly User[]
  readonly groups: readonly Group[]
  /** Of the groups that hold an assignment. */
  readonly members: ReadonlyMap<string, readonly GroupMember[]>
  readonly roles: readonly Role[]
  readonly inferences: readonly RoleInference[]
  /** Direct, inherited, of groups and on the system. */
  readonly assignments: readonly RoleAssignment[]
  readonly trusts: readonly Trust[]
  /** EC2 keys and other blobs. */
  readonly credentials: readonly Credential[]
  readonly providers: readonly IdentityProvider[]
  readonly protocols: readonly ProviderProtocol[]
  /** `undefined` if they could not be read. */
  readonly mappings: readonly Mapping[] | undefined
  readonly clusters: Clusters
  /** The operator's own domain and project. */
  readonly operatorDomains: ReadonlySet<string>
  /** Names of the services in the catalog. */
  readonly services: readonly string[]
  readonly unread: readonly Unread[]
  /** Ids of domains whose users could not be listed. */
  readonly unreadDomains: ReadonlySet<string>
  /** Ids that a row names and nobody could read: neither known nor gone. */
  readonly unreadIds: ReadonlySet<string>
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

/**
 * Reads what it can. Without domains, projects, roles, assignments and users nothing can be compared, so those reject
 * with the `CloudError`; all else that cannot be read is in `unread`.
 */
export async function readInventory(operator: Session): Promise<CloudInventory> {
  const unread: Unread[] = []
  const optional = <T, I>(what: string, answer: Promise<T>, instead: I): Promise<T | I> =>
    answer.catch((error: unknown) => {
      unread.push({ what, because: reasonOf(error) })
      return instead
    })
  const [
    token,
    domains,
    projects,
    assignments,
    roles,
    inferences,
    trusts,
    credentials,
    providers,
    mappings,
    hasMagnum,
  ] = await Promise.all([
    operator.token(),
    listDomains(operator),
    listProjects(operator),
    listRoleAssignments(operator),
    listRoles(operator),
    optional('the implied roles', listRoleInferences(operator), []),
    optional('the trusts', listTrusts(operator), []),
    optional('the credentials (EC2 keys and others)', listCredentials(operator), []),
    optional('the identity providers', listIdentityProviders(operator), []),
    optional('the mappings of identity providers', listMappings(operator), undefined),
    hasService(operator, 'container-infra'),
  ])
  const [visible, clusters, protocols] = await Promise.all([
    listUsers(operator),
    hasMagnum ? readClusters(operator) : ({ kind: 'no Magnum' } as const),
    Promise.all(
      providers.map(async (provider) => {
        const what = `the protocols of identity provider \`${provider.id}\``
        const list = await optional(what, listFederationProtocols(operator, provider.id), [])
        return list.map((protocol) => ({ ...protocol, provider }))
      }),
    ),
  ])
  // With domain-specific drivers, as the charms configure them, a list without a filter has only the token's own domain
  // (keystone/server/flask/common.py, `_get_domain_id_for_list_request`). Then each domain is asked. Groups do not show
  // this, because a cloud may have none.
  const isOneDomain = new Set(visible.map(({ domain_id }) => domain_id)).size <= 1 && domains.length > 1
  const unreadDomains = new Set<string>()
  const each = async <T>(what: string, list: (domainId: string) => Promise<readonly T[]>): Promise<readonly T[]> => {
    const lists = domains.map(({ id, name }) =>
      optional(
        `the ${what} of domain \`${name}\``,
        list(id).catch((error: unknown) => {
          if (what === 'users') unreadDomains.add(id)
          throw error
        }),
        [],
      ),
    )
    return (await Promise.all(lists)).flat()
  }
  const [users, groups] = await Promise.all([
    isOneDomain ? each('users', (domain_id) => listUsers(operator, { domain_id })) : visible,
    isOneDomain
      ? each('groups', (domain_id) => listGroups(operator, { domain_id }))
      : optional('the groups', listGroups(operator), []),
  ])
  const listed = { domains, projects, users, groups, roles, assignments, trusts, credentials, providers }
  const { unreadIds, ...known } = await withUnlisted(operator, { ...listed, clusters }, optional)
  const holding = new Set(known.assignments.flatMap(({ group }) => group?.id ?? []))
  const members = await Promise.all(
    known.groups
      .filter(({ id }) => holding.has(id))
      .map(async ({ id, name }) => {
        const what = `the members of group \`${name}\``
        return [id, await optional(what, listGroupMembers(operator, id), [])] as const
      }),
  )
  return {
    ...known,
    members: new Map(members),
    inferences,
    providers,
    protocols: protocols.flat(),
    mappings,
    clusters,
    operatorDomains: new Set(homeDomainsOf(token)),
    services: token.catalog.flatMap(({ name }) => name ?? []),
    unread,
    unreadDomains,
    unreadIds,
  }
}

type Optional = <T, I>(what: string, answer: Promise<T>, instead: I) => Promise<T | I>

type Listed = Pick<
  CloudInventory,
  | 'domains'
  | 'projects'
  | 'users'
  | 'groups'
  | 'roles'
  | 'assignments'
  | 'trusts'
  | 'credentials'
  | 'providers'
  | 'clusters'
>

/**
 * Adds what rows name and no list has: roles of a domain, which Keystone does not list with the others, and users whom a
 * directory shows only by their id. If one is gone, its rows are read again: an object that was deleted between two
 * lists is no deviation.
 */
async function withUnlisted(
  operator: Session,
  { clusters, providers, ...listed }: Listed,
  optional: Optional,
): Promise<Omit<Listed, 'clusters' | 'providers'> & { readonly unreadIds: ReadonlySet<string> }> {
  const unreadIds = new Set<string>()
  const goneIds = new Set<string>()
  const unlisted = async <T extends { readonly id: string }>(
    kind: string,
    list: readonly T[],
    ids: readonly (string | null | undefined)[],
    getOne: (session: Session, id: string) => Promise<T>,
  ): Promise<readonly T[]> => {
    const known = new Set<string | null | undefined>(list.map(({ id }) => id))
    const wanted = [...new Set(ids)].filter((id) => typeof id === 'string').filter((id) => !known.has(id))
    const found = wanted.map(async (id): Promise<readonly T[]> => {
      try {
        return [await getOne(operator, id)]
      } catch (error) {
        if (refusalOf(error) === 404) goneIds.add(id)
        else {
          unreadIds.add(id)
          await optional(`${kind} ${id}`, Promise.reject(error as Error), undefined)
        }
        return []
      }
    })
    return [...list, ...(await Promise.all(found)).flat()]
  }
  const { assignments, trusts, credentials } = listed
  const makers = clusters.kind === 'listed' ? clusters.list.map(({ user_id }) => user_id) : []
  // a domain is a project as well, which may be granted on, and which the list of projects leaves out
  const domainIds = new Set<string | null | undefined>(listed.domains.map(({ id }) => id))
  const projectIds = [
    ...assignments.map(({ scope }) => scope.project?.id),
    ...trusts.map(({ project_id }) => project_id),
    ...credentials.map(({ project_id }) => project_id),
  ].filter((id) => !domainIds.has(id))
  const [domains, projects, users, groups, roles] = await Promise.all([
    unlisted(
      'domain',
      listed.domains,
      [...assignments.map(({ scope }) => scope.domain?.id), ...providers.map(({ domain_id }) => domain_id)],
      getDomain,
    ),
    unlisted('project', listed.projects, projectIds, getProject),
    unlisted(
      'user',
      listed.users,
      [
        ...assignments.map(({ user }) => user?.id),
        ...trusts.flatMap(({ trustor_user_id, trustee_user_id }) => [trustor_user_id, trustee_user_id]),
        ...credentials.map(({ user_id }) => user_id),
        ...makers,
      ],
      getUser,
    ),
    unlisted(
      'group',
      listed.groups,
      assignments.map(({ group }) => group?.id),
      getGroup,
    ),
    unlisted(
      'role',
      listed.roles,
      assignments.map(({ role }) => role.id),
      getRole,
    ),
  ])
  const known = { domains, projects, users, groups, roles }
  if (goneIds.size === 0) return { ...known, assignments, trusts, credentials, unreadIds }
  const again = await Promise.all([
    optional('the assignments, a second time', listRoleAssignments(operator), assignments),
    optional('the trusts, a second time', listTrusts(operator), trusts),
    optional('the credentials, a second time', listCredentials(operator), credentials),
  ])
  return {
    ...known,
    assignments: still(assignments, again[0]),
    trusts: still(trusts, again[1]),
    credentials: still(credentials, again[2]),
    unreadIds,
  }
}

/** The rows of the first reading that the second one has as well. */
function still<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  const rows = new Set(second.map((row) => JSON.stringify(row)))
  return first.filter((row) => rows.has(JSON.stringify(row)))
}

/** Only a cloud's refusal or silence is a reason; anything else is a bug and is thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof CloudError) return error.message
  throw error
}

async function readClusters(operator: Session): Promise<Clusters> {
  try {
    return { kind: 'listed', list: await listClustersInDetail(operator) }
  } catch (error) {
    return { kind: 'unreadable', because: reasonOf(error) }
  }
}

/** There is no list of all: each user is asked, eight at a time. */
export async function readApplicationCredentials(
  operator: Session,
  users: readonly User[],
): Promise<{ readonly of: ReadonlyMap<string, readonly ApplicationCredential[]>; readonly unread: readonly Unread[] }> {
  const unread: Unread[] = []
  const each = await Promise.all(
    users.map(async ({ id, name }) => {
      try {
        return [id, await listApplicationCredentials(operator, id)] as const
      } catch (error) {
        unread.push({ what: `the application credentials of user \`${name}\``, because: reasonOf(error) })
        return [id, []] as const
      }
    }),
  )
  return { of: new Map(each.filter(([, credentials]) => credentials.length > 0)), unread }
}
