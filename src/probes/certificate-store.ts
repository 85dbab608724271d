import { createStoredSecret, deleteStoredSecret, getStoredPayload, listStoredSecrets } from '../openstack/barbican.ts'
import type { Session } from '../openstack/session.ts'
import type { Attempt } from './attempt.ts'
import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { Reading } from './reading.ts'
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
  const family = new Family('certificate-store')
  const common = {
    as: { session: operator, who: 'operator', actor: 'operator' },
    whom: 'a throwaway secret',
    rule: 'key-manager',
    expected: 'allowed',
    see: storeFailure,
    otherwise: {
      code: 'cloud/certificate-store',
      remedy:
        "read the log of barbican-api, which alone has Vault's error; `tenant-onboard diagnose` knows the usual causes",
    },
  } as const
  const name = throwaways.name('secret')
  const { payload } = throwaways
  let id = ''
  const { value: kept } = await family.check({
    ...common,
    id: 'store',
    claim: 'the certificate store keeps a secret and gives it back',
    ask: async (session) => {
      id = await throwaways.make({
        kind: 'secret',
        name,
        create: () => createStoredSecret(session, { name, payload }),
        find: async () => (await listStoredSecrets(operator, { name }))[0]?.id,
        remove: (made) => deleteStoredSecret(operator, made),
      })
      return getStoredPayload(session, id)
    },
    effect: (tried) => Promise.resolve(tried.kind === 'answered' && tried.value.reveal() === payload.reveal()),
  })
  if (kept === undefined) return family.results()
  // Magnum deletes them with the cluster; if this fails, the removal at the end tries again
  const { tried: deleted } = await family.check({
    ...common,
    id: 'delete',
    claim: 'the certificate store deletes a secret on request',
    ask: (session) => deleteStoredSecret(session, id),
  })
  if (deleted.kind === 'answered') throwaways.gone(name)
  return family.results()
}

/**
 * Elsewhere a 500 is inconclusive. Here it is a refusal if Barbican reports an error of its store: barbican 15.0.1,
 * common/exception.py, BarbicanHTTPException.
 */
function storeFailure(tried: Attempt<unknown>): Reading | undefined {
  const isStoreFailure =
    tried.kind === 'unanswered' && /failure seen - please contact site administrator/i.test(tried.message)
  return isStoreFailure ? { observed: 'refused', detail: tried.message } : undefined
}
