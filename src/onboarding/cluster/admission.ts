/**
 * The kubeconfig of a cluster: our own key, signed by the cluster's CA through Magnum, in a 0600 file of the data
 * directory.
 */
import {
  certificateRequest,
  generateClientKey,
  isClientKey,
  judgeCertificate,
} from '../../kubernetes/client-certificate.ts'
import { parseKubeconfig, renderKubeconfig } from '../../kubernetes/kubeconfig.ts'
import type { Kubeconfig } from '../../kubernetes/kubeconfig.ts'
import { getClusterCa, signCertificate } from '../../openstack/magnum/certificates.ts'
import { Secret } from '../../secret.ts'
import { secretNames } from '../../tenant/sessions.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

/** A certificate with less than this left to live is replaced. Magnum gives five years. */
const renewalMs = 30 * 24 * 3600 * 1000

/** The stored one while it is valid. `undefined` if Magnum's answer cannot be used, which is then claimed. */
export async function admit(
  { read, secrets, clock }: GateContext,
  { project, owner, uuid, name, resource }: ClusterSubject,
  address: string,
): Promise<Kubeconfig | undefined> {
  const { identity } = owner
  const file = secretNames.kubeconfig(project)
  const ca = await read(identity, (session) => getClusterCa(session, uuid))
  const until = new Date(clock.now().getTime() + renewalMs)
  const text = await secrets.read(file)
  const stored = text === undefined ? undefined : parseKubeconfig(text)
  const judge = ({ identity: { certificate, key } }: Kubeconfig) => judgeCertificate(certificate, key, ca.value, until)
  const claim = `the kubeconfig of ${name} is signed by its CA`
  const value = (config: Kubeconfig, because: string, expires: string) => ({
    path: secrets.pathOf(file),
    address: config.address,
    because,
    expires,
  })
  if (stored?.address === address) {
    const { isUsable, because, expires } = judge(stored)
    if (isUsable) {
      ca.about(resource).claim(claim, true, value(stored, because, expires))
      return stored
    }
  }
  clock.note(`asking for a certificate of ${name}`)
  // on disk before Magnum signs it; a damaged one is replaced, because any key will do
  const key = await secrets.ensure(secretNames.clusterKey(project), generateClientKey, (own) =>
    isClientKey(new Secret(own)),
  )
  const csr = await certificateRequest(key)
  const signed = await read(identity, (session) => signCertificate(session, uuid, csr))
  const config = { cluster: name, address, identity: { ca: ca.value, certificate: signed.value, key } }
  const { isUsable, because, expires } = judge(config)
  if (isUsable) await secrets.write(file, renderKubeconfig(config))
  signed.about(resource).claim(claim, isUsable, value(config, because, expires))
  return isUsable ? config : undefined
}
