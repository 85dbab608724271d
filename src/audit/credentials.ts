import type { Finding } from '../finding.ts'
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { clusterOfCredential } from '../openstack/magnum/made-names.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Holdings } from './holdings.ts'
import { clustersOf } from './inventory.ts'
import type { CloudInventory } from './inventory.ts'
import { rowOf } from './role-table.ts'
import type { RoleTable } from './role-table.ts'

/**
 * Whose application credentials are read: accounts with their own row, and makers of clusters; with `isDeep` every
 * user's.
 */
export function credentialOwners(
  inventory: CloudInventory,
  holdings: Holdings,
  table: RoleTable,
  tenants: readonly Domain[],
  isDeep: boolean,
): readonly User[] {
  if (isDeep) return inventory.users
  const hasRow = (domain: Domain, user: User): boolean => {
    const row = rowOf(table, domain.name, user.name)
    // an account without a role on a project cannot delegate one
    return row !== undefined && row.account !== '*' && row.on !== 'own-domain'
  }
  const accounts = tenants.flatMap((domain) =>
    (holdings.usersIn.get(domain.id) ?? []).filter((user) => hasRow(domain, user)),
  )
  const creators = clustersOf(inventory).flatMap(({ user_id }) => holdings.users.get(user_id) ?? [])
  return [...new Set([...accounts, ...creators])]
}

export function auditCredentials(
  credentials: ReadonlyMap<string, readonly ApplicationCredential[]>,
  holdings: Holdings,
  audit: { readonly table: RoleTable; readonly adminRoles: ReadonlySet<string>; readonly tenants: ReadonlySet<string> },
): readonly Finding[] {
  return [...credentials].flatMap(([userId, list]) => {
    const user = holdings.users.get(userId)
    if (user === undefined) return []
    return list.flatMap((credential) => auditCredential(credential, user, holdings, audit))
  })
}

/**
 * What capi-helm made for a cluster and left behind. 1.4.0 tries once to delete it, and the cluster is gone either way:
 * the credential lives, with the roles of its owner, and no list of clusters leads to it. `undefined` clusters: they
 * could not be listed, which has its own finding.
 */
export function auditChildCredentials(
  credentials: ReadonlyMap<string, readonly ApplicationCredential[]>,
  inventory: CloudInventory,
  holdings: Holdings,
): readonly Finding[] {
  if (inventory.clusters.kind !== 'listed') return []
  const living = new Set(inventory.clusters.list.map(({ uuid }) => uuid))
  const made = [...credentials].flatMap(([userId, list]) =>
    list.flatMap((credential) => {
      const uuid = clusterOfCredential(credential.name)
      return uuid === undefined ? [] : [{ ...credential, uuid, owner: holdings.users.get(userId)?.name ?? userId }]
    }),
  )
  const left = made.filter(({ uuid }) => !living.has(uuid))
  return [
    ...left.map(({ id, name, uuid, owner, roles }): Finding => ({
      code: 'audit/child-credential-left',
      severity: 'error',
      where: `application credential ${name}`,
      message: `cluster ${uuid} does not exist, but the credential that its driver made in the name of \`${owner}\` does: it signs in with ${rolesOf(roles)}`,
      remedy: `openstack application credential delete ${id}, by its owner or an admin`,
      owner: 'operator',
    })),
    ...inventory.clusters.list.flatMap(({ uuid, name: called, stack_id }): readonly Finding[] => {
      const own = made.filter((one) => one.uuid === uuid)
      return own.length <= 1
        ? []
        : [
            {
              code: 'audit/child-credential-left',
              severity: 'warning',
              where: `cluster ${called}`,
              message: `it has ${own.length} credentials of its driver (${own.map(({ name, owner }) => `${name} of \`${owner}\``).join(', ')}), and uses one: the others were left by an exchange`,
              remedy: `find the one in use: in the management cluster, the Secret ${stack_id ?? '<stack id>'}-cloud-credentials; delete the others`,
              owner: 'operator',
            },
          ]
    }),
  ]
}

function rolesOf(roles: ApplicationCredential['roles']): string {
  return (
    roles
      .map(({ name }) => name)
      .sort()
      .join(', ') || 'no role'
  )
}

function auditCredential(
  credential: ApplicationCredential,
  user: User,
  { projects }: Holdings,
  { table, adminRoles, tenants }: Parameters<typeof auditCredentials>[2],
): readonly Finding[] {
  const { id, name, roles, project_id, expires_at } = credential
  const isTenant = tenants.has(user.domain_id)
  // also as an operator: only the owner can make one, but an admin can delete any
  const remedy = `openstack --os-cloud <${isTenant ? 'of the tenant' : 'of the operator'}> application credential delete ${id}`
  const common = { where: `application credential ${name}`, remedy, owner: isTenant ? 'tenant' : 'operator' } as const
  const whose = `application credential \`${name}\` of \`${user.name}\``
  const found: Finding[] = []
  if (roles.some((role) => adminRoles.has(role.id)))
    found.push({
      ...common,
      code: 'audit/credential-admin',
      severity: isTenant || name.startsWith('magnum-') ? 'error' : 'warning',
      message: `${whose} carries admin`,
    })
  if (expires_at === undefined && table.credentialsExpire)
    found.push({
      ...common,
      code: 'audit/credential-unlimited',
      severity: 'warning',
      message: `${whose} has no expiry, and the role table of this cloud requires one`,
    })
  if (project_id === null || !projects.has(project_id))
    found.push({
      ...common,
      code: 'audit/credential-dangling',
      severity: 'warning',
      message: `${whose} is for ${project_id === null ? 'no project' : 'a deleted project'}: nobody can sign in with it`,
    })
  return found
}
