import { createGrant } from '../../openstack/keystone/grants.ts'
import { createProject, findProject, listProjects, updateProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../../openstack/keystone/role-assignments.ts'
import { createUser, findUser, listUsers, updateUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { accountRoles } from '../../tenant/actors.ts'
import { describe } from '../../tenant/names.ts'
import { secretNames } from '../../tenant/sessions.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { renderAssignment } from '../assignment.ts'
import { carriesMarker, descriptionChange } from '../ownership.ts'
import { quotasOf, readQuota } from '../quota.ts'
import type { Resource } from '../resource.ts'
import type { GateContext } from '../gate.ts'
import type { Stage } from '../stage.ts'
import { domainOf, managerGrantOf } from './domain.ts'

/*
 * The tenant's own part of identity, made by its domain manager: projects, the two accounts, and their roles. The
 * operator sets quotas as soon as a project exists. Nobody can spend in it before that, because no account has a role
 * on it yet.
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
      const found = await findProject(session, project.names.project, known.need(domain).id)
      return found === undefined ? [] : [found]
    },
    compare: (found) => ({
      isOurs: carriesMarker(tenant.spec.tenant, found.description),
      changes: [
        ...descriptionChange(tenant.spec.tenant, wanted, found.description),
        ...(found.enabled ? [] : [{ field: 'enabled', from: false, to: true }]),
      ],
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
        enabled: true,
        ...(description === undefined ? {} : { description: String(description.to) }),
      })
    },
  }
}

type AccountName = 'creator' | 'automation'

export function accountOf(tenant: Tenant, account: AccountName): Resource<User, 'manager'> {
  const domain = domainOf(tenant)
  const name = tenant.names[account]
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
    async observe({ session, known }) {
      const found = await findUser(session, name, known.need(domain).id)
      return found === undefined ? [] : [found]
    },
    compare: (found) => ({
      isOurs: carriesMarker(tenant.spec.tenant, found.description),
      changes: [
        ...descriptionChange(tenant.spec.tenant, what, found.description),
        ...(found.enabled ? [] : [{ field: 'enabled', from: false, to: true }]),
        ...(carriesMarker(tenant.spec.tenant, found.description)
          ? []
          : [{ field: 'password', from: 'not known here', to: 'a new one' }]),
      ],
    }),
    async create({ session, known, secrets }) {
      const password = await secrets.ensure(secretNames[account])
      return createUser(session, {
        name,
        domain_id: known.need(domain).id,
        password,
        description: describe(tenant.spec.tenant, what),
      })
    },
    async update({ session, secrets }, found) {
      const isOurs = carriesMarker(tenant.spec.tenant, found.description)
      const [description] = descriptionChange(tenant.spec.tenant, what, found.description)
      return updateUser(session, found.id, {
        enabled: true,
        ...(description === undefined ? {} : { description: String(description.to) }),
        // its application credentials and trusts survive this; its tokens do not
        ...(isOurs ? {} : { password: await secrets.ensure(secretNames[account]) }),
      })
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
      const missing = accountRoles.filter((role) => !found.roles.includes(role))
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
function assignmentsOfDomain(session: Parameters<typeof listRoleAssignments>[0]): Promise<readonly RoleAssignment[]> {
  return listRoleAssignments(session, { includesNames: true })
}

function onProject(all: readonly RoleAssignment[], userId: string, projectId: string): readonly RoleAssignment[] {
  return all.filter((one) => one.user?.id === userId && one.scope.project?.id === projectId && !isInherited(one))
}

function isInherited({ scope }: RoleAssignment): boolean {
  return scope['OS-INHERIT:inherited_to'] !== undefined
}

function isAccountRole(name: string): boolean {
  return accountRoles.some((role) => role === name)
}

export const selfServiceStage: Stage = {
  name: 'self-service',
  resources: (tenant) => [
    accountOf(tenant, 'creator'),
    accountOf(tenant, 'automation'),
    ...tenant.projects.flatMap((project) => [
      projectOf(tenant, project),
      ...quotasOf(project, projectOf(tenant, project)),
      rolesOf(tenant, project, 'creator'),
      rolesOf(tenant, project, 'automation'),
    ]),
  ],
  gates: [
    {
      name: 'complete',
      async check(context) {
        await Promise.all([
          checkIdentity(context),
          checkReach(context),
          ...context.tenant.projects.map((project) => checkQuotas(context, project)),
        ])
      },
    },
  ],
}

/** What the manager sees of its own work. */
export async function checkIdentity({ tenant, known, read }: GateContext): Promise<void> {
  const domain_id = known.need(domainOf(tenant)).id
  const [projects, users, assignments] = await Promise.all([
    read(manager, (session) => listProjects(session, { domain_id })),
    read(manager, (session) => listUsers(session, { domain_id })),
    read(manager, assignmentsOfDomain),
  ])
  for (const project of tenant.projects) {
    const name = project.names.project
    const found = projects.value.find((one) => one.name === name)
    projects
      .about(projectOf(tenant, project))
      .claim(`project ${name} is enabled`, found?.enabled === true, { id: found?.id ?? null })
  }
  for (const account of ['creator', 'automation'] as const) {
    const name = tenant.names[account]
    const found = users.value.find((one) => one.name === name)
    const user = accountOf(tenant, account)
    users.about(user).claim(`user ${name} is enabled`, found?.enabled === true, { id: found?.id ?? null })
    const userId = known.need(user).id
    const held = assignments.value.filter((one) => one.user?.id === userId)
    const wanted = tenant.projects.flatMap(({ names }) =>
      accountRoles.map((role) => `${role} on project ${names.project}`),
    )
    assignments
      .about(rolesOf(tenant, tenant.projects[0], account))
      .claim(
        `${name} holds exactly ${accountRoles.join(' and ')} on each project`,
        JSON.stringify(held.map(renderAssignment).sort()) === JSON.stringify(wanted.sort()),
        held.map(renderAssignment),
      )
  }
}

/** A group or a system role can give an account more than was granted to it. Only an operator sees all of that. */
async function checkReach({ tenant, known, read }: GateContext): Promise<void> {
  const ours = new Set(tenant.projects.map(({ names }) => names.project))
  const accounts = ['creator', 'automation'] as const
  await Promise.all(
    accounts.map(async (account) => {
      const user = accountOf(tenant, account)
      const userId = known.need(user).id
      const effective = await read({ actor: 'operator' }, (session) =>
        listRoleAssignments(session, { userId, isEffective: true, includesNames: true }),
      )
      const surplus = effective.value.filter(
        ({ role, scope }) => !ours.has(scope.project?.name ?? '') || role.name?.toLowerCase() === 'admin',
      )
      effective
        .about(user)
        .claim(
          `${tenant.names[account]} reaches nothing else by a group, by inheritance or on the system`,
          surplus.length === 0,
          effective.value.map(renderAssignment),
        )
    }),
  )
}

async function checkQuotas({ tenant, known, read }: GateContext, project: TenantProject): Promise<void> {
  const { id } = known.need(projectOf(tenant, project))
  await Promise.all(
    quotasOf(project, projectOf(tenant, project)).map(async ({ id: quotaId, service, wanted, name }) => {
      const quota = await read({ actor: 'operator' }, (session) => readQuota(session, service, id))
      const found = Object.fromEntries(Object.keys(wanted).map((key) => [key, quota.value[key] ?? null]))
      const isAsAsked = JSON.stringify(found) === JSON.stringify(wanted)
      quota.about({ id: quotaId }).claim(`${name} is as in the tenant file`, isAsAsked, found, 'tenant could')
    }),
  )
}
