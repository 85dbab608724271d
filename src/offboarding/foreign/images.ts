import { hasService } from '../../openstack/has-service.ts'
import type { Finding } from '../../finding.ts'
import { listImageMembers, listImages } from '../../openstack/glance.ts'
import { askForEach } from '../reach.ts'
import type { Reach } from '../reach.ts'
import type { Names } from './names.ts'
import { sharedOut } from './sentences.ts'

/** Images of the tenant that other tenants boot from. */
export async function findSharedImages(reach: Reach, names: Names): Promise<readonly Finding[]> {
  const { operator, tenantState } = reach
  if (!(await hasService(operator, 'image'))) return []
  const images = await askForEach(reach, async (owner) =>
    (await listImages(operator, { ...(reach.isWhole ? {} : { owner }), visibility: 'all' })).filter(
      (image) => image.owner === owner,
    ),
  )
  const each = images.map(async ({ id, name, visibility }): Promise<readonly Finding[]> => {
    const where = `image ${name ?? id}`
    if (visibility === 'public' || visibility === 'community')
      return [sharedOut(where, `it is ${visibility}`, `openstack image set --private ${id}`)]
    if (visibility !== 'shared') return []
    return (await listImageMembers(operator, id))
      .filter(({ member_id, status }) => !tenantState.projectIds.has(member_id) && status !== 'rejected')
      .map(({ member_id }) =>
        sharedOut(where, `${names(member_id)} is a member`, `openstack image remove project ${id} ${member_id}`),
      )
  })
  return (await Promise.all(each)).flat()
}
