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

export type AuditedCloud = {
  readonly operator: Session
  /** A tenant that is as its file says, and a second one. */
  readonly tenant: string
  readonly neighbour: string
  readonly open: (actor: string, auth: Auth) => Session
}

export type Deviation = {
  readonly what: string
  readonly plant: (bed: AuditedCloud) => Promise<void>
  /** Codes of the findings that it adds. */
  readonly codes: readonly string[]
}

const password = new Secret('Aa1!planted-by-a-test')

async function need<T>(found: Promise<T | undefined>): Promise<T> {
  const value = await found
  if (value === undefined) throw new Error('the cloud lacks what a deviation needs')
  return value
}

async function grant(bed: AuditedCloud, role: string, to: Grantee, on: GrantScope): Promise<void> {
  const roles = await listRoles(bed.operator)
  const { id } = await need(Promise.resolve(roles.find(({ name }) => name.toLowerCase() === role)))
  await createGrant(bed.operator, { roleId: id, to, on })
}

const domainId = async (bed: AuditedCloud, name = bed.tenant): Promise<string> =>
  (await need(findDomain(bed.operator, name))).id
const projectId = async (bed: AuditedCloud, name = bed.tenant): Promise<string> =>
  (await need(findProject(bed.operator, `${name}-prod`, await domainId(bed, name)))).id
const user = async (
  bed: AuditedCloud,
  account: string,
  name = bed.tenant,
): Promise<Grantee & { readonly kind: 'user' }> => ({
  kind: 'user',
  id: (await need(findUser(bed.operator, `${name}-${account}`, await domainId(bed, name)))).id,
})
const person = async (bed: AuditedCloud, name: string): Promise<Grantee & { readonly kind: 'user' }> => {
  const made = await createUser(bed.operator, { name, domain_id: await domainId(bed), password })
  return { kind: 'user', id: made.id }
}

export const deviations: readonly Deviation[] = [
  {
    what: 'a person of a tenant with admin on its project',
    codes: ['audit/admin-in-tenant'],
    plant: async (bed) =>
      grant(bed, 'admin', await person(bed, 'mallory'), { kind: 'project', id: await projectId(bed) }),
  },
  {
    what: 'admin handed down from the domain of a tenant',
    codes: ['audit/admin-in-tenant'],
    plant: async (bed) =>
      grant(bed, 'admin', await person(bed, 'trudy'), {
        kind: 'domain',
        id: await domainId(bed),
        isInherited: true,
      }),
  },
  {
    what: 'admin by way of a group',
    codes: ['audit/admin-in-tenant'],
    plant: async (bed) => {
      const group = await createGroup(bed.operator, { name: 'helpers', domain_id: await domainId(bed) })
      await createGroupMember(bed.operator, group.id, (await person(bed, 'eve')).id)
      await grant(bed, 'admin', { kind: 'group', id: group.id }, { kind: 'domain', id: await domainId(bed) })
    },
  },
  {
    what: 'a domain manager with a second assignment',
    codes: ['audit/manager-surplus'],
    plant: async (bed) =>
      grant(bed, 'member', await user(bed, 'domain-admin'), { kind: 'project', id: await projectId(bed) }),
  },
  {
    what: 'manager on a project',
    codes: ['audit/manager-on-project'],
    plant: async (bed) =>
      grant(bed, 'manager', await person(bed, 'foreman'), { kind: 'project', id: await projectId(bed) }),
  },
  {
    what: 'a service account with more than its two roles',
    codes: ['audit/account-surplus'],
    plant: async (bed) => grant(bed, 'creator', await user(bed, 'svc'), { kind: 'project', id: await projectId(bed) }),
  },
  {
    what: 'a service account with less than its two roles',
    codes: ['audit/account-missing-role'],
    plant: async (bed) => {
      const role = await need(findRole(bed.operator, 'load-balancer_member'))
      const on = { kind: 'project', id: await projectId(bed) } as const
      await deleteGrant(bed.operator, { roleId: role.id, to: await user(bed, 'svc'), on })
    },
  },
  {
    what: 'a service account that holds more through a group',
    codes: ['audit/account-surplus'],
    plant: async (bed) => {
      const group = await createGroup(bed.operator, { name: 'robots', domain_id: await domainId(bed) })
      await createGroupMember(bed.operator, group.id, (await user(bed, 'cluster')).id)
      await grant(bed, 'member', { kind: 'group', id: group.id }, { kind: 'project', id: await projectId(bed) })
    },
  },
  {
    what: 'a person with a role that a manager may not grant',
    codes: ['audit/unmanaged-role'],
    plant: async (bed) =>
      grant(bed, 'creator', await person(bed, 'keeper'), { kind: 'project', id: await projectId(bed) }),
  },
  {
    what: 'an account of a tenant with a role on the system',
    codes: ['audit/system-grant'],
    plant: async (bed) => grant(bed, 'reader', await person(bed, 'watcher'), { kind: 'system' }),
  },
  {
    what: 'an account of one tenant on a project of another',
    codes: ['audit/out-of-domain'],
    plant: async (bed) =>
      grant(bed, 'member', await person(bed, 'guest'), {
        kind: 'project',
        id: await projectId(bed, bed.neighbour),
      }),
  },
  {
    what: 'somebody of no tenant in the domain of a tenant',
    codes: ['audit/foreign-grant'],
    plant: async (bed) => {
      const { userDomainId } = await bed.operator.token()
      const made = await createUser(bed.operator, { name: 'planted-consultant', domain_id: userDomainId, password })
      await grant(bed, 'member', { kind: 'user', id: made.id }, { kind: 'project', id: await projectId(bed) })
    },
  },
  {
    what: 'a role of the domain itself that is called as a managed one',
    codes: ['audit/domain-role'],
    plant: async (bed) => {
      const role = await createRole(bed.operator, { name: 'member', domain_id: await domainId(bed) })
      await createGrant(bed.operator, {
        roleId: role.id,
        to: await person(bed, 'impostor'),
        on: { kind: 'project', id: await projectId(bed) },
      })
    },
  },
  {
    what: 'a trustee whose cluster is gone',
    codes: ['audit/trustee-left'],
    plant: async (bed) => {
      const name = `00000000-0000-4000-8000-000000000000_${await projectId(bed)}`
      await createUser(bed.operator, { name, domain_id: await domainId(bed, 'magnum'), password })
    },
  },
  {
    what: 'a trustee with a grant of its own',
    codes: ['audit/trustee-grant'],
    plant: async (bed) => {
      const magnum = await domainId(bed, 'magnum')
      const name = `00000000-0000-4000-8000-000000000000_${await projectId(bed)}`
      const { id } = await need(findUser(bed.operator, name, magnum))
      await grant(bed, 'reader', { kind: 'user', id }, { kind: 'domain', id: magnum })
    },
  },
  {
    what: 'an application credential that carries admin',
    codes: ['audit/admin-in-tenant', 'audit/credential-admin'],
    plant: async (bed) => {
      const made = await createUser(bed.operator, {
        name: `${bed.neighbour}-cluster`,
        domain_id: await domainId(bed, bed.neighbour),
        password,
      })
      const project = await projectId(bed, bed.neighbour)
      for (const role of ['member', 'load-balancer_member', 'admin'])
        await grant(bed, role, { kind: 'user', id: made.id }, { kind: 'project', id: project })
      const scope = { kind: 'project', project: { id: project } } as const
      const session = bed.open(made.name, { kind: 'password', user: { id: made.id }, password, scope })
      await createApplicationCredential(session, made.id, { name: 'planted', unrestricted: true })
    },
  },
  {
    what: 'an identity provider whose people come into a group',
    codes: ['audit/federated-access'],
    plant: async (bed) => {
      const domain = await domainId(bed)
      const group = await createGroup(bed.operator, { name: 'guests', domain_id: domain })
      await grant(bed, 'member', { kind: 'group', id: group.id }, { kind: 'project', id: await projectId(bed) })
      const name = `planted-${bed.tenant}`
      const rules = [{ local: [{ user: { name: '{0}' }, group: { id: group.id } }], remote: [{ type: 'REMOTE_USER' }] }]
      const provider = `/OS-FEDERATION/identity_providers/${name}`
      const put = (path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
        bed.operator.request({ service: 'identity', method: 'PUT', path, body })
      await put(provider, { identity_provider: { domain_id: domain, enabled: true } })
      await put(`/OS-FEDERATION/mappings/${name}`, { mapping: { rules } })
      await put(`${provider}/protocols/mapped`, { protocol: { mapping_id: name } })
    },
  },
  {
    what: 'a project that the manager added',
    codes: ['audit/unplanned-project'],
    plant: async (bed) => {
      await createProject(bed.operator, { name: 'planted-sandbox', domain_id: await domainId(bed) })
    },
  },
  {
    what: 'a quota that is not what the file says',
    codes: ['audit/quota-drift'],
    plant: async (bed) => {
      await updateComputeQuota(bed.operator, await projectId(bed), { cores: 99 })
    },
  },
  // the last: without it Magnum lists no clusters, and what is known of trustees is gone
  {
    what: 'magnum_domain_admin without its role, as after a redeploy',
    codes: ['audit/clusters-unreadable', 'audit/magnum-admin-stripped'],
    plant: async (bed) => {
      const magnum = await domainId(bed, 'magnum')
      const { id } = await need(findUser(bed.operator, 'magnum_domain_admin', magnum))
      const roles = await listRoles(bed.operator)
      const admin = await need(Promise.resolve(roles.find(({ name }) => name.toLowerCase() === 'admin')))
      await deleteGrant(bed.operator, {
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
  plant: async (bed) => {
    await updateUser(bed.operator, (await user(bed, 'cluster')).id, { enabled: false })
  },
}
