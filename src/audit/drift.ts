/** What differs from the file of a tenant. */
import type { Finding } from '../finding.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { quotaServices, quotaTable } from '../openstack/quotas.ts'
import { serviceTable } from '../openstack/services.ts'
import type { Session } from '../openstack/session.ts'
import type { Quotas } from '../tenant/spec.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Holdings } from './holdings.ts'
import { reasonOf } from './inventory.ts'
import type { CloudInventory } from './inventory.ts'
import { unreadFinding } from './unmatched.ts'

export async function auditDrift(
  operator: Session,
  inventory: CloudInventory,
  holdings: Holdings,
  tenants: readonly Tenant[],
): Promise<readonly Finding[]> {
  return (await Promise.all(tenants.map((tenant) => driftOf(operator, inventory, holdings, tenant)))).flat()
}

async function driftOf(
  operator: Session,
  inventory: CloudInventory,
  holdings: Holdings,
  tenant: Tenant,
): Promise<readonly Finding[]> {
  const { names, spec } = tenant
  const domain = inventory.domains.find(({ name }) => name === names.domain)
  const apply = `tenant-onboard apply, with the file of ${spec.tenant}`
  if (domain === undefined) {
    const message = `tenant \`${spec.tenant}\` is not on this cloud`
    return [
      {
        code: 'audit/tenant-absent',
        severity: 'error',
        where: `domain ${names.domain}`,
        message,
        remedy: apply,
        owner: 'operator',
      },
    ]
  }
  const projects = holdings.projectsIn.get(domain.id) ?? []
  const users = holdings.usersIn.get(domain.id) ?? []
  const planned = new Set(tenant.projects.map((project) => project.names.project))
  const accounts = inventory.unreadDomains.has(domain.id) ? [] : [names.creator, names.automation]
  const absent = accounts.filter((name) => !users.some((user) => user.name === name))
  const quotas = tenant.projects.map(async (project) => {
    const found = projects.find(({ name }) => name === project.names.project)
    if (found !== undefined) return quotaDrift(operator, found, project.spec.quotas, apply)
    const message = `tenant \`${spec.tenant}\` has no project \`${project.names.project}\``
    const missing: Finding = {
      code: 'audit/project-absent',
      severity: 'error',
      where: `project ${project.names.project}`,
      message,
      remedy: apply,
      owner: 'tenant',
    }
    return [missing]
  })
  return [
    ...absent.map((name): Finding => {
      const message = `tenant \`${spec.tenant}\` has no account \`${name}\``
      return {
        code: 'audit/account-absent',
        severity: 'error',
        where: `user ${name}`,
        message,
        remedy: apply,
        owner: 'tenant',
      }
    }),
    ...projects
      .filter(({ name }) => !planned.has(name))
      .map(({ name }): Finding => ({
        code: 'audit/unplanned-project',
        severity: 'warning',
        where: `project ${name}`,
        message: `the manager of \`${spec.tenant}\` has added project \`${name}\`, which has the default quotas of the cloud`,
        remedy: `add it to the file of ${spec.tenant} with its quotas, and apply`,
        owner: 'operator',
      })),
    ...(await Promise.all(quotas)).flat(),
  ]
}

type Numbers = Readonly<Record<string, number | undefined>>

/** Reads only what the file names. */
async function quotaDrift(
  operator: Session,
  project: Project,
  quotas: Quotas,
  remedy: string,
): Promise<readonly Finding[]> {
  const { id, name } = project
  const found = await Promise.all(
    quotaServices.map(async (service): Promise<readonly Finding[]> => {
      const wanted = quotas[service]
      const { type, read } = quotaTable[service]
      if (wanted === undefined) return []
      const { label } = serviceTable[type]
      try {
        return differences(label, wanted, await read(operator, id)).map((difference) => ({
          code: 'audit/quota-drift',
          severity: 'warning',
          where: `project ${name}`,
          message: `project \`${name}\`: ${difference}`,
          remedy,
          owner: 'operator',
        }))
      } catch (error) {
        return [unreadFinding({ what: `the ${label} quota of project \`${name}\``, because: reasonOf(error) })]
      }
    }),
  )
  return found.flat()
}

function differences(service: string, wanted: Numbers, found: Numbers): readonly string[] {
  return Object.entries(wanted).flatMap(([key, value]) =>
    value === undefined || found[key] === value
      ? []
      : [`${service} quota ${key} is ${found[key] ?? 'not set'}, and the file says ${value}`],
  )
}
