/**
 * Deviations from the table, planted by the operator, and what has to be found of each. The same ones for the simulator and
 * for the lab.
 */
import { createApplicationCredential } from '../../src/openstack/keystone/application-credentials.ts'
import { createGrant, deleteGrant } from '../../src/openstack/keystone/grants.ts'
import type { GrantScope, Grantee } from '../../src/openstack/keystone/grants.ts'
import { createGroup, createGroupMember } from '../../src/openstack/keystone/groups.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { createProject, findProject } from '../../src/openstack/keystone/projects.ts'
import { createRole, findRole, listRoles } from '../../src/openstack/keystone/roles.ts'
import { createUser, findUser, updateUser } from '../../src/openstack/keystone/users.ts'
import { updateComputeQuota } from '../../src/openstack/nova.ts'
import type { Auth } from '../../src/openstack/auth.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'

export type Ground = {
  readonly operator: Session
  /** A tenant that is as its file says, and a second one. */
  readonly tenant: string
  readonly neighbour: string
  readonly open: (actor: string, auth: Auth) => Session
}

export type Deviation = {
  readonly what: string
  readonly plant: (ground: Ground) => Promise<void>
  /** Codes of the findings that it adds. */
  readonly codes: readonly string[]
}

const password = new Secret('Aa1!planted-by-a-test')

async function need<T>(found: Promise<T | undefined>): Promise<T> {
  const value = await found
  if (value === undefined) throw new Error('the ground has not what a deviation stands on')
  return value
}

async function grant(ground: Ground, role: string, to: Grantee, on: GrantScope): Promise<void> {
  const roles = await listRoles(ground.operator)
  const { id } = await need(Promise.resolve(roles.find(({ name }) => name.toLowerCase() === role)))
  await createGrant(ground.operator, { roleId: id, to, on })
}

const domainId = async (ground: Ground, name = ground.tenant): Promise<string> =>
  (await need(findDomain(ground.operator, name))).id
const projectId = async (ground: Ground, name = ground.tenant): Promise<string> =>
  (await need(findProject(ground.operator, `${name}-prod`, await domainId(ground, name)))).id
const user = async (
  ground: Ground,
  account: string,
  name = ground.tenant,
): Promise<Grantee & { readonly kind: 'user' }> => ({
  kind: 'user',
  id: (await need(findUser(ground.operator, `${name}-${account}`, await domainId(ground, name)))).id,
})
const person = async (ground: Ground, name: string): Promise<Grantee & { readonly kind: 'user' }> => {
  const made = await createUser(ground.operator, { name, domain_id: await domainId(ground), password })
  return { kind: 'user', id: made.id }
}

export const deviations: readonly Deviation[] = [
  {
    what: 'a person of a tenant with admin on its project',
    codes: ['audit/admin-in-tenant'],
    plant: async (ground) =>
      grant(ground, 'admin', await person(ground, 'mallory'), { kind: 'project', id: await projectId(ground) }),
  },
  {
    what: 'admin handed down from the domain of a tenant',
    codes: ['audit/admin-in-tenant'],
    plant: async (ground) =>
      grant(ground, 'admin', await person(ground, 'trudy'), {
        kind: 'domain',
        id: await domainId(ground),
        isInherited: true,
      }),
  },
  {
    what: 'admin by way of a group',
    codes: ['audit/admin-in-tenant'],
    plant: async (ground) => {
      const group = await createGroup(ground.operator, { name: 'helpers', domain_id: await domainId(ground) })
      await createGroupMember(ground.operator, group.id, (await person(ground, 'eve')).id)
      await grant(ground, 'admin', { kind: 'group', id: group.id }, { kind: 'domain', id: await domainId(ground) })
    },
  },
  {
    what: 'a domain manager with a second assignment',
    codes: ['audit/manager-surplus'],
    plant: async (ground) =>
      grant(ground, 'member', await user(ground, 'domain-admin'), { kind: 'project', id: await projectId(ground) }),
  },
  {
    what: 'manager on a project',
    codes: ['audit/manager-on-project'],
    plant: async (ground) =>
      grant(ground, 'manager', await person(ground, 'foreman'), { kind: 'project', id: await projectId(ground) }),
  },
  {
    what: 'a service account with more than its two roles',
    codes: ['audit/account-surplus'],
    plant: async (ground) =>
      grant(ground, 'creator', await user(ground, 'svc'), { kind: 'project', id: await projectId(ground) }),
  },
  {
    what: 'a service account with less than its two roles',
    codes: ['audit/account-missing-role'],
    plant: async (ground) => {
      const role = await need(findRole(ground.operator, 'load-balancer_member'))
      const on = { kind: 'project', id: await projectId(ground) } as const
      await deleteGrant(ground.operator, { roleId: role.id, to: await user(ground, 'svc'), on })
    },
  },
  {
    what: 'a service account that holds more through a group',
    codes: ['audit/account-surplus'],
    plant: async (ground) => {
      const group = await createGroup(ground.operator, { name: 'robots', domain_id: await domainId(ground) })
      await createGroupMember(ground.operator, group.id, (await user(ground, 'cluster')).id)
      await grant(ground, 'member', { kind: 'group', id: group.id }, { kind: 'project', id: await projectId(ground) })
    },
  },
  {
    what: 'a person with a role that a manager may not grant',
    codes: ['audit/unmanaged-role'],
    plant: async (ground) =>
      grant(ground, 'creator', await person(ground, 'keeper'), { kind: 'project', id: await projectId(ground) }),
  },
  {
    what: 'an account of a tenant with a role on the system',
    codes: ['audit/system-grant'],
    plant: async (ground) => grant(ground, 'reader', await person(ground, 'watcher'), { kind: 'system' }),
  },
  {
    what: 'an account of one tenant on a project of another',
    codes: ['audit/out-of-domain'],
    plant: async (ground) =>
      grant(ground, 'member', await person(ground, 'guest'), {
        kind: 'project',
        id: await projectId(ground, ground.neighbour),
      }),
  },
  {
    what: 'somebody of no tenant in the domain of a tenant',
    codes: ['audit/foreign-grant'],
    plant: async (ground) => {
      const { userDomainId } = await ground.operator.token()
      const made = await createUser(ground.operator, { name: 'planted-consultant', domain_id: userDomainId, password })
      await grant(ground, 'member', { kind: 'user', id: made.id }, { kind: 'project', id: await projectId(ground) })
    },
  },
  {
    what: 'a role of the domain itself that is called as a managed one',
    codes: ['audit/domain-role'],
    plant: async (ground) => {
      const role = await createRole(ground.operator, { name: 'member', domain_id: await domainId(ground) })
      await createGrant(ground.operator, {
        roleId: role.id,
        to: await person(ground, 'impostor'),
        on: { kind: 'project', id: await projectId(ground) },
      })
    },
  },
  {
    what: 'a trustee whose cluster is gone',
    codes: ['audit/trustee-left'],
    plant: async (ground) => {
      const name = `00000000-0000-4000-8000-000000000000_${await projectId(ground)}`
      await createUser(ground.operator, { name, domain_id: await domainId(ground, 'magnum'), password })
    },
  },
  {
    what: 'a trustee with a grant of its own',
    codes: ['audit/trustee-grant'],
    plant: async (ground) => {
      const magnum = await domainId(ground, 'magnum')
      const name = `00000000-0000-4000-8000-000000000000_${await projectId(ground)}`
      const { id } = await need(findUser(ground.operator, name, magnum))
      await grant(ground, 'reader', { kind: 'user', id }, { kind: 'domain', id: magnum })
    },
  },
  {
    what: 'an application credential that carries admin',
    codes: ['audit/admin-in-tenant', 'audit/credential-admin'],
    plant: async (ground) => {
      const made = await createUser(ground.operator, {
        name: `${ground.neighbour}-cluster`,
        domain_id: await domainId(ground, ground.neighbour),
        password,
      })
      const project = await projectId(ground, ground.neighbour)
      for (const role of ['member', 'load-balancer_member', 'admin'])
        await grant(ground, role, { kind: 'user', id: made.id }, { kind: 'project', id: project })
      const scope = { kind: 'project', project: { id: project } } as const
      const session = ground.open(made.name, { kind: 'password', user: { id: made.id }, password, scope })
      await createApplicationCredential(session, made.id, { name: 'planted', unrestricted: true })
    },
  },
  {
    what: 'a project that the manager added',
    codes: ['audit/unplanned-project'],
    plant: async (ground) => {
      await createProject(ground.operator, { name: 'planted-sandbox', domain_id: await domainId(ground) })
    },
  },
  {
    what: 'a quota that is not what the file says',
    codes: ['audit/quota-drift'],
    plant: async (ground) => {
      await updateComputeQuota(ground.operator, await projectId(ground), { cores: 99 })
    },
  },
  // the last: without it Magnum lists no clusters, and what is known of trustees is gone
  {
    what: 'magnum_domain_admin without its role, as after a redeploy',
    codes: ['audit/clusters-unreadable', 'audit/magnum-admin-stripped'],
    plant: async (ground) => {
      const magnum = await domainId(ground, 'magnum')
      const { id } = await need(findUser(ground.operator, 'magnum_domain_admin', magnum))
      const roles = await listRoles(ground.operator)
      const admin = await need(Promise.resolve(roles.find(({ name }) => name.toLowerCase() === 'admin')))
      await deleteGrant(ground.operator, {
        roleId: admin.id,
        to: { kind: 'user', id },
        on: { kind: 'domain', id: magnum },
      })
    },
  },
]

/** Takes the hand off that a living cluster works by: only where there is one. */
export const disabledCreator: Deviation = {
  what: 'the maker of a living cluster disabled',
  codes: ['audit/cluster-orphaned'],
  plant: async (ground) => {
    await updateUser(ground.operator, (await user(ground, 'cluster')).id, { enabled: false })
  },
}
