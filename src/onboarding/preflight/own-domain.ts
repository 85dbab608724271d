import { hasOwnDirectory } from '../../openstack/keystone/directories.ts'
import { findDomain } from '../../openstack/keystone/domains.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listProjects } from '../../openstack/keystone/projects.ts'
import { findUser, listUsers } from '../../openstack/keystone/users.ts'
import type { Finding } from '../../finding.ts'
import { carriesMarker } from '../../tenant/names.ts'
import type { Session } from '../../openstack/session.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Readings } from './record.ts'

/** What preflight reads of the tenant's own domain, if it is there already. */
export async function readOwnDomain(
  tenant: Tenant,
  session: Session<'operator'>,
): Promise<Pick<Readings, 'hasOwnDirectory' | 'ownProjects'> & { readonly unnamed: readonly Project[] }> {
  const domain = await findDomain(session, tenant.names.domain)
  if (domain === undefined) return { hasOwnDirectory: false, ownProjects: new Map(), unnamed: [] }
  const { spec } = tenant
  const names = new Set(tenant.projects.map((project) => project.names.project))
  const [projects, hasOwnDirectory] = await Promise.all([
    listProjects(session, { domain_id: domain.id }),
    hasOwnDirectoryOf(tenant, session, domain.id),
  ])
  return {
    hasOwnDirectory,
    ownProjects: new Map(projects.map((project) => [project.id, project.name])),
    unnamed: projects.filter(({ name, description }) => !names.has(name) && carriesMarker(spec.tenant, description)),
  }
}

/** The manager is looked for anyway; where it is, its id tells. */
async function hasOwnDirectoryOf({ names }: Tenant, session: Session<'operator'>, domainId: string): Promise<boolean> {
  const manager = await findUser(session, names.manager, domainId)
  const users = manager === undefined ? await listUsers(session, { domain_id: domainId }) : [manager]
  return hasOwnDirectory(session, domainId, users)
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
