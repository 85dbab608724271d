import { get, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, number, numbers, object, objectsOf } from '../shape.ts'

/**
 * Limits by resource: `network`, `router`, `floatingip`, ...; -1 is unlimited. Neutron accepts any string as a project
 * here.
 */
export function getNetworkQuota(session: Session, projectId: string): Promise<Readonly<Record<string, number>>> {
  return get(session, { service: 'network', path: `/quotas/${projectId}` }, inside('quota', numbers))
}

export type NetworkUsage = { readonly limit: number; readonly used: number; readonly reserved: number }

export function getNetworkUsage(session: Session, projectId: string): Promise<Readonly<Record<string, NetworkUsage>>> {
  const usage = objectsOf(object<NetworkUsage>({ limit: number, used: number, reserved: number }))
  return get(session, { service: 'network', path: `/quotas/${projectId}/details.json` }, inside('quota', usage))
}

/** Changes only the named values. Neutron accepts a limit below the current use. */
export function updateNetworkQuota(
  session: Session,
  projectId: string,
  quota: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  return send(
    session,
    { service: 'network', method: 'PUT', path: `/quotas/${projectId}`, body: { quota } },
    inside('quota', numbers),
  )
}

/** Back to the defaults of the cloud; 404 if none was set. */
export function deleteNetworkQuota(session: Session, projectId: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/quotas/${projectId}` })
}
