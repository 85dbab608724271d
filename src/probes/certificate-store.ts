import { createStoredSecret, deleteStoredSecret, getStoredPayload, listStoredSecrets } from '../openstack/barbican.ts'
import type { Session } from '../openstack/session.ts'
import { Secret } from '../secret.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'
import type { Throwaways } from './throwaway/throwaways.ts'

/**
 * Magnum keeps the certificates of a cluster in Barbican, as its own service user. So a store that fails makes every
 * cluster of every tenant fail, and shows nothing but `Failed to create certificates for Cluster`. A cloud without a
 * key manager keeps them elsewhere, and there is nothing to probe.
 */
export async function probeCertificateStore(
  operator: Session,
  throwaways: Throwaways,
): Promise<readonly ProbeResult[]> {
  const { catalog } = await operator.token()
  if (!catalog.some(({ type }) => type === 'key-manager')) return []
  const name = throwaways.name('secret')
  const payload = throwaways.run.id
  let id = ''
  const tried = await attempt(operator, async (session) => {
    id = await throwaways.make({
      kind: 'secret',
      name,
      create: () => createStoredSecret(session, { name, payload: new Secret(payload) }),
      find: async () => (await listStoredSecrets(operator, { name }))[0]?.id,
      remove: (made) => deleteStoredSecret(operator, made),
    })
    return getStoredPayload(session, id)
  })
  const isKept = tried.kind === 'answered' ? tried.value.reveal() === payload : undefined
  const stored = conclude(storeClaim, byStore(tried, isKept))
  if (tried.kind !== 'answered') return [stored]
  // Magnum deletes them with the cluster; if this fails, the removal at the end tries again
  const deleted = await attempt(operator, (session) => deleteStoredSecret(session, id))
  if (deleted.kind === 'answered') throwaways.gone(name)
  return [stored, conclude(deleteClaim, byStore(deleted, deleted.kind === 'answered'))]
}

/**
 * Elsewhere a 500 is inconclusive. Here it is a refusal if Barbican reports an error of its store: barbican 15.0.1,
 * common/exception.py, BarbicanHTTPException.
 */
function byStore(tried: Attempt<unknown>, effect: boolean | undefined): Seen {
  const isStoreFailure =
    tried.kind === 'unanswered' && /failure seen - please contact site administrator/i.test(tried.message)
  if (isStoreFailure) return { observed: 'refused', detail: tried.message, requestIds: tried.requestIds }
  return byEffect(tried, effect)
}

const storeClaim: Claim = {
  id: 'certificate-store/store',
  family: 'certificate-store',
  claim: 'the certificate store keeps a secret and gives it back',
  who: 'operator',
  whom: 'a throwaway secret',
  expected: 'allowed',
  actor: 'operator',
  reach: 'perimeter',
  otherwise: {
    code: 'cloud/certificate-store',
    severity: 'error',
    where: 'key-manager',
    remedy:
      "read the log of barbican-api, which alone has Vault's error; `tenant-onboard diagnose` knows the usual causes",
    owner: 'operator',
  },
}

const deleteClaim: Claim = {
  ...storeClaim,
  id: 'certificate-store/delete',
  claim: 'the certificate store deletes a secret on request',
}
