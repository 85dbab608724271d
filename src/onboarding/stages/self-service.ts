import { listProjects } from '../../openstack/keystone/projects.ts'
import { listReach } from '../../openstack/keystone/reach.ts'
import { isAdminRole, isSameRole } from '../../openstack/keystone/role-names.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import { readLimits } from '../../openstack/quotas.ts'
import { accountRoles } from '../../tenant/actors.ts'
import type { TenantProject } from '../../tenant/tenant.ts'
import { renderAssignment } from '../assignment.ts'
import type { GateContext } from '../gate.ts'
import { compareQuota, quotasOf } from '../quota.ts'
import type { Stage } from '../stage.ts'
import { accountOf, assignmentsOfDomain, projectOf, rolesOf } from './accounts.ts'
import { domainOf } from './domain.ts'

/*
 * The tenant's own part of identity, made by its domain manager: projects, the two accounts, and their roles. The
 * operator sets quotas as soon as a project exists. Nobody can spend in it before that, because no account has a role
 * on it yet.
 */

const manager = { actor: 'manager' } as const

export const selfServiceStage: Stage<'self-service'> = {
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
      accountRoles.map((role) => ({ role, project: names.project })),
    )
    const isHeld = ({ role, project }: (typeof wanted)[number]): boolean =>
      held.some(
        (one) =>
          isSameRole(one.role.name, role) && renderAssignment(one) === `${one.role.name ?? ''} on project ${project}`,
      )
    assignments
      .about(rolesOf(tenant, tenant.projects[0], account))
      .claim(
        `${name} holds exactly ${accountRoles.join(' and ')} on each project`,
        held.length === wanted.length && wanted.every(isHeld),
        held.map(renderAssignment),
      )
  }
}

/** A group or a system role can give an account more than was granted to it. Only an operator sees all of that. */
async function checkReach({ tenant, known, read }: GateContext): Promise<void> {
  const ours = new Set(tenant.projects.map(({ names }) => names.project))
  const accounts = (['creator', 'automation'] as const).map((account) => {
    const user = accountOf(tenant, account)
    return { user, name: tenant.names[account], userId: known.need(user).id }
  })
  const reach = await read({ actor: 'operator' }, (session) =>
    listReach(
      session,
      accounts.map(({ userId }) => userId),
    ),
  )
  for (const { user, name, userId } of accounts) {
    const held = reach.value.get(userId) ?? []
    const surplus = held.filter(({ role, scope }) => !ours.has(scope.project?.name ?? '') || isAdminRole(role.name))
    reach
      .about(user)
      .claim(
        `${name} reaches nothing else by a group, by inheritance or on the system`,
        surplus.length === 0,
        held.map(renderAssignment),
      )
  }
}

async function checkQuotas({ tenant, known, read }: GateContext, project: TenantProject): Promise<void> {
  const { id } = known.need(projectOf(tenant, project))
  await Promise.all(
    quotasOf(project, projectOf(tenant, project)).map(async ({ id: quotaId, service, wanted, name }) => {
      const quota = await read({ actor: 'operator' }, (session) => readLimits(session, service, id))
      const { found, isAsAsked } = compareQuota(wanted, quota.value)
      quota.about({ id: quotaId }).claim(`${name} is as in the tenant file`, isAsAsked, found, 'tenant could')
    }),
  )
}
