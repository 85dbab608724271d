import { send } from '../resource-requests.ts'
import type { Session } from '../session.ts'

/** Of the first Magnum that can exchange the credential of a cluster: c85b9554, 2025.2. */
export const credentialMicroversion = 12

/**
 * Has the driver make a new credential in the name of the caller, who owns the cluster from then on, and remove the one before.
 * The answer (202) comes when it is done. magnum c85b9554, api/controllers/v1/credential.py; 400 where the driver has no
 * `rotate_credential`, which magnum-capi-helm has since 1.4.0.
 */
export function exchangeClusterCredential(session: Session, uuid: string): Promise<void> {
  return send(session, {
    service: 'container-infra',
    method: 'PATCH',
    path: `/credentials/${uuid}`,
    microversion: `1.${credentialMicroversion}`,
  })
}
