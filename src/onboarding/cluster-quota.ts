/** Quotas of the file that leave no room for the cluster of the same file: only the driver would find out. */
import type { Finding } from '../finding.ts'
import { leastNeeds, projectNeeds, smallestMachine, sumOf } from '../openstack/magnum/cluster-needs.ts'
import type { ClusterShape } from '../openstack/magnum/cluster-needs.ts'
import { quotaServices } from '../openstack/quotas.ts'
import type { ProjectSpec } from '../tenant/spec.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { wantedOf } from './quota.ts'

/** `undefined` for a project without a cluster. */
export function shapeOf({ cluster, template }: ProjectSpec): ClusterShape | undefined {
  if (cluster === undefined) return undefined
  return {
    masters: cluster.master_count,
    workers: cluster.node_count,
    hasBalancer: template?.master_lb_enabled ?? true,
    hasFloatingIps: template?.floating_ip_enabled ?? true,
    hasOwnNetwork: template?.pin === 'off',
    labels: { ...template?.labels, ...cluster.labels },
  }
}

/** Pure: by the least that any driver takes, of the smallest machines. */
export function quotasBelowCluster({ projects }: Tenant): readonly Finding[] {
  return projects.flatMap((project): readonly Finding[] => {
    const shape = shapeOf(project.spec)
    if (shape === undefined) return []
    const needs = sumOf(projectNeeds(project.spec.network !== undefined), leastNeeds(shape, smallestMachine))
    const below = quotaServices.flatMap((service) =>
      Object.entries(wantedOf(project, service)).flatMap(([key, limit]) => {
        const needed = needs[service][key] ?? 0
        return limit >= 0 && limit < needed ? [`${service}.${key} ${limit}, needed ${needed}`] : []
      }),
    )
    if (below.length === 0) return []
    return [
      {
        code: 'plan/quota-below-cluster',
        severity: 'error',
        where: `project ${project.names.project}`,
        message: `its quota in the file has no room for its own network and cluster of ${shape.masters} masters and ${shape.workers} workers: ${below.join('; ')}`,
        remedy: 'raise these in the tenant file, or ask for a smaller cluster',
        owner: 'operator',
      },
    ]
  })
}
