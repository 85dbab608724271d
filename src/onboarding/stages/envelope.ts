import { findProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { quotaTable } from '../../openstack/quotas.ts'
import type { Custody } from '../../tenant/custody.ts'
import type { Finding } from '../../finding.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { compareQuota, quotasOf } from '../quota.ts'
import type { Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { domainOf, domainStage } from './domain.ts'
import { projectOf } from './accounts.ts'

/*
 * What an operator still does for a tenant that holds its own credentials: the domain, and the quotas of the projects
 * that the tenant has made. It looks for the projects as the operator, and makes none.
 */

export const operatorStages: readonly Stage[] = [
  domainStage,
  {
    name: 'self-service',
    resources: (tenant) =>
      tenant.projects.flatMap((project) => {
        const seen = seenProject(tenant, project)
        return [seen, ...quotasOf(project, seen)]
      }),
    gates: [
      {
        name: 'complete',
        async check({ tenant, known, read }) {
          for (const project of tenant.projects) {
            const seen = seenProject(tenant, project)
            const standing = known.get(seen)
            if (standing === undefined) continue
            for (const { id, service, wanted, name } of quotasOf(project, seen)) {
              const quota = await read({ actor: 'operator' }, (session) =>
                quotaTable[service].read(session, standing.id),
              )
              const { found, isAsAsked } = compareQuota(wanted, quota.value)
              quota.about({ id }).claim(`${name} is as in the tenant file`, isAsAsked, found, 'tenant could')
            }
          }
        },
      },
    ],
  },
]

function seenProject(tenant: Tenant, project: TenantProject): Resource<Project, 'operator'> {
  const { id, stage, kind, name } = projectOf(tenant, project)
  const domain = domainOf(tenant)
  return {
    id,
    stage,
    kind,
    name,
    identity: { actor: 'operator' },
    isExternal: true,
    inside: [domain.id],
    needs: [],
    async observe({ session, known }) {
      const found = await findProject(session, name, known.need(domain).id)
      return found === undefined ? [] : [found]
    },
    compare: () => ({ isOurs: true, changes: [] }),
    create: () => Promise.reject(new Error('an operator makes no project of a tenant')),
  }
}

/** Shown in every plan of such a tenant, so that a resource that was not looked at does not pass as correct. */
export function heldFinding(tenant: Tenant, { at, recipient }: Custody & { readonly kind: 'handed over' }): Finding {
  return {
    code: 'plan/held-by-the-tenant',
    severity: 'info',
    where: `tenant ${tenant.spec.tenant}`,
    message: `holds its own credentials since ${at.slice(0, 10)} (${recipient}): only the domain and the quotas are checked, not accounts, networks, templates and clusters`,
    remedy: 'the tenant makes and checks its own side with `accept`',
    owner: 'tenant',
  }
}
