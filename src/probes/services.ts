import { findEndpoint } from '../openstack/catalog.ts'
import type { ServiceType } from '../openstack/catalog.ts'
import type { Session } from '../openstack/session.ts'

/** Whether this cloud has the service. What it has not cannot leak, and its probes are left out. */
export async function hasService(session: Session, service: ServiceType): Promise<boolean> {
  const { catalog, projectId } = await session.token()
  return 'url' in findEndpoint(catalog, { service, interface: 'public', projectId })
}
