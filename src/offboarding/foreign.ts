import type { Finding } from '../finding.ts'
import { readDependents } from '../tenant/dependents.ts'
import { findForeignUsersOfTemplates, judgeDependents } from './foreign/clusters.ts'
import { findForeignDelegations } from './foreign/delegations.ts'
import { findSharedImages } from './foreign/images.ts'
import { readNames } from './foreign/names.ts'
import { findForeignOnNetworks } from './foreign/network.ts'
import type { Reach } from './reach.ts'

/**
 * Other tenants' objects that would break, or that prevent the deletion of the tenant's. If one is at error level,
 * nothing is touched.
 */
export async function findForeign(reach: Reach): Promise<readonly Finding[]> {
  const { operator, tenantState } = reach
  const names = await readNames(operator)
  const dependents = await readDependents(operator, {
    userIds: [...tenantState.userIds],
    projectIds: [...tenantState.projectIds],
  })
  const each = await Promise.all([
    // if Magnum cannot list clusters, there is nothing more to ask it
    dependents.kind === 'read' ? findForeignUsersOfTemplates(reach, names) : [],
    findForeignOnNetworks(reach, names),
    findSharedImages(reach, names),
    findForeignDelegations(reach),
  ])
  return [...judgeDependents(dependents, tenantState, names), ...each.flat()]
}
