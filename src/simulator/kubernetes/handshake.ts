/**
 * What TLS would do before a request of `fetch` reaches the API of a cluster: each side checks the other's certificate.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { authorityOf } from '../services/magnum/authority.ts'
import { BrokenConnection } from '../delivery.ts'
import type { TlsIdentity } from '../../openstack/http.ts'
import type { Cluster } from '../state.ts'
import type { World } from '../world.ts'

/** The certificate of the client, if it has one. Throws like `fetch` if the client would close the connection. */
export function shakeHands(world: World, cluster: Cluster, identity: TlsIdentity | undefined): string | undefined {
  if (identity === undefined) throw untrusted()
  const own = new X509Certificate(authorityOf(world, cluster, 'ca').certificate)
  if (new X509Certificate(identity.ca).fingerprint256 !== own.fingerprint256) throw untrusted()
  // without one it is a client that nobody knows
  if (identity.certificate === undefined || identity.key === undefined) return undefined
  const certificate = new X509Certificate(identity.certificate)
  if (!certificate.checkPrivateKey(createPrivateKey(identity.key.reveal())))
    throw new BrokenConnection('key values mismatch', 'ERR_OSSL_X509_KEY_VALUES_MISMATCH')
  return identity.certificate
}

function untrusted(): BrokenConnection {
  return new BrokenConnection('unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
}
