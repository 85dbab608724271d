/** Quotas of the file that are below what is in use: set or not, they are not as asked. */
import type { Finding } from '../finding.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import { quotaServices, quotaTable } from '../openstack/quotas.ts'
import type { Limits, QuotaService, Usage } from '../openstack/quotas.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { wantedOf } from './quota.ts'

/** Reads as the operator. `domainId`: of the tenant. */
export async function quotasBelowUse(
  tenant: Tenant,
  operator: Session<'operator'>,
  domainId: string,
): Promise<readonly Finding[]> {
  const standing = await listProjects(operator, { domain_id: domainId })
  const named = tenant.projects.flatMap((project) => {
    const found = standing.find(({ name }) => name === project.names.project)
    return found === undefined ? [] : [{ project, id: found.id }]
  })
  const used = await Promise.all(
    named.flatMap(({ project, id }) =>
      quotaServices.map((service) => useAbove(operator, { service, wanted: wantedOf(project, service), id, project })),
    ),
  )
  return used.flat()
}

type QuotaUse = {
  readonly service: QuotaService
  readonly wanted: Limits
  readonly id: string
  readonly project: { readonly names: { readonly project: string } }
}

async function useAbove(operator: Session<'operator'>, quota: QuotaUse): Promise<readonly Finding[]> {
  const { service, wanted, id, project } = quota
  if (Object.keys(wanted).length === 0) return []
  const where = `project ${project.names.project}`
  const used = await usageOf(operator, service, id)
  if (used === undefined)
    return [
      {
        code: 'plan/use-unread',
        severity: 'warning',
        where,
        message: `the use of its ${service} quota could not be read, so it may be above the file`,
        owner: 'operator',
      },
    ]
  const above = keysAbove(wanted, used)
  if (above.length === 0) return []
  return [
    {
      code: 'plan/quota-below-use',
      severity: 'error',
      where,
      message: `its ${service} quota in the file is below what is in use: ${above.join(', ')}; ${accepts[service]}`,
      remedy: 'write at least the use into the tenant file, or have the tenant delete what is too much, and plan again',
      owner: 'operator',
    },
  ]
}

/** The keys whose limit is below their use, with both. */
function keysAbove(wanted: Limits, used: Readonly<Record<string, Usage>>): readonly string[] {
  return Object.entries(wanted).flatMap(([key, limit]) => {
    const usage = used[key]
    const sum = usage === undefined ? 0 : usage.used + usage.reserved
    return limit >= 0 && sum > limit ? [`${key} ${limit}, in use ${sum}`] : []
  })
}

/**
 * nova 26.2.2, api/openstack/compute/quota_sets.py, `_validate_quota_limit`; cinder 21.3.1, api/contrib/quotas.py, update;
 * neutron 21.0.0, extensions/quotasv2.py, `check_limit`; octavia, api/v2/controllers/quotas.py; magnum, api/controllers/v1/quota.py.
 */
const accepts: Readonly<Record<QuotaService, string>> = {
  compute: 'Nova refuses such a limit',
  network: 'Neutron takes such a limit, and nothing more can be made',
  block_storage: 'Cinder refuses such a limit where one was set before',
  load_balancer: 'Octavia takes such a limit, and nothing more can be made',
  container_infra: 'Magnum takes such a limit, and nothing more can be made',
}

async function usageOf(
  operator: Session<'operator'>,
  service: QuotaService,
  id: string,
): Promise<Readonly<Record<string, Usage>> | undefined> {
  try {
    return await quotaTable[service].usage(operator, id)
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return undefined
  }
}
