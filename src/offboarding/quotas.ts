/** Quotas of a tenant that is being offboarded: limited to what is in use, restored, or reset. */
import { hasService } from '../openstack/has-service.ts'
import { quotaServices, quotaTable, readLimits } from '../openstack/quotas.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import { setAndRead } from '../openstack/quota-setting.ts'
import { clearUnifiedLimits } from '../openstack/unified-limits.ts'
import { serviceTable } from '../openstack/services.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'

type Operator = Session<'operator'>

/** Its name in the evidence. */
export function quotaOf(
  { id, name }: { readonly id: string; readonly name: string },
  service: QuotaService,
): { readonly kind: string; readonly name: string; readonly id: string } {
  return { kind: 'quota', name: `${serviceTable[quotaTable[service].type].label} of ${name}`, id }
}

/** The services of this cloud that have quotas. */
export async function quotaServicesOf(operator: Operator): Promise<readonly QuotaService[]> {
  const there = await Promise.all(quotaServices.map((service) => hasService(operator, quotaTable[service].type)))
  return quotaServices.filter((_, index) => there[index])
}

/** The quotas that bound growth, limited to what is in use now. Quotas per user (keypairs) are left alone. */
async function limitsInUse(operator: Operator, service: QuotaService, projectId: string): Promise<Limits> {
  const { keys, usage } = quotaTable[service]
  const found = await usage(operator, projectId)
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, { used }]) => (keys[key]?.boundsGrowth === true ? [[key, used]] : [])),
  )
}

/**
 * `operator`: a session with a memory. Where a service tells use and limit in one answer, it is asked once. What another list tells
 * is asked every time, because setting a limit does not make that list old.
 */
async function readUse(
  operator: Operator,
  service: QuotaService,
  projectId: string,
): Promise<{ readonly limits: Limits; readonly now: Limits }> {
  const counting = quotaTable[service].tellsLimits ? operator : operator.asking()
  const [limits, now] = await Promise.all([
    limitsInUse(counting, service, projectId),
    readLimits(operator, service, projectId),
  ])
  return { limits, now }
}

/** A stack that is being made continues to make things between the reading and the setting. */
const attempts = 5

/**
 * True if something had to be set. Nova accepts no limit below what is in use (400; nova 26.2.2,
 * nova/api/openstack/compute/quota_sets.py, `_validate_quota_limit`), so the use is read again after such an answer.
 */
export async function limitToUse(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await limitOnce(operator, service, projectId)
    } catch (error) {
      if (refusalOf(error) !== 400 || attempt === attempts) throw error
    }
  }
}

async function limitOnce(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  const { limits, now } = await readUse(operator, service, projectId)
  const wanted = Object.fromEntries(Object.entries(limits).filter(([key, limit]) => now[key] !== limit))
  if (Object.keys(wanted).length === 0) return false
  // whether it holds is read by the gate of the freeze
  await setAndRead(operator, { service, projectId }, wanted)
  return true
}

/** The keys that leave room to grow. */
export async function readRoom(
  operator: Operator,
  service: QuotaService,
  projectId: string,
): Promise<readonly string[]> {
  const { limits: used, now } = await readUse(operator, service, projectId)
  return Object.entries(used).flatMap(([key, use]) => {
    const limit = now[key]
    return limit === undefined || limit === -1 || limit > use ? [key] : []
  })
}

/** True if one had been set. */
export async function resetQuota(operator: Operator, service: QuotaService, projectId: string): Promise<boolean> {
  await clearUnifiedLimits(operator, service, projectId)
  try {
    await quotaTable[service].reset(operator, projectId)
    return true
  } catch (error) {
    if (refusalOf(error) === 404) return false
    throw error
  }
}
