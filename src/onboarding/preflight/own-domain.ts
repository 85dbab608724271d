import { findDomain, getDomainConfig } from '../../openstack/keystone/domains.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Readings } from './record.ts'

/** What preflight reads of the tenant's own domain, if it is there already. */
export async function readOwnDomain(
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
