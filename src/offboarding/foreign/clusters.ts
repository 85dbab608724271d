import { hasService } from '../../openstack/has-service.ts'
import type { Finding } from '../../finding.ts'
import { listClusterTemplates } from '../../openstack/magnum/cluster-templates.ts'
import { listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import type { Dependents } from '../../tenant/dependents.ts'
import type { Reach } from '../reach.ts'
import type { TenantState } from '../tenant-state.ts'
import type { Names } from './names.ts'
import { foreignObject, sharedOut } from './sentences.ts'

/** Pure: clusters that live on a credential of the tenant, and clusters in its projects that live on somebody else's. */
export function judgeDependents(dependents: Dependents, tenantState: TenantState, names: Names): readonly Finding[] {
  if (dependents.kind === 'unreadable')
    return [
      {
        code: 'offboard/clusters-unreadable',
        severity: 'error',
        where: 'container-infra',
        message: `which clusters live on the accounts of the tenant could not be read: ${dependents.because}`,
        remedy: 'mend the domain admin of Magnum first: `audit` names what is wrong with it',
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
            message: `lives on the credential of \`${who}\`, who is not disabled before it is gone`,
            owner: 'operator',
          },
        ]
      if (isOurs)
        return [
          {
            code: 'offboard/owner-risk',
            severity: 'error',
            where,
            message: `of ${names(cluster.projectId)} lives on the credential of \`${who}\`, a user of the tenant: with that user it can neither heal nor be deleted cleanly`,
            remedy: `have it made anew by an account of its own tenant: openstack coe cluster show ${cluster.uuid}`,
            owner: 'operator',
          },
        ]
      // whoever is gone cannot mind
      if (user.name === undefined) return []
      return [
        {
          code: 'offboard/foreign-cluster',
          severity: 'error',
          where,
          message: `stands in ${names(cluster.projectId)} and was made by \`${who}\`, who is not of this tenant`,
          remedy: `ask \`${who}\` to delete it: openstack coe cluster delete ${cluster.uuid}`,
          owner: 'operator',
        },
      ]
    }),
  )
}

/** Templates of the tenant that others make clusters from: Magnum reads a template as long as its cluster stands. */
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
          `stands in ${names(project_id)} and was made from the tenant's template \`${templateOf(cluster_template_id) ?? ''}\``,
          `ask its owner to delete it: openstack coe cluster delete ${uuid}`,
        ),
      ),
  ]
}
