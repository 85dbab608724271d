import { hasService } from '../../openstack/has-service.ts'
import type { Finding } from '../../finding.ts'
import { listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import { listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import type { Dependents } from '../../tenant/dependents.ts'
import type { Reach } from '../reach.ts'
import type { TenantState } from '../tenant-state.ts'
import type { Names } from './names.ts'
import { foreignObject, sharedOut } from './sentences.ts'

/**
 * Pure: clusters that depend on a credential of the tenant, and clusters in its projects that depend on a foreign one.
 */
export function judgeDependents(dependents: Dependents, tenantState: TenantState, names: Names): readonly Finding[] {
  if (dependents.kind === 'unreadable')
    return [
      {
        code: 'offboard/clusters-unreadable',
        severity: 'error',
        where: 'container-infra',
        message: `cannot read which clusters depend on the accounts of the tenant: ${dependents.because}`,
        remedy: "repair Magnum's domain admin first: `audit` says what is wrong with it",
        owner: 'operator',
      },
    ]
  return dependents.owners.flatMap(({ user, clusters }) =>
    clusters.flatMap((cluster): readonly Finding[] => {
      const isOurs = tenantState.userIds.has(user.id)
      const isHere = tenantState.projectIds.has(cluster.projectId)
      const who = user.name ?? user.id
      const where = `cluster ${cluster.name}`
      if (isOurs && isHere)
        return [
          {
            code: 'offboard/owner-risk',
            severity: 'info',
            where,
            message: `uses the credential of \`${who}\`, who stays enabled until it is gone`,
            owner: 'operator',
          },
        ]
      if (isOurs)
        return [
          {
            code: 'offboard/owner-risk',
            severity: 'error',
            where,
            message: `of ${names(cluster.projectId)} uses the credential of \`${who}\`, a user of the tenant: without that user it can neither heal nor be deleted cleanly`,
            remedy: `have it made again by an account of its own tenant: openstack coe cluster show ${cluster.uuid}`,
            owner: 'operator',
          },
        ]
      // a user that no longer exists cannot object
      if (user.name === undefined) return []
      return [
        {
          code: 'offboard/foreign-cluster',
          severity: 'error',
          where,
          message: `is in ${names(cluster.projectId)} and was made by \`${who}\`, who is not of this tenant`,
          remedy: `ask \`${who}\` to delete it: openstack coe cluster delete ${cluster.uuid}`,
          owner: 'operator',
        },
      ]
    }),
  )
}

/**
 * Templates of the tenant that foreign clusters were made from: Magnum reads a template as long as its cluster exists.
 */
export async function findForeignUsersOfTemplates(
  { operator, tenantState }: Reach,
  names: Names,
): Promise<readonly Finding[]> {
  if (!(await hasService(operator, 'container-infra'))) return []
  const own = (await listClusterTemplates(operator)).filter(({ project_id }) => tenantState.projectIds.has(project_id))
  if (own.length === 0) return []
  const clusters = await listClustersInDetail(operator)
  const templateOf = (id: string): string | undefined => own.find(({ uuid }) => uuid === id)?.name ?? undefined
  return [
    ...own
      .filter((template) => template.public)
      .map(({ uuid, name }) =>
        sharedOut(
          `cluster template ${name ?? uuid}`,
          'it is public',
          `openstack coe cluster template update ${uuid} replace public=False`,
        ),
      ),
    ...clusters
      .filter(({ project_id, cluster_template_id }) => {
        return !tenantState.projectIds.has(project_id) && templateOf(cluster_template_id) !== undefined
      })
      .map(({ uuid, name, project_id, cluster_template_id }) =>
        foreignObject(
          `cluster ${name}`,
          `is in ${names(project_id)} and was made from the tenant's template \`${templateOf(cluster_template_id) ?? ''}\``,
          `ask its owner to delete it: openstack coe cluster delete ${uuid}`,
        ),
      ),
  ]
}
