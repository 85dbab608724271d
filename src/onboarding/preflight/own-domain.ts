import { findDomain, getDomainConfig } from '../../openstack/keystone/domains.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import type { Finding } from '../../finding.ts'
import { carriesMarker } from '../../tenant/names.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Readings } from './record.ts'

/** What preflight reads of the tenant's own domain, if it is there already. */
export async function readOwnDomain(
  tenant: Tenant,
  session: Session<'operator'>,
): Promise<Pick<Readings, 'hasForeignUsers' | 'ownProjects'> & { readonly unnamed: readonly Project[] }> {
  const domain = await findDomain(session, tenant.names.domain)
  if (domain === undefined) return { hasForeignUsers: false, ownProjects: new Map(), unnamed: [] }
  const { spec } = tenant
  const names = new Set(tenant.projects.map((project) => project.names.project))
  const [projects, config] = await Promise.all([
    listProjects(session, { domain_id: domain.id }),
    findDomainConfig(session, domain.id),
  ])
  return {
    hasForeignUsers: config !== undefined,
    ownProjects: new Map(projects.map((project) => [project.id, project.name])),
    unnamed: projects.filter(({ name, description }) => !names.has(name) && carriesMarker(spec.tenant, description)),
  }
}

/** Its accounts hold roles there still, so the gate of self-service would fail after every change. */
export function notInFile({ spec }: Tenant, { id, name }: Project, isHeldByTenant: boolean): Finding {
  return {
    code: 'preflight/project-not-in-file',
    severity: isHeldByTenant ? 'warning' : 'error',
    where: `project ${name}`,
    message: `carries our marker, and the file of ${spec.tenant} does not name it: it was removed from the file, or renamed there`,
    remedy: `to keep it, write it back into the file; to rename it, also do \`openstack project set --name NEW ${id}\`; to give it up, delete what it owns, then \`openstack project delete ${id}\`; \`offboard\` removes the whole tenant`,
    owner: 'operator',
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
