import type { Endpoint } from '../openstack/options.ts'
import type { Finding } from '../finding.ts'
import { findDomain, getDomainConfig } from '../openstack/keystone/domains.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { Check } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { readCloud, wantsOf } from './cloud-readings.ts'
import type { ReadCloud } from './cloud-readings.ts'
import { SharedResources } from './shared-resources.ts'
import { judgeCatalog } from './preflight/catalog.ts'
import { judgeIdentity } from './preflight/identity.ts'
import { judgeMachines } from './preflight/machines.ts'
import { judgeNetwork } from './preflight/network.ts'
import type { Allotted } from './preflight/network.ts'
import { PreflightRecord } from './preflight/record.ts'
import type { Readings } from './preflight/record.ts'

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

export type PreflightOptions = {
  readonly endpoint: Endpoint
  readonly now: () => Date
  /** What is the same for every tenant, if a fleet has read it; read here if absent. */
  readonly readings?: ReadCloud | undefined
  /** Prefixes by project name, if they were allotted for a whole fleet. They overlap nothing. */
  readonly allotted?: Allotted | undefined
}

/** An `operator` session with a memory sends no request twice. */
export async function preflight(
  tenant: Tenant,
  operator: Session<'operator'>,
  options: PreflightOptions,
): Promise<Preflight> {
  const wants = wantsOf(tenant)
  const { session: snapshot, exchanges } = operator.recording()
  const read = options.readings ?? ((wanted) => readCloud(snapshot, wanted, options.now))
  const [cloud, own] = await Promise.all([read(wants), readOwn(tenant, snapshot)])
  const readings: Readings = { ...cloud, ...own }
  const record = new PreflightRecord(tenant)
  record.findings.push(...judgeCatalog(tenant, readings.token, options.endpoint))
  const identity = judgeIdentity(tenant, readings, record)
  const machines = wants.cluster ? judgeMachines(tenant, readings, record) : {}
  const network = wants.network
    ? await judgeNetwork(tenant, readings, record, snapshot, options.allotted ?? {})
    : { cidrs: {} }
  const asked = exchanges.map((exchange) => exchange.requestId).filter((id) => id !== undefined)
  const requestIds = [...new Set([...cloud.requestIds, ...asked])]
  const checks = record.checks.map((check) => ({ ...check, requestIds }))
  const isBuildable = !record.findings.some((finding) => finding.severity === 'error')
  const shared = new SharedResources({ ...identity, ...machines, ...network })
  return { shared, isBuildable, checks, findings: record.findings }
}

async function readOwn(
  tenant: Tenant,
  session: Session<'operator'>,
): Promise<Pick<Readings, 'hasForeignUsers' | 'ownProjects'>> {
  const domain = await findDomain(session, tenant.names.domain)
  if (domain === undefined) return { hasForeignUsers: false, ownProjects: new Map() }
  const [projects, config] = await Promise.all([
    listProjects(session, { domain_id: domain.id }),
    findDomainConfig(session, domain.id),
  ])
  return {
    hasForeignUsers: config !== undefined,
    ownProjects: new Map(projects.map((project) => [project.id, project.name])),
  }
}

/** A domain with its own driver keeps its users elsewhere (LDAP). Keystone answers 404 if it has none. */
async function findDomainConfig(session: Session<'operator'>, id: string): Promise<unknown> {
  try {
    return await getDomainConfig(session, id)
  } catch (error) {
    if (refusalOf(error) === 404 || refusalOf(error) === 403) return undefined
    throw error
  }
}
