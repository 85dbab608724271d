/** Stops a tenant from growing, reversibly: nothing that runs is cut off. */
import { CloudError, StepError } from '../errors.ts'
import { updateDomain } from '../openstack/keystone/domains.ts'
import { updateIdentityProvider } from '../openstack/keystone/federation.ts'
import type { IdentityProvider } from '../openstack/keystone/federation.ts'
import { updateProject } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { updateUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { setQuota } from '../openstack/quota-setting.ts'
import type { QuotaService } from '../openstack/quotas.ts'
import type { Session } from '../openstack/session.ts'
import { frozenMark } from '../tenant/names.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { wantedOf } from '../onboarding/quota.ts'
import type { OffboardRun } from './run.ts'
import { record, settle } from './record.ts'
import type { Removed } from './record.ts'
import { limitToUse, quotaOf, quotaServicesOf, resetQuota } from './quotas.ts'
import type { TenantState } from './tenant-state.ts'

export type Freeze = {
  /** Identity providers, before any account: Keystone does not heed `enabled` of the people who come through one. */
  readonly shut: readonly IdentityProvider[]
  readonly disable: readonly User[]
  /** Left enabled, and why. */
  readonly spare: readonly { readonly user: User; readonly because: string }[]
}

/**
 * Pure: which users are disabled. Never one that keeps a cluster alive, nor the two service accounts: the quotas limit
 * what they can make, and they delete their own resources.
 */
export function freezeOf(
  { names }: Tenant,
  { users, hasOwnDirectory, federation }: TenantState,
  clusterOwners: ReadonlySet<string>,
): Freeze {
  const disable: User[] = []
  const spare: { user: User; because: string }[] = []
  for (const user of hasOwnDirectory ? [] : users) {
    if (clusterOwners.has(user.id)) spare.push({ user, because: 'a cluster uses its credential' })
    else if (user.name === names.creator || user.name === names.automation)
      spare.push({ user, because: 'it deletes what it made' })
    else if (user.enabled) disable.push(user)
  }
  return { shut: federation.providers.filter(({ enabled }) => enabled), disable, spare }
}

export async function disable(run: OffboardRun, stage: 'freeze' | 'identity', users: readonly User[]): Promise<void> {
  const mark = frozenMark(run.tenant.spec.tenant)
  await Promise.all(
    users.map((user) => {
      const was = user.description ?? ''
      const description = was.includes(mark) ? was : `${was} ${mark}`.trimStart()
      const object = { kind: 'user', name: user.name, id: user.id }
      return record(run, { stage, actor: 'operator', action: 'disable', object }, (session) =>
        updateUser(session, user.id, { enabled: false, description }),
      )
    }),
  )
}

async function shut(run: OffboardRun, providers: readonly IdentityProvider[]): Promise<void> {
  const mark = frozenMark(run.tenant.spec.tenant)
  for (const { id, description: was = '' } of providers) {
    const description = was.includes(mark) ? was : `${was} ${mark}`.trimStart()
    const object = { kind: 'identity provider', name: id, id }
    await record(run, { stage: 'freeze', actor: 'operator', action: 'disable', object }, (session) =>
      updateIdentityProvider(session, id, { enabled: false, description }),
    )
  }
}

/** Returns why a service refused to limit a quota, by its name: one that refuses does not end a freeze. */
export async function freeze(
  run: OffboardRun,
  clusterOwners: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const { tenant, tenantState } = run
  const planned = freezeOf(tenant, tenantState, clusterOwners)
  await shut(run, planned.shut)
  const isShut = tenantState.domain?.enabled === false
  await disable(
    run,
    'freeze',
    isShut && !tenantState.hasOwnDirectory ? tenantState.users.filter(({ enabled }) => enabled) : planned.disable,
  )
  await open(run)
  const services = await quotaServicesOf(run.operator)
  const refused = new Map<string, string>()
  const limit = async (project: Project, service: QuotaService): Promise<void> => {
    const object = quotaOf(project, service)
    try {
      await record(run, { stage: 'freeze', actor: 'operator', action: 'limit', object }, (session) =>
        limitToUse(session, service, project.id),
      )
    } catch (error) {
      const because = error instanceof StepError && error.cause instanceof CloudError ? error.cause : undefined
      if (because?.kind !== 'answer') throw error
      refused.set(object.name, because.reason)
    }
  }
  await settle(tenantState.projects.flatMap((project) => services.map((service) => limit(project, service))))
  return refused
}

/**
 * No token can be issued for a disabled project, not even to the operator. With all its users disabled, it may stay
 * enabled.
 */
async function open(run: OffboardRun): Promise<void> {
  const { domain, projects } = run.tenantState
  const enable = (object: Removed['object'], act: (session: Session<'operator'>) => Promise<unknown>): Promise<void> =>
    record(run, { stage: 'freeze', actor: 'operator', action: 'enable', object, because }, act)
  const because = 'a disabled project could be neither read nor emptied; all its users are disabled instead'
  if (domain?.enabled === false && projects.length > 0)
    await enable({ kind: 'domain', name: domain.name, id: domain.id }, (session) =>
      updateDomain(session, domain.id, { enabled: true }),
    )
  for (const { id, name } of projects.filter(({ enabled }) => !enabled))
    await enable({ kind: 'project', name, id }, (session) => updateProject(session, id, { enabled: true }))
}

/** Back to the quotas of the tenant's file, or to the defaults of the cloud if the file has none. */
export async function undoFreeze(run: OffboardRun): Promise<void> {
  const { tenant, tenantState, operator } = run
  const mark = frozenMark(tenant.spec.tenant)
  const frozen = tenantState.users.filter(({ description }) => description?.includes(mark) === true)
  await Promise.all(
    frozen.map((user) => {
      const description = (user.description ?? '').replace(mark, '').trim()
      const object = { kind: 'user', name: user.name, id: user.id }
      return record(run, { stage: 'freeze', actor: 'operator', action: 'enable', object }, (session) =>
        updateUser(session, user.id, { enabled: true, description }),
      )
    }),
  )
  for (const { id, description = '' } of tenantState.federation.providers.filter((one) =>
    one.description?.includes(mark),
  )) {
    const object = { kind: 'identity provider', name: id, id }
    await record(run, { stage: 'freeze', actor: 'operator', action: 'enable', object }, (session) =>
      updateIdentityProvider(session, id, { enabled: true, description: description.replace(mark, '').trim() }),
    )
  }
  for (const project of tenantState.projects) {
    const asked = tenant.projects.find(({ names }) => names.project === project.name)
    for (const service of await quotaServicesOf(operator)) {
      const object = quotaOf(project, service)
      const limits = asked === undefined ? {} : wantedOf(asked, service)
      await record(run, { stage: 'freeze', actor: 'operator', action: 'reset', object }, (session) =>
        restore(session, { step: 'freeze', name: object.name, service, projectId: project.id }, limits),
      )
    }
  }
}

async function restore(
  session: Session<'operator'>,
  quota: { readonly step: string; readonly name: string; readonly service: QuotaService; readonly projectId: string },
  limits: Readonly<Record<string, number>>,
): Promise<void> {
  await resetQuota(session, quota.service, quota.projectId)
  if (Object.keys(limits).length > 0) await setQuota(session, quota, limits)
}
