import { findEndpoint } from './catalog.ts'
import type { ServiceType } from './services.ts'
import type { Session } from './session.ts'

/** Whether this cloud has the service. What it has not cannot leak, and its probes are left out. */
export async function hasService(session: Session, service: ServiceType): Promise<boolean> {
  const { catalog, projectId } = await session.token()
  return 'url' in findEndpoint(catalog, { service, interface: 'public', projectId })
}
