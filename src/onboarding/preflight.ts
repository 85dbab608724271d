import { isBlocked } from '../finding.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import type { Finding } from '../finding.ts'
import type { Session } from '../openstack/session.ts'
import type { Check } from '../tenant/stage.ts'
import { readCloud, wantsOf } from './cloud-readings.ts'
import { SharedResources } from './shared-resources.ts'
import { judgeCatalog } from './preflight/catalog.ts'
import { judgeIdentity } from './preflight/identity.ts'
import { judgeMachines } from './preflight/machines.ts'
import { judgeNetwork } from './preflight/network.ts'
import { notInFile, readOwnDomain } from './preflight/own-domain.ts'
import { PreflightRecord } from './preflight/record.ts'
import type { Readings } from './preflight/record.ts'
import type { OperatorContext } from './run.ts'

/*
 * Does the cloud have what the tenant needs? Reads by the operator, and choices made from them. Changes nothing. The
 * probes decide whether the policy works (src/probes/).
 */

export type Preflight = {
  readonly shared: SharedResources
  /** True if everything that a tenant needs is there; `findings` says what is missing. */
  readonly isBuildable: boolean
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
}

/** An `operator` session with a memory sends no request twice. */
export async function preflight(context: OperatorContext, operator: Session<'operator'>): Promise<Preflight> {
  const { tenant, clock, endpoint, allotted } = context
  const wants = wantsOf(tenant)
  const { session, exchanges } = operator.recording()
  const read = context.readings ?? ((wanted) => readCloud(session, wanted, clock.now))
  const [cloud, own] = await Promise.all([read(wants), readOwnDomain(tenant, session)])
  const { unnamed, ...domain } = own
  const readings: Readings = { ...cloud, ...domain }
  const record = new PreflightRecord(tenant)
  record.findings.push(...judgeCatalog(tenant, readings.token, endpoint))
  const isHeldByTenant = context.custody.kind === 'handed over'
  record.findings.push(...unnamed.map((project) => notInFile(tenant, project, isHeldByTenant)))
  const identity = judgeIdentity(tenant, readings, record)
  const machines = wants.cluster ? judgeMachines(tenant, readings, record) : {}
  const network = wants.network ? await judgeNetwork({ tenant, readings, record, session, allotted }) : { cidrs: {} }
  const asked = requestIdsOf(exchanges)
  const requestIds = [...new Set([...cloud.requestIds, ...asked])]
  const checks = record.checks.map((check) => ({ ...check, requestIds }))
  const isBuildable = !isBlocked(record.findings)
  const shared = new SharedResources({ ...identity, ...machines, ...network })
  return { shared, isBuildable, checks, findings: record.findings }
}
