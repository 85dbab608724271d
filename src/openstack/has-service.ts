import { findEndpoint } from './catalog.ts'
import type { ServiceType } from './services.ts'
import type { Session } from './session.ts'

/** True if this cloud has the service. A missing service cannot leak, so its probes are left out. */
export async function hasService(session: Session, service: ServiceType): Promise<boolean> {
  const { catalog, projectId } = await session.token()
  return 'url' in findEndpoint(catalog, { service, interface: 'public', projectId })
}
