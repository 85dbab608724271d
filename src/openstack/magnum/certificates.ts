import { get, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { object, text } from '../shape.ts'

const certificate = object<{ readonly pem: string }>({ pem: text })

/** The CA of a cluster, PEM. */
export async function getClusterCa(session: Session, clusterUuid: string): Promise<string> {
  const path = `/certificates/${clusterUuid}`
  return (await get(session, { service: 'container-infra', path }, certificate)).pem
}

/** Has a certificate request (PEM) signed by the cluster's CA. Its key stays here. */
export async function signCertificate(session: Session, clusterUuid: string, csr: string): Promise<string> {
  const body = { cluster_uuid: clusterUuid, csr }
  return (await send(session, { service: 'container-infra', method: 'POST', path: '/certificates', body }, certificate))
    .pem
}
