import { get, send } from '../resource-requests.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'
import { number, object } from '../shape.ts'

const quota = object<{ readonly hard_limit: number }>({ hard_limit: number })

/** How many clusters a project may have. If none was set, the default of the cloud. */
export async function getClusterQuota(session: Session, projectId: string): Promise<number> {
  const path = `/quotas/${projectId}/Cluster`
  return (await get(session, { service: 'container-infra', path }, quota)).hard_limit
}

/** Sets it: Magnum creates (POST) or changes (PATCH), and 409 means that there is one. */
export async function updateClusterQuota(session: Session, projectId: string, hardLimit: number): Promise<number> {
  const body = { project_id: projectId, resource: 'Cluster', hard_limit: hardLimit }
  try {
    return (await send(session, { service: 'container-infra', method: 'POST', path: '/quotas', body }, quota))
      .hard_limit
  } catch (error) {
    if (refusalOf(error) !== 409) throw error
  }
  const path = `/quotas/${projectId}/Cluster`
  const request = { service: 'container-infra', method: 'PATCH', path, body, isRepeatable: true } as const
  return (await send(session, request, quota)).hard_limit
}

/** Back to the default of the cloud; 404 if none was set. */
export function deleteClusterQuota(session: Session, projectId: string): Promise<void> {
  return send(session, { service: 'container-infra', method: 'DELETE', path: `/quotas/${projectId}/Cluster` })
}
