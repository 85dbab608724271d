/**
 * Why Barbican's store fails, from what Vault showed and what castellan logged of Vault's answers. Pure. A cause is
 * asserted only if Vault's own words or its state show it; causes that cannot be told apart are all named. Every text
 * of castellan was seen with OpenBao 2.7.2, Barbican 15.0.1 and castellan 4.1.0 (key_manager/vault_key_manager.py,
 * _do_http_request).
 */
import { byAddress, boundByRole, staleByItself } from './bindings.ts'
import { forbidden, lockout, policyLacks } from './forbidden.ts'
import { lost } from './lost.ts'
import type { VaultReading } from './reading.ts'
import { invalid, withoutSecretId } from './sign-in.ts'
import type { StoreCause, StoreFailure, Suspicion } from './suspect.ts'
import { down, plainHttp, proxyAnswers, sealed, sealedBefore, sealedElsewhere, tls, unreachable } from './way.ts'
import { wordsOf } from './words.ts'

export type VaultState =
  | { readonly kind: 'down'; readonly message: string }
  | { readonly kind: 'sealed' }
  | { readonly kind: 'read'; readonly reading: VaultReading }

export type StoreEvidence = {
  readonly failure: StoreFailure
  /** The answer of Barbican or Magnum. */
  readonly message: string
  /** From the log of barbican-api. */
  readonly reason?: string | undefined
  /** Absent: nobody gave access to Vault. */
  readonly state?: VaultState | undefined
  readonly now: Date
}

export function storeCause(seen: StoreEvidence): StoreCause {
  const { suspects, note, isOpen = false } = suspicion(seen)
  const [only, ...others] = suspects
  const effect = effects[seen.failure]
  if (only !== undefined && others.length === 0 && !isOpen) {
    const { code, where, message, remedy } = only
    return { code, where, message: `${message}. ${effect} (D-067)`, ...(remedy === undefined ? {} : { remedy }) }
  }
  const words = seen.reason === undefined ? seen.message : `\`${seen.reason}\``
  const named = suspects.map(({ inShort }, index) => `(${index + 1}) ${inShort}`).join('; ')
  const open = only === undefined ? '' : `. Possible causes, none of them shown: ${named}`
  const unread = seen.state?.kind === 'read' ? seen.state.reading.unread : []
  const notes = [note, unread.length === 0 ? undefined : `Not read of Vault: ${unread.join('; ')}`]
  return {
    code: 'diagnosis/certificate-store',
    where: 'key-manager',
    message: `${[`${effect}: ${words}${open}`, ...notes].filter((one) => one !== undefined).join('. ')} (D-067)`,
    remedy: whatToGive(seen),
  }
}

function whatToGive({ reason, state }: StoreEvidence): string {
  const log = '--barbican-log gives this command the log of barbican-api, which alone has the words of Vault'
  const vault = '--vault and --vault-token-file let it read what Vault itself says'
  const missing = [...(reason === undefined ? [log] : []), ...(state === undefined ? [vault] : [])]
  const unread = state?.kind === 'read' && state.reading.unread.length > 0 ? [capabilities] : []
  const all = [...missing, ...unread]
  return all.length > 0 ? all.join('; ') : 'check them in this order, and correct what the log says'
}

const capabilities = 'a Vault token with the capabilities of docs/diagnosis.md reads the rest'

const effects: Readonly<Record<StoreFailure, string>> = {
  refuses:
    'Barbican stores nothing (500, `Secret creation failure seen`), and every cluster of every tenant fails with `Failed to create certificates for Cluster`',
  'keeps nothing':
    'Barbican says 201 to a new secret and cannot give it back: it keeps nothing, and the certificates of a new cluster are lost',
  'lost the old': 'Barbican keeps new secrets and cannot give back certificates that it stored before',
}

function suspicion(seen: StoreEvidence): Suspicion {
  const { reason, state } = seen
  if (state?.kind === 'sealed') return { suspects: [sealed('Vault says so itself')] }
  const words = reason === undefined ? undefined : wordsOf(reason)
  if (reason === undefined || words === undefined)
    return state?.kind === 'down' ? { suspects: [down(`from here: ${state.message}`)] } : byState(seen, reason)
  const reading = state?.kind === 'read' ? state.reading : undefined
  switch (words.kind) {
    case 'unreachable':
      // what Vault answered in this run beats an older line of a log
      return { suspects: [reading === undefined ? down(reason) : unreachable(reason)] }
    case 'tls':
      return { suspects: [tls(reason)] }
    case 'no JSON':
      return { suspects: [plainHttp, proxyAnswers] }
    case 'unavailable':
      return reading === undefined
        ? { suspects: [sealed('it answered 503, as a sealed Vault does')] }
        : { suspects: [sealedBefore, sealedElsewhere], note: 'Vault is unsealed now' }
    case 'address':
      return byAddress(words.source, reading, seen.now)
    case 'invalid':
      return { suspects: invalid(reading, seen.now) }
    case 'forbidden':
      return forbidden(reading)
    case 'no key':
    case 'no data':
      return lost(seen.failure, words.kind, reading)
  }
}

/** Without words that decide, only Vault's own state speaks. */
function byState({ failure, now, state }: StoreEvidence, reason: string | undefined): Suspicion {
  const reading = state?.kind === 'read' ? state.reading : undefined
  if (failure !== 'refuses') return lost(failure, undefined, reading)
  if (reading === undefined) return { suspects: [] }
  const shown = reading.bindings.flatMap((binding) => [
    ...lockout(binding),
    ...withoutSecretId(binding, now),
    ...staleByItself(binding, now),
    ...boundByRole(binding, now),
    ...policyLacks(binding),
  ])
  if (shown.length > 0) return { suspects: shown }
  // the words of the log are there and unknown: no list of guesses beside them
  if (reason !== undefined)
    return { suspects: [], note: 'Vault is unsealed, and nothing of what could be read of it explains this' }
  const roles = reading.bindings.map(({ role }) => role).join(', ')
  return {
    suspects: [],
    note: `Vault is unsealed${roles === '' ? '' : `, and nothing is wrong with what could be read of ${roles}`}: only the log of barbican-api shows from where Barbican comes, and what Vault answers`,
  }
}
