import { messageOf } from '../../probes/attempt.ts'
import { getClusterCa } from '../../openstack/magnum/certificates.ts'
import { probeCertificateStore } from '../../probes/certificate-store.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import { CloudError, StopError } from '../../errors.ts'
import type { ServiceLog } from '../../logs/log.ts'
import { printable } from '../../openstack/printable.ts'
import { isSealed, readVault } from '../vault/reading.ts'
import type { Binding } from '../vault/reading.ts'
import type { VaultState } from '../vault/cause.ts'
import type { StoreFailure } from '../vault/suspect.ts'
import { clusters } from './clusters.ts'
import { signedIn } from './identities.ts'

export type Store = {
  /** What is wrong with it, if anything. */
  readonly failure: StoreFailure | 'does not answer' | undefined
  readonly message: string
  readonly requestIds: readonly string[]
}

/**
 * Magnum stores certificates as its own service account, so the operator's test secret meets the same fate as every
 * tenant's certificates. Each failing try may be a refused sign-in of Barbican, and Vault locks a role out after five of
 * them: so it is sent once, and not again after a probe of the same run has failed.
 */
export const certificateStore = experiment<Store>(
  'certificate-store',
  'does Barbican keep a secret and give it back?',
  async (on, notes) => {
    const { failedStore } = on.subject.symptom
    if (failedStore !== undefined) {
      notes.saw(`a throwaway secret, earlier in this run: ${failedStore.message}`, failedStore.requestIds)
      return { ...failedStore, failure: failureOf(failedStore.message) }
    }
    const { session, exchanges } = on.subject.operator.recording()
    const [result] = await probeCertificateStore(session, on.throwaways)
    if (result === undefined) throw new Inapplicable('this cloud has no key manager')
    notes.saw(`a throwaway secret: ${result.detail}`, result.requestIds)
    const { detail: message, requestIds } = result
    if (result.observed === 'allowed') return { failure: undefined, message, requestIds }
    const sent = exchanges.findLast(({ service, method }) => service === 'key-manager' && method === 'POST')
    const isRefused = sent?.error?.includes('got no answer (unreachable)') === true
    if (isRefused || [502, 503, 504].includes(sent?.status ?? 0))
      return { failure: 'does not answer', message, requestIds }
    // any other answer from before Barbican says nothing about the store
    if (sent?.status === undefined || sent.status === 401)
      throw new Unasked(`Barbican's answer does not show whether it stores: ${message}`)
    return { failure: failureOf(message), message, requestIds }
  },
)

/** barbican 15.0.1, common/exception.py: `Secret creation failure seen`, `Secret payload retrieval failure seen`. */
function failureOf(message: string): StoreFailure {
  return /retrieval failure seen/i.test(message) ? 'keeps nothing' : 'refuses'
}

export type OwnCertificate = { readonly cluster: string; readonly isLost: boolean; readonly message: string }

/** Asked only while the store works: a sign-in of Barbican that Vault refuses counts towards a lockout. */
export const ownCertificates = experiment<readonly OwnCertificate[]>(
  'own-certificates',
  'does Barbican give back the certificates of the clusters?',
  async (on, notes) => {
    const complete = (await need(on, clusters)).filter(({ cluster }) => cluster.status.endsWith('_COMPLETE'))
    return Promise.all(
      complete.map(async ({ cluster: { name, uuid }, project }): Promise<OwnCertificate> => {
        const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
        if (creator === undefined)
          throw new Unasked(`only its project can read the CA of ${name}, and nobody of it signs in here`)
        const tried = await notes.attempt(creator, (session) => getClusterCa(session, uuid))
        const message = messageOf(tried)
        notes.saw(`the CA of cluster ${name}: ${message}`, tried.requestIds)
        const isLost = tried.kind === 'unanswered' && /retrieval failure seen|could not be found/i.test(message)
        if (tried.kind !== 'answered' && !isLost) throw new Unasked(`the CA of ${name}: ${message}`)
        return { cluster: name, isLost, message }
      }),
    )
  },
)

/**
 * The error of Barbican's store, from its log, because the answer does not have it. barbican 15.0.1,
 * plugin/castellan_secret_store.py; plugin/interface/secret_store.py, SecretGeneralException
 */
export const barbicanReason = experiment<string>(
  'barbican-log',
  'what does the log of Barbican say about that?',
  async (on, notes) => {
    const { requestIds } = await need(on, certificateStore)
    const { barbicanLog } = on.subject
    if (barbicanLog === undefined) throw new Unasked('no log of barbican-api was given')
    const log = (await readLog(barbicanLog)).join('\n')
    // the traceback has no id, and directly follows the line that has it
    const at = Math.max(...requestIds.map((id) => log.indexOf(id)))
    const [, reason] =
      /(?:Problem seen during crypto processing - Reason|Error storing secret|Error retrieving secret [^ :]*): (.*)/.exec(
        at < 0 ? '' : log.slice(at),
      ) ?? []
    if (reason === undefined) throw new Unasked('the log of barbican-api does not have this request')
    const message = printable(reason)
    notes.saw(`the log of barbican-api: ${message}`, requestIds)
    return message
  },
)

async function readLog(log: ServiceLog): Promise<readonly string[]> {
  try {
    return await log.read()
  } catch (error) {
    if (error instanceof StopError) throw new Unasked(error.message)
    throw error
  }
}

/** Vault's own view of Barbican's way in. Uses and changes nothing. */
export const vaultState = experiment<VaultState>(
  'vault',
  'is Vault unsealed, and may Barbican sign in to it?',
  async (on, notes) => {
    const { vault } = on.subject
    if (vault === undefined) throw new Unasked('no address of Vault and no token file were given')
    try {
      if (await isSealed(vault)) {
        notes.saw(`Vault at ${vault.address} is sealed`)
        return { kind: 'sealed' }
      }
    } catch (error) {
      if (!(error instanceof CloudError)) throw error
      // what this machine does not trust, Barbican may
      if (error.kind === 'tls') throw new Unasked(`Vault at ${vault.address}: ${error.reason}`)
      notes.saw(`Vault at ${vault.address}: ${error.reason}`)
      return { kind: 'down', message: error.reason }
    }
    const reading = await readVault(vault)
    for (const binding of reading.bindings) for (const line of describeBinding(binding)) notes.saw(line)
    for (const { name, path } of reading.rateLimits ?? [])
      notes.saw(`rate limit ${name} on ${path === '' ? 'everything' : path}`)
    for (const line of reading.unread) notes.saw(`not read: ${line}`)
    return { kind: 'read', reading }
  },
)

function describeBinding(binding: Binding): readonly string[] {
  const { role, exists, tokenCidrs, secretIdCidrs = [], secretIds, policies, isLocked } = binding
  if (!exists) return [`there is no AppRole ${role}`]
  const ids = (secretIds ?? []).map(
    ({ accessor, cidrs, madeAt, expiresAt }) =>
      `secret id ${accessor} of ${role}, made ${madeAt ?? 'at an unknown time'}, may be used from ${said(cidrs)}${expiresAt === undefined ? '' : ` until ${expiresAt}`}`,
  )
  const bound =
    tokenCidrs === undefined
      ? []
      : [
          `AppRole ${role}: its tokens may be used from ${said(tokenCidrs)}${secretIdCidrs.length === 0 ? '' : `, any secret id of it from ${said(secretIdCidrs)}`}`,
        ]
  const missing = (policies ?? []).filter(({ rules }) => rules === null)
  return [
    ...bound,
    ...ids,
    ...(secretIds?.length === 0 ? [`AppRole ${role} has no secret id`] : []),
    ...missing.map(({ name }) => `policy ${name} of ${role} does not exist`),
    ...(isLocked === true ? [`AppRole ${role} is locked out`] : []),
  ]
}

function said(cidrs: readonly string[]): string {
  return cidrs.length === 0 ? 'anywhere' : cidrs.join(', ')
}
