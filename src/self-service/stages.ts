import { listOwnProjects } from '../openstack/keystone/projects.ts'
import { getDomain } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { hasRoleName, isAdminRole, isSameRole } from '../openstack/keystone/role-names.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { managerRole } from '../tenant/actors.ts'
import { stageNames } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { renderAssignment } from '../onboarding/assignment.ts'
import type { GateContext } from '../onboarding/gate.ts'
import type { Resource } from '../onboarding/resource.ts'
import type { PlannedStageName, Stage } from '../onboarding/stage.ts'
import { clusterStage } from '../onboarding/stages/cluster.ts'
import { credentialsStage } from '../onboarding/stages/credentials.ts'
import { domainOf } from '../onboarding/stages/domain.ts'
import { isolationStage } from '../onboarding/stages/isolation.ts'
import { networkStage } from '../onboarding/stages/network.ts'
import { checkIdentity, selfServiceStage } from '../onboarding/stages/self-service.ts'
import { templateStage } from '../onboarding/stages/template.ts'
import { pointsOf } from './operator-points.ts'
import { checkOwnQuotas } from './own-quotas.ts'

/*
 * The stages of onboarding for a tenant alone: the same resources and gates, without the operator's. Each gate also
 * notes where an operator would have read.
 */

const manager = { actor: 'manager' } as const

/** The domain as its manager finds it: external, and everything below is in it. */
function givenDomain(tenant: Tenant): Resource<Domain, 'manager'> {
  const { id, stage, kind, name } = domainOf(tenant)
  return {
    id,
    stage,
    kind,
    name,
    identity: manager,
    inside: [],
    needs: [],
    observe: async ({ session }) => [await ownDomain(session)],
    compare: () => ({ isOurs: true, changes: [] }),
    create: () => Promise.reject(new Error('a tenant makes no domain')),
  }
}

/** A persona need not be able to read its domain; the token names it. */
async function ownDomain(session: Session<'manager'>): Promise<Domain> {
  const { domainId = '', domainName = '' } = await session.token()
  try {
    return await getDomain(session, domainId)
  } catch (error) {
    if (refusalOf(error) !== 403 && refusalOf(error) !== 404) throw error
    return { id: domainId, name: domainName, enabled: true, description: '' }
  }
}

const domain: Stage<'domain'> = {
  name: 'domain',
  resources: (tenant) => [givenDomain(tenant)],
  gates: [{ name: 'complete', check: checkDomain }],
}

async function checkDomain({ tenant, read }: GateContext): Promise<void> {
  const { names } = tenant
  const [token, found, elsewhere] = await Promise.all([
    read(manager, (session) => session.token()),
    read(manager, ownDomain),
    read(manager, listOwnProjects),
  ])
  found.claim(`domain ${names.domain} is enabled`, found.value.enabled, { id: found.value.id, name: found.value.name })
  const { userId, roles } = token.value
  const held = roles.map(({ name }) => name).sort()
  token.claim(
    `${names.manager} signs in as ${managerRole} of ${names.domain}, and without admin`,
    hasRoleName(held, managerRole) && !held.some(isAdminRole),
    { roles: held },
  )
  const direct = await read(manager, (session) => listRoleAssignments(session, { userId, includesNames: true }))
  direct.claim(
    `${names.manager} holds nothing but ${managerRole} in ${names.domain}`,
    direct.value.length === 1 && direct.value.every(({ role }) => isSameRole(role.name, managerRole)),
    direct.value.map(renderAssignment),
  )
  const foreign = elsewhere.value.filter(({ domain_id }) => domain_id !== found.value.id)
  elsewhere.claim(
    `${names.manager} can scope to no project of another domain`,
    foreign.length === 0,
    foreign.map(({ name }) => name),
  )
}

const selfService: Stage<'self-service'> = {
  name: 'self-service',
  resources: (tenant) => selfServiceStage.resources(tenant).filter(({ identity }) => identity.actor !== 'operator'),
  gates: [
    {
      name: 'complete',
      async check(context) {
        await checkIdentity(context)
        await checkOwnQuotas(context)
      },
    },
  ],
}

/** The stages of a tenant alone, and by whom: the manager needs nothing but the handover, its accounts come after it. */
const byName = {
  domain: { stage: domain, by: 'manager' },
  'self-service': { stage: selfService, by: 'manager' },
  isolation: { stage: isolationStage, by: 'manager' },
  credentials: { stage: credentialsStage, by: 'accounts' },
  network: { stage: networkStage, by: 'accounts' },
  template: { stage: templateStage, by: 'accounts' },
  cluster: { stage: clusterStage, by: 'accounts' },
} satisfies { readonly [Name in PlannedStageName]: { readonly stage: Stage<Name>; readonly by: By } }

type By = 'manager' | 'accounts'

function stagesBy(wanted: By): readonly Stage[] {
  return stageNames.flatMap((name) => (name !== 'preflight' && byName[name].by === wanted ? [byName[name].stage] : []))
}

export const managerStages: readonly Stage[] = stagesBy('manager').map(alone)

/** The accounts' stages. First they look up what the operator provides. */
export function accountStages(shared: Stage): readonly Stage[] {
  return [shared, ...stagesBy('accounts')].map(alone)
}

/** In order: a resource comes after everything that it needs. */
export function tenantResources(tenant: Tenant): readonly Resource[] {
  return [...managerStages, ...stagesBy('accounts')].flatMap((stage) => stage.resources(tenant))
}

/** Its first gate also notes where an operator would have read. */
function alone(stage: Stage): Stage {
  const [first, ...further] = stage.gates
  const check = async (context: GateContext): Promise<void> => {
    pointsOf(stage.name).forEach(context.withoutOperator)
    await first.check(context)
  }
  return { ...stage, gates: [{ ...first, check }, ...further] }
}
