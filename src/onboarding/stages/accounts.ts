import { hasRoleName } from '../../openstack/keystone/role-names.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import { createProject, listProjects, updateProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../../openstack/keystone/role-assignments.ts'
import { createUser, updateUser } from '../../openstack/keystone/users.ts'
import { accountRoles } from '../../tenant/actors.ts'
import { describe } from '../../tenant/names.ts'
import { ensurePassword } from '../../tenant/password.ts'
import { secretNames } from '../../tenant/sessions.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { findAccount, passwordChange, withUsablePassword } from '../account.ts'
import type { Account } from '../account.ts'
import { descriptionChange, disabledAs, isOurs } from '../ownership.ts'
import { quotasOf } from '../quota.ts'
import type { Resource } from '../resource.ts'
import { domainOf, managerGrantOf } from './domain.ts'

/*
 * What a domain manager makes of identity: projects, the two accounts, and what these hold on the projects.
 */

const manager = { actor: 'manager' } as const

export function projectOf(tenant: Tenant, project: TenantProject): Resource<Project, 'manager'> {
  const domain = domainOf(tenant)
  const wanted = project.spec.description ?? `${tenant.spec.tenant} ${project.spec.name}`
  return {
    id: `${project.prefix}self-service/project`,
    stage: 'self-service',
    kind: 'project',
    name: project.names.project,
    identity: manager,
    inside: [domain.id],
    needs: [managerGrantOf(tenant).id],
    async observe({ session, known }) {
      // of all: the gate reads the same list
      const all = await listProjects(session, { domain_id: known.need(domain).id })
      return all.filter(({ name }) => name === project.names.project)
    },
    compare: (found, known) => ({
      isOurs: isOurs(tenant.spec.tenant, known, found),
      ...disabledAs(tenant.spec.tenant, found),
      changes: [...descriptionChange(tenant.spec.tenant, wanted, found.description)],
    }),
    // always name the domain: Keystone adds the token's only after the policy check
    create: ({ session, known }) =>
      createProject(session, {
        name: project.names.project,
        domain_id: known.need(domain).id,
        description: describe(tenant.spec.tenant, wanted),
      }),
    update: ({ session }, found) => {
      const [description] = descriptionChange(tenant.spec.tenant, wanted, found.description)
      return updateProject(session, found.id, {
        ...(found.enabled ? {} : { enabled: true }),
        ...(description === undefined ? {} : { description: String(description.to) }),
      })
    },
  }
}

type AccountName = 'creator' | 'automation'

export function accountOf(tenant: Tenant, account: AccountName): Resource<Account, 'manager'> {
  const domain = domainOf(tenant)
  const name = tenant.names[account]
  const secret = secretNames[account]
  const what = account === 'creator' ? 'makes clusters' : 'automation'
  return {
    id: `self-service/${account}`,
    stage: 'self-service',
    kind: 'user',
    name,
    identity: manager,
    invalidatesSessionsOf: account,
    inside: [domain.id],
    needs: [managerGrantOf(tenant).id],
    observe: (look) => findAccount(look, name, { domainId: look.known.need(domain).id, secret }),
    compare: (found, known) => ({
      isOurs: isOurs(tenant.spec.tenant, known, found),
      ...disabledAs(tenant.spec.tenant, found),
      changes: [
        ...descriptionChange(tenant.spec.tenant, what, found.description),
        ...passwordChange(isOurs(tenant.spec.tenant, known, found), found),
      ],
    }),
    async create(work) {
      const { session, known, secrets } = work
      const password = await ensurePassword(session, secrets, secret)
      const made = await createUser(session, {
        name,
        domain_id: known.need(domain).id,
        password,
        description: describe(tenant.spec.tenant, what),
      })
      return withUsablePassword(work, made, { secret, set: 'first' })
    },
    async update(work, found) {
      const { session, known, secrets } = work
      const isKnown = isOurs(tenant.spec.tenant, known, found)
      const [description] = descriptionChange(tenant.spec.tenant, what, found.description)
      const updated = await updateUser(session, found.id, {
        ...(found.enabled ? {} : { enabled: true }),
        ...(description === undefined ? {} : { description: String(description.to) }),
        // its application credentials and trusts survive this; its tokens do not
        ...(isKnown ? {} : { password: await ensurePassword(session, secrets, secret) }),
      })
      return withUsablePassword(work, updated, { secret, set: isKnown ? undefined : 'again' })
    },
  }
}

/** All roles that an account holds on a project. A surplus role is a conflict, not a change. */
export function rolesOf(
  tenant: Tenant,
  project: TenantProject,
  account: AccountName,
): Resource<{ readonly id: string; readonly roles: readonly string[] }, 'manager'> {
  const user = accountOf(tenant, account)
  const on = projectOf(tenant, project)
  const name = `${accountRoles.join(' and ')} of ${tenant.names[account]} on project ${project.names.project}`
  return {
    id: `${project.prefix}self-service/${account}-roles`,
    stage: 'self-service',
    kind: 'roles',
    isIdempotent: true,
    name,
    identity: manager,
    // services keep a token's roles for minutes: keystonemiddleware, token_cache_time
    invalidatesSessionsOf: account,
    inside: [user.id, on.id],
    needs: quotasOf(project, on).map((quota) => quota.id),
    async observe({ session, known }) {
      const roles = onProject(await assignmentsOfDomain(session), known.need(user).id, known.need(on).id)
      return roles.length === 0 ? [] : [{ id: '', roles: roles.map((one) => one.role.name ?? one.role.id).sort() }]
    },
    compare(found) {
      const surplus = found.roles.filter((role) => !isAccountRole(role))
      const missing = accountRoles.filter((role) => !hasRoleName(found.roles, role))
      return {
        isOurs: true,
        changes:
          missing.length === 0 ? [] : [{ field: 'roles', from: found.roles, to: [...found.roles, ...missing].sort() }],
        ...(surplus.length === 0
          ? {}
          : {
              conflict: {
                message: `${tenant.names[account]} also holds ${surplus.join(', ')} on ${project.names.project}`,
                remedy: `openstack role remove --user ${tenant.names[account]} --project ${project.names.project} ${surplus[0] ?? ''}`,
              },
            }),
      }
    },
    async create(work) {
      const to = { kind: 'user', id: work.known.need(user).id } as const
      const scope = { kind: 'project', id: work.known.need(on).id } as const
      const grant = (role: string) =>
        createGrant(work.session, { roleId: work.known.shared.roleId(role), to, on: scope })
      await Promise.all(accountRoles.map(grant))
      return { id: '', roles: accountRoles }
    },
    // granting an existing role changes nothing
    update(work) {
      return this.create(work)
    },
  }
}

/** Everything in the token's own domain: Keystone filters for a domain-scoped token. */
export function assignmentsOfDomain(
  session: Parameters<typeof listRoleAssignments>[0],
): Promise<readonly RoleAssignment[]> {
  return listRoleAssignments(session, { includesNames: true })
}

function onProject(all: readonly RoleAssignment[], userId: string, projectId: string): readonly RoleAssignment[] {
  return all.filter((one) => one.user?.id === userId && one.scope.project?.id === projectId && !isInherited(one))
}

function isInherited({ scope }: RoleAssignment): boolean {
  return scope['OS-INHERIT:inherited_to'] !== undefined
}

function isAccountRole(name: string): boolean {
  return hasRoleName(accountRoles, name)
}
