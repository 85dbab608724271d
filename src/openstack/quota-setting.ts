/** Sets a quota and reads it back: a service may take a limit with 200, and ignore it. Then its limits may be in Keystone. */
import { CloudError, StepError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { quotaTable, readLimits } from './quotas.ts'
import type { Limits, QuotaService } from './quotas.ts'
import { serviceTable } from './services.ts'
import type { Session } from './session.ts'
import { registeredOf, setUnifiedLimits } from './unified-limits.ts'

/** The service answered yes, and does not hold what it was given. */
export class IgnoredQuotaError extends StepError {
  readonly finding: Finding

  constructor(step: string, finding: Finding) {
    super(step, `${finding.message}; ${finding.remedy ?? ''}`)
    this.finding = finding
  }
}

type Quota = {
  readonly step: string
  /** In messages. */
  readonly name: string
  readonly service: QuotaService
  readonly projectId: string
}

/** Throws `IgnoredQuotaError` unless exactly these limits are read back. */
export async function setQuota(session: Session, quota: Quota, limits: Limits): Promise<Limits> {
  const done = await setAndRead(session, quota, limits)
  if (done.ignored.length === 0) return limits
  throw new IgnoredQuotaError(quota.step, ignoredFinding(quota, { ...done, limits }))
}

type SetAndRead = {
  /** What the service says afterwards. */
  readonly read: Limits
  /** Keys of which it says something else than was set. */
  readonly ignored: readonly string[]
  /** Absent: Keystone keeps no limits for this service. */
  readonly inKeystone?: { readonly unregistered: readonly string[]; readonly refused?: string }
}

/** In the service, and in Keystone where the service takes them from there. */
export async function setAndRead(
  session: Session,
  { service, projectId }: Pick<Quota, 'service' | 'projectId'>,
  limits: Limits,
): Promise<SetAndRead> {
  const { set } = quotaTable[service]
  const look = async (): Promise<Pick<SetAndRead, 'read' | 'ignored'>> => {
    const found = await readLimits(session, service, projectId)
    return { read: found, ignored: Object.keys(limits).filter((key) => found[key] !== limits[key]) }
  }
  await set(session, projectId, limits)
  const first = await look()
  if (first.ignored.length === 0) return first
  const registered = await registeredOf(session, service)
  if (registered.size === 0) return first
  const unregistered = first.ignored.filter((key) => !registered.has(key))
  try {
    await setUnifiedLimits(session, registered, projectId, limits)
  } catch (error) {
    if (!(error instanceof CloudError) || error.kind !== 'answer') throw error
    return { ...first, inKeystone: { unregistered, refused: error.message } }
  }
  return { ...(await look()), inKeystone: { unregistered } }
}

function ignoredFinding(
  { name, service }: Pick<Quota, 'name' | 'service'>,
  { limits, read, ignored, inKeystone }: SetAndRead & { readonly limits: Limits },
): Finding {
  const label = serviceTable[quotaTable[service].type].label
  const differs = ignored.map((key) => `${key} is ${read[key] ?? 'not shown'}, not ${limits[key] ?? ''}`).join(', ')
  const common = { code: 'quota/ignored', severity: 'error', where: `quota ${name}`, owner: 'operator' } as const
  const ignores = `${label} took the limits with a yes and ignores them: ${differs}`
  if (inKeystone === undefined)
    return { ...common, message: ignores, remedy: `look at the quota driver in the configuration of ${label}` }
  const { unregistered, refused } = inKeystone
  const missing = unregistered.length === 0 ? '' : `, which has none of ${unregistered.join(', ')} for a project`
  const no = refused === undefined ? '' : `; setting them there: ${refused}`
  const named = unregistered.flatMap((key) => quotaTable[service].keys[key]?.registeredAs ?? [])
  return {
    ...common,
    message: `${ignores}; it takes its limits from Keystone (unified limits)${missing}${no}`,
    remedy:
      refused !== undefined
        ? 'give the operator `admin` on the system (`openstack role add --system all`), which lists and changes limits'
        : named.length > 0
          ? `register ${named.join(', ')} (\`openstack registered limit create\`), and apply again`
          : 'leave these keys out of the tenant file: they are registered for the whole cloud alone',
  }
}
