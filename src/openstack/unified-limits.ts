/**
 * Limits of a project that a service takes from Keystone. Nova with `[quota] driver = nova.quota.UnifiedLimitsDriver` answers PUT
 * os-quota-sets with 200 and does nothing: nova 26.2.2, api/openstack/compute/quota_sets.py, `requested_quotas = []`
 * (docs/decisions/0181).
 */
import { CloudError } from '../errors.ts'
import { createLimits, deleteLimit, listLimits, listRegisteredLimits, updateLimit } from './keystone/limits.ts'
import type { Limit, RegisteredLimit } from './keystone/limits.ts'
import { quotaTable } from './quotas.ts'
import type { Limits, QuotaService } from './quotas.ts'
import { refusalOf } from './session.ts'
import type { Session } from './session.ts'

/** By key, what Keystone has registered for it in this region. Empty where the service keeps its own limits. */
export async function registeredOf(
  session: Session,
  service: QuotaService,
): Promise<ReadonlyMap<string, RegisteredLimit>> {
  const names = Object.entries(quotaTable[service].keys).flatMap(([key, { registeredAs }]) =>
    registeredAs === undefined ? [] : ([[key, registeredAs]] as const),
  )
  if (names.length === 0) return new Map()
  const all = await registered(session)
  const isHere = ({ region_id }: RegisteredLimit): boolean =>
    region_id === null || session.region === undefined || region_id === session.region
  return new Map(
    names.flatMap(([key, name]) => {
      const found = all.find((one) => one.resource_name === name && isHere(one))
      return found === undefined ? [] : ([[key, found]] as const)
    }),
  )
}

/**
 * Sets those of the limits that are registered. Throws the `CloudError` of a refusal; 409 where a limit exists that only an account
 * of the system sees.
 */
export async function setUnifiedLimits(
  session: Session,
  registered: ReadonlyMap<string, RegisteredLimit>,
  projectId: string,
  limits: Limits,
): Promise<void> {
  const { session: system, limits: existing } = await existingOf(session, registered, projectId)
  const missing = []
  for (const [key, row] of registered) {
    const limit = limits[key]
    if (limit === undefined) continue
    const known = existing.find((one) => isOf(row, one))
    if (known !== undefined) {
      const { resource_limit } = await updateLimit(system, known.id, limit)
      if (resource_limit === limit) continue
      // Keystone takes an update to 0 with a yes and leaves it: keystone 22.0.2, keystone/limit/backends/sql.py, update_limit
      await deleteLimit(system, known.id)
    }
    const { service_id, resource_name, region_id } = row
    const region = region_id === null ? {} : { region_id }
    missing.push({ service_id, resource_name, ...region, project_id: projectId, resource_limit: limit })
  }
  if (missing.length > 0) await createLimits(system, missing)
}

/** Back to what is registered for every project. */
export async function clearUnifiedLimits(session: Session, service: QuotaService, projectId: string): Promise<void> {
  const registered = await registeredOf(session, service)
  if (registered.size === 0) return
  const { session: system, limits } = await existingOf(session, registered, projectId)
  for (const { id } of limits) await deleteLimit(system, id)
}

/** A project shows an operator its own limits only, so they are read with the scope of the system, where the operator has it. */
async function existingOf(
  session: Session,
  registered: ReadonlyMap<string, RegisteredLimit>,
  projectId: string,
): Promise<{ readonly session: Session; readonly limits: readonly Limit[] }> {
  const system = await onSystem(session)
  const limits = await listLimits(system, { project_id: projectId })
  const rows = [...registered.values()]
  return { session: system, limits: limits.filter((one) => rows.some((row) => isOf(row, one))) }
}

async function onSystem(session: Session): Promise<Session> {
  if ((await session.token()).isSystem) return session
  try {
    return await session.rescoped({ kind: 'system' })
  } catch (error) {
    // no role on the system, or a credential that may not change its scope
    if (error instanceof CloudError && error.status !== undefined) return session
    throw error
  }
}

function isOf(row: RegisteredLimit, { service_id, resource_name, region_id }: Limit): boolean {
  return row.service_id === service_id && row.resource_name === resource_name && row.region_id === region_id
}

async function registered(session: Session): Promise<readonly RegisteredLimit[]> {
  try {
    return await listRegisteredLimits(session)
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return []
  }
}
