/** What another tool has to know to own a tenant of ours: accounts, roles and credentials beside what `found.ts` reads. */
import { listApplicationCredentials } from '../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { listPorts } from '../openstack/neutron/ports.ts'
import type { Port } from '../openstack/neutron/ports.ts'
import { findKeypair } from '../openstack/nova.ts'
import type { Keypair } from '../openstack/nova.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { accounts } from '../tenant/actors.ts'
import type { Account } from '../tenant/actors.ts'
import { tenantNames } from '../tenant/names.ts'
import type { FoundProject, FoundTenant } from './found.ts'

/** One role of one account, on the domain or, by its short name, on a project. */
export type Grant = {
  readonly account: Account
  readonly role: { readonly id: string; readonly name: string }
  readonly project: string | undefined
}

export type ProjectObjects = FoundProject & {
  readonly credential: ApplicationCredential | undefined
  readonly keypair: Keypair | undefined
  /** Connects the subnet to the router. */
  readonly port: Port | undefined
}

export type TenantObjects = Pick<FoundTenant, 'domain'> & {
  readonly users: ReadonlyMap<Account, User>
  readonly grants: readonly Grant[]
  readonly projects: readonly ProjectObjects[]
  /** What is there and is not in this, each with the reason. */
  readonly left: readonly string[]
}

export async function readObjects(operator: Session<'operator'>, found: FoundTenant): Promise<TenantObjects> {
  const { domain } = found
  const names = tenantNames(domain.name)
  const left = [...found.left]
  const all = await listUsers(operator, { domain_id: domain.id })
  const users = new Map<Account, User>()
  for (const account of accountNames) {
    const user = all.find(({ name }) => name === names[accounts[account]])
    if (user === undefined) left.push(`account \`${names[accounts[account]]}\`: it is not there`)
    else users.set(account, user)
  }
  const grants: Grant[] = []
  for (const [account, user] of users)
    for (const one of await listRoleAssignments(operator, { userId: user.id, includesNames: true })) {
      const grant = grantOf(account, one, found)
      if (grant !== undefined) grants.push(grant)
      else left.push(`role \`${one.role.name ?? one.role.id}\` of \`${user.name}\` outside of its domain, or inherited`)
    }
  const credentials = await credentialsOf(operator, users.get('svc'), left)
  const creator = users.get('cluster')
  const projects = await Promise.all(
    found.projects.map(async (project): Promise<ProjectObjects> => {
      const { subnet, router, names: own } = project
      const ports = router === undefined ? [] : await listPorts(operator, { device_id: router.id })
      return {
        ...project,
        credential: credentials.find(
          (one) => one.name === own.applicationCredential && one.project_id === project.project.id,
        ),
        keypair: creator && (await findKeypair(operator, own.keypair, { userId: creator.id })),
        port: ports.find(
          (port) =>
            port.device_owner.startsWith('network:router_interface') &&
            port.fixed_ips.some(({ subnet_id }) => subnet_id === subnet?.id),
        ),
      }
    }),
  )
  return { domain, users, grants, projects, left }
}

const accountNames = Object.keys(accounts) as readonly Account[]

function grantOf(account: Account, { role, scope }: RoleAssignment, found: FoundTenant): Grant | undefined {
  if (scope['OS-INHERIT:inherited_to'] !== undefined) return undefined
  const named = { account, role: { id: role.id, name: role.name ?? role.id } }
  if (scope.domain?.id === found.domain.id) return { ...named, project: undefined }
  const on = found.projects.find(({ project }) => project.id === scope.project?.id)
  return on && { ...named, project: on.name }
}

/** Keystone's own rule lets an operator read them; another rule may not. */
async function credentialsOf(
  operator: Session<'operator'>,
  user: User | undefined,
  left: string[],
): Promise<readonly ApplicationCredential[]> {
  if (user === undefined) return []
  try {
    return await listApplicationCredentials(operator, user.id)
  } catch (error) {
    const status = refusalOf(error)
    if (status === undefined) throw error
    left.push(`application credentials of \`${user.name}\`: Keystone answers ${status} to the operator`)
    return []
  }
}
