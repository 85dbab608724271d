/** Sets a quota and reads it back: a service may take a limit with 200, and ignore it. */
import { StepError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { listRegisteredLimits } from './keystone/limits.ts'
import type { RegisteredLimit } from './keystone/limits.ts'
import { quotaTable } from './quotas.ts'
import type { Limits, QuotaService } from './quotas.ts'
import { serviceTable } from './services.ts'
import { refusalOf } from './session.ts'
import type { Session } from './session.ts'

/** The service answered yes, and does not hold what it was given. */
export class IgnoredQuotaError extends StepError {
  readonly finding: Finding

  constructor(step: string, finding: Finding) {
    super(step, `${finding.message}; ${finding.remedy ?? ''}`)
    this.finding = finding
  }
}

/** `quota`: its name in messages. Throws `IgnoredQuotaError` unless exactly these limits are read back. */
export async function setQuota(
  session: Session,
  quota: { readonly step: string; readonly name: string; readonly service: QuotaService; readonly projectId: string },
  limits: Limits,
): Promise<Limits> {
  const { step, service, projectId } = quota
  await quotaTable[service].set(session, projectId, limits)
  const read = await quotaTable[service].read(session, projectId)
  const ignored = Object.keys(limits).filter((key) => read[key] !== limits[key])
  if (ignored.length === 0) return limits
  throw new IgnoredQuotaError(step, await ignoredFinding(session, quota, { limits, read, ignored }))
}

async function ignoredFinding(
  session: Session,
  { name, service, projectId }: { readonly name: string; readonly service: QuotaService; readonly projectId: string },
  { limits, read, ignored }: { readonly limits: Limits; readonly read: Limits; readonly ignored: readonly string[] },
): Promise<Finding> {
  const label = serviceTable[quotaTable[service].type].label
  const differs = ignored.map((key) => `${key} is ${read[key] ?? 'not shown'}, not ${limits[key] ?? ''}`).join(', ')
  const common = { code: 'quota/ignored', severity: 'error', where: `quota ${name}`, owner: 'operator' } as const
  const registered = await registeredOf(session)
  const names = ignored.flatMap((key) => unifiedNames[service]?.[key] ?? [])
  if (registered === undefined || !registered.some((one) => names.includes(one.resource_name)))
    return {
      ...common,
      message: `${label} took the limits with a yes and ignores them: ${differs}`,
      remedy: `look at the quota driver in the configuration of ${label}`,
    }
  const missing = names.filter((one) => !registered.some(({ resource_name }) => resource_name === one))
  const unregistered = missing.length === 0 ? '' : `; not registered, which ${label} counts as 0: ${missing.join(', ')}`
  const commands = ignored.flatMap((key) => {
    const resource = unifiedNames[service]?.[key]
    const row = registered.find(({ resource_name }) => resource_name === resource)
    if (resource === undefined || row === undefined) return []
    const what = `--service ${row.service_id} --project ${projectId} --resource-limit ${limits[key] ?? 0}`
    return [`openstack limit create ${what} ${resource}`]
  })
  return {
    ...common,
    message: `${label} took the limits with a yes and ignores them: ${differs}; it keeps its limits in Keystone (unified limits)${unregistered}`,
    remedy: `set them there, and apply again (\`openstack limit set\` where one exists): ${commands.join('; ')}`,
  }
}

/**
 * What a service with unified limits calls its quotas. nova 26.2.2, nova/limit/placement.py, LEGACY_LIMITS; its other quotas
 * (nova/limit/local.py) are registered for the whole cloud and not for a project. PUT os-quota-sets does nothing then:
 * nova/api/openstack/compute/quota_sets.py, `requested_quotas = []`. Neutron 21, Cinder 21 and Octavia have no such driver.
 */
const unifiedNames: Readonly<Partial<Record<QuotaService, Readonly<Record<string, string>>>>> = {
  compute: { instances: 'servers', cores: 'class:VCPU', ram: 'class:MEMORY_MB' },
}

async function registeredOf(session: Session): Promise<readonly RegisteredLimit[] | undefined> {
  try {
    return await listRegisteredLimits(session)
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return undefined
  }
}
