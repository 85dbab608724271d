/**
 * Why Barbican's store fails, from what Vault showed and what castellan logged of Vault's answers. Pure. A cause is
 * asserted only if Vault's own words or its state show it; causes that cannot be told apart are all named. Every text
 * of castellan was seen with OpenBao 2.7.2, Barbican 15.0.1 and castellan 4.1.0 (key_manager/vault_key_manager.py,
 * _do_http_request).
 */
import type { Finding } from '../finding.ts'
import { overlaps, parsePrefix } from '../openstack/prefix.ts'
import { isBelow, pathsOf } from './vault.ts'
import type { Binding, SecretId, VaultReading } from './vault.ts'

export type VaultState =
  | { readonly kind: 'down'; readonly message: string }
  | { readonly kind: 'sealed' }
  | { readonly kind: 'read'; readonly reading: VaultReading }

/** What Barbican does wrong: refuses a secret, takes it and cannot give it back, or lost the ones of before. */
export type StoreFailure = 'refuses' | 'keeps nothing' | 'lost the old'

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

export type StoreCause = Omit<Finding, 'severity' | 'owner'>

/** A possible cause in a sentence, with its own finding if it is the only one. */
type Suspect = StoreCause & { readonly inShort: string }

type Suspicion = {
  readonly suspects: readonly Suspect[]
  /** A single suspect is not asserted either: something else was not read. */
  readonly isOpen?: boolean
  readonly note?: string
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

const rebind = 'juju run vault/leader refresh-secrets once the relation has the right address, and restart barbican-api'
const narrow = 'Do not widen the CIDR: it makes a stolen secret id useless'

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

type Words =
  | { readonly kind: 'address'; readonly source: string }
  | {
      readonly kind: 'invalid' | 'forbidden' | 'unavailable' | 'tls' | 'unreachable' | 'no JSON' | 'no key' | 'no data'
    }

function wordsOf(reason: string): Words | undefined {
  const source = /source address "([0-9a-fA-F.:]+)" unauthorized/.exec(reason)?.[1]
  if (source !== undefined) return { kind: 'address', source }
  const kind = texts.find(([text]) => text.test(reason))?.[1]
  return kind === undefined ? undefined : { kind }
}

/** A broken TLS handshake is also `Max retries exceeded`, so it comes first. */
const texts: readonly (readonly [RegExp, Exclude<Words['kind'], 'address'>])[] = [
  [/invalid role or secret ID|invalid role_id|invalid secret id/i, 'invalid'],
  [/not authorized|permission denied|^Forbidden/i, 'forbidden'],
  [/^Service Unavailable|Vault is sealed/i, 'unavailable'],
  [/CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError/i, 'tls'],
  [
    /Max retries exceeded|Connection (?:refused|aborted|reset)|RemoteDisconnected|timed out|Name or service not known/i,
    'unreachable',
  ],
  [/Expecting value: line 1 column 1/i, 'no JSON'],
  [/Key not found, uuid/i, 'no key'],
  [/^'data'$/, 'no data'],
]

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

// --- bindings

/**
 * The charm updates the role with the address of the unit, and makes a new secret id only on request; the old ones stay.
 * So the role of the unit is the one whose tokens are bound to the address in Vault's refusal. charm-vault,
 * src/lib/charm/vault.py, configure_approle
 */
function byAddress(source: string, reading: VaultReading | undefined, now: Date): Suspicion {
  if (reading === undefined || reading.bindings.length === 0)
    return { suspects: [stale(undefined, source, []), notTaken(undefined, source, []), wrongPlane(source, [])] }
  const { bindings } = reading
  const own = bindings.filter(({ tokenCidrs = [] }) => isIn(source, tokenCidrs))
  if (own.length > 0) return { suspects: own.flatMap((binding) => ofOwnRole(binding, source, now)) }
  const unknown = bindings.filter(({ tokenCidrs }) => tokenCidrs === undefined)
  if (unknown.length === 0) return { suspects: [wrongPlane(source, bindings)] }
  const taken = unknown.filter((one) => isIn(source, newestOf(one, now)?.cidrs ?? []))
  if (taken.length > 0) return { suspects: taken.map((one) => notTaken(one, source, livingOf(one, now) ?? [])) }
  return {
    suspects: [...unknown.map((one) => stale(one, source, livingOf(one, now) ?? [])), wrongPlane(source, bindings)],
  }
}

/** The role is bound to where Barbican comes from, so its secret id is not. */
function ofOwnRole(binding: Binding, source: string, now: Date): readonly Suspect[] {
  const living = livingOf(binding, now)
  if (living === undefined) return [stale(binding, source, []), notTaken(binding, source, [])]
  if (!living.some(({ cidrs }) => isAllowed(source, cidrs))) return [stale(binding, source, living)]
  if (!isAllowed(source, binding.secretIdCidrs ?? [])) return boundByRole(binding, now)
  return [notTaken(binding, source, living)]
}

function stale(binding: Binding | undefined, source: string | undefined, living: readonly SecretId[]): Suspect {
  const bound = said(living.flatMap(({ cidrs }) => cidrs))
  const tokens = said(binding?.tokenCidrs ?? [])
  const comes = source === undefined ? '' : `, and Barbican comes from ${source}`
  return {
    code: 'diagnosis/vault-stale-secret-id',
    where: whereOf(binding),
    inShort: `the secret id of ${nameOf(binding)} is stale: bound to an earlier address of the unit`,
    message: `its secret id is bound to ${bound} and its tokens to ${tokens}${comes}: the unit's address changed, the role was updated and the secret id was not (\`source address unauthorized through CIDR restrictions on the secret ID\`)`,
    remedy: `rebind: ${rebind}. ${narrow}`,
  }
}

function notTaken(binding: Binding | undefined, source: string, living: readonly SecretId[]): Suspect {
  const newest = newest0(living)
  const made = newest?.madeAt === undefined ? '' : `, made ${newest.madeAt}`
  const old = living.filter((one) => one !== newest && !isAllowed(source, one.cidrs))
  const olds = old.length === 0 ? 'an older one' : `an older one, bound to ${said(old.flatMap(({ cidrs }) => cidrs))}`
  return {
    code: 'diagnosis/vault-secret-id-not-taken',
    where: whereOf(binding),
    inShort: `a newer secret id of ${nameOf(binding)} exists, and Barbican still uses an older one`,
    message: `a newer secret id exists (bound to ${said(newest?.cidrs ?? [])}${made}), which lets ${source} in, and Barbican uses ${olds}: it was refreshed, and barbican-vault did not take it over`,
    remedy: `${rebind}: a wrapping token works once and for an hour, so refresh again if the unit did not take it. ${narrow}`,
  }
}

function wrongPlane(source: string, bindings: readonly Binding[]): Suspect {
  const [first, ...others] = bindings
  const bound = bindings.map(({ role, tokenCidrs = [], secretIds = [] }) => {
    const cidrs = [...tokenCidrs, ...secretIds.flatMap((one) => one.cidrs)]
    return `${role} to ${said(cidrs)}`
  })
  const isOne = first !== undefined && others.length === 0
  return {
    code: 'diagnosis/vault-wrong-plane',
    where: isOne ? whereOf(first) : 'vault',
    inShort: `Barbican comes from ${source}, over another network than the one whose address the unit announced`,
    message: `Barbican comes from ${source}, and no role is bound to that address (${bound.join('; ') || 'no role was read'}): the unit uses another network than the one whose address it announced, or the relation still has the old address (\`source address "${source}" unauthorized through CIDR restrictions\`)`,
    remedy: `bind the secrets endpoints of barbican-vault and vault to one space (juju bind), so that the unit uses the address that it announces; then ${rebind}. Do not widen the CIDR`,
  }
}

/** The charm never sets it; Vault then answers a bare 500 to a sign-in with a secret id that is bound elsewhere. */
function boundByRole(binding: Binding, now: Date): readonly Suspect[] {
  const { secretIdCidrs = [] } = binding
  const other = livingOf(binding, now)?.filter(({ cidrs }) => !meet(cidrs, secretIdCidrs)) ?? []
  if (secretIdCidrs.length === 0 || other.length === 0) return []
  return [
    {
      code: 'diagnosis/vault-stale-secret-id',
      where: whereOf(binding),
      inShort: `the role ${binding.role} binds all its secret ids elsewhere`,
      message: `\`secret_id_bound_cidrs\` of the role is ${said(secretIdCidrs)}, and its secret ids are bound to ${said(other.flatMap(({ cidrs }) => cidrs))}`,
      remedy: `the charm does not set it: clear it at the role, then ${rebind}`,
    },
  ]
}

/** Every living secret id is bound elsewhere than the tokens: that shows by itself, whatever the log says. */
function staleByItself(binding: Binding, now: Date): readonly Suspect[] {
  const living = livingOf(binding, now)
  const { tokenCidrs } = binding
  if (living === undefined || living.length === 0 || tokenCidrs === undefined || tokenCidrs.length === 0) return []
  const isStale = living.every(({ cidrs }) => cidrs.length > 0 && !meet(cidrs, tokenCidrs))
  return isStale ? [stale(binding, undefined, living)] : []
}

// --- sign-in

function withoutSecretId(binding: Binding, now: Date): readonly Suspect[] {
  const { exists, secretIds } = binding
  if (exists && livingOf(binding, now)?.length !== 0) return []
  const what = exists ? `it has no valid secret id (${secretIds?.length ?? 0} in all)` : 'Vault has no such role'
  return [
    {
      code: 'diagnosis/vault-no-secret-id',
      where: whereOf(binding),
      inShort: `${nameOf(binding)}: ${what}`,
      message: `${what}, so Barbican cannot sign in (\`invalid role or secret ID\`)`,
      remedy: `rebind: ${rebind}. It needs a new secret id, not a wider CIDR. ${lockoutWarning}`,
    },
  ]
}

const lockoutWarning =
  'Until then do not try again and again: after five refused sign-ins within 15 minutes Vault locks the role for 15 minutes, also for the right secret id'

function invalid(reading: VaultReading | undefined, now: Date): readonly Suspect[] {
  const bindings = reading?.bindings ?? []
  const without = bindings.flatMap((binding) => withoutSecretId(binding, now))
  if (without.length > 0) return without
  const roles = bindings.map(({ role, secretIds }) => `${role} has ${secretIds?.length ?? 'an unknown number of'}`)
  const [first, ...others] = bindings
  return [
    {
      code: 'diagnosis/vault-secret-id-unknown',
      where: first !== undefined && others.length === 0 ? whereOf(first) : 'vault',
      inShort: 'Vault does not know the role id or the secret id that Barbican uses',
      message: `Vault does not know the role id or the secret id that Barbican uses (\`invalid role or secret ID\`): it was destroyed, ran out, or belongs to another role${roles.length === 0 ? '' : `. Valid secret ids: ${roles.join(', ')}`}`,
      remedy: `rebind: ${rebind}. ${lockoutWarning}`,
    },
  ]
}

// --- refused although it may be signed in

/** A lockout, a missing policy and a bound token are one text: 403. Vault's state separates them. */
function forbidden(reading: VaultReading | undefined): Suspicion {
  const bindings: readonly (Binding | undefined)[] =
    reading === undefined || reading.bindings.length === 0 ? [undefined] : reading.bindings
  const locked = bindings.flatMap((one) => (one === undefined ? [] : lockout(one)))
  if (locked.length > 0) return { suspects: locked }
  const lacking = bindings.flatMap((one) => (one === undefined ? [] : policyLacks(one)))
  if (lacking.length > 0) return { suspects: lacking }
  const suspects = bindings.flatMap((one) => [
    ...(one?.isLocked === undefined ? [lockedOut(one)] : []),
    ...(arePoliciesKnown(one) ? [] : [policyMissing(one)]),
    ...(canBindToken(one) ? [tokenBound(one)] : []),
  ])
  const isComplete = bindings.every((one) => one?.isLocked !== undefined && arePoliciesKnown(one))
  return {
    suspects,
    isOpen: !isComplete,
    note:
      suspects.length === 0
        ? 'No role is locked out, the policies exist, and no token is bound elsewhere than its secret id: it may be over, or a token was revoked'
        : 'Vault answers 403 with the same words to all of them',
  }
}

function arePoliciesKnown(binding: Binding | undefined): boolean {
  return binding?.policies !== undefined && binding.policies.every(({ rules }) => rules !== undefined)
}

function lockout(binding: Binding): readonly Suspect[] {
  return binding.isLocked === true ? [lockedOut(binding)] : []
}

function lockedOut(binding: Binding | undefined): Suspect {
  return {
    code: 'diagnosis/vault-locked-out',
    where: whereOf(binding),
    inShort: `Vault locked ${nameOf(binding)} out after refused sign-ins (\`sys/locked-users\`)`,
    message:
      'Vault locked it out after five refused sign-ins within 15 minutes (`sys/locked-users`): it refuses every sign-in for 15 minutes, also with the right secret id',
    remedy: `correct the cause of the refused sign-ins (${rebind}), then wait 15 minutes or unlock it: vault write -f sys/locked-users/MOUNT_ACCESSOR/unlock/ROLE_ID`,
  }
}

function policyLacks(binding: Binding): readonly Suspect[] {
  const { policies } = binding
  if (policies === undefined || policies.some(({ rules }) => rules === undefined)) return []
  const missing = policies.filter(({ rules }) => rules === null)
  const useful = policies.filter((policy) => pathsOf(policy).length > 0)
  if (useful.length === 0)
    return [
      policyMissing(
        binding,
        missing.map(({ name }) => name),
      ),
    ]
  const canWrite = useful.some(({ rules }) => /\b(?:create|update|write|sudo)\b/.test(rules ?? ''))
  return canWrite ? [] : [policyMissing(binding, undefined)]
}

/** `missing`: names of policies that do not exist; absent: they exist and allow no writing. */
function policyMissing(binding: Binding | undefined, missing?: readonly string[]): Suspect {
  const names = missing ?? binding?.policies?.map(({ name }) => name) ?? []
  const what =
    missing === undefined
      ? `its policies (${names.join(', ') || 'none'}) allow no writing below a mount`
      : `its policies give it no mount: ${names.length === 0 ? 'it has none' : `${names.join(', ')} does not exist`}`
  return {
    code: 'diagnosis/vault-policy-missing',
    where: whereOf(binding),
    inShort: `the policy of ${nameOf(binding)} is missing or allows no writing`,
    message: `Barbican signs in, and its token is refused (403): ${what}`,
    remedy:
      'let the charm write it again (juju run vault/leader refresh-secrets, or the relation joined again), or write it by hand: create, read, update, delete and list on the mount',
  }
}

/** If tokens may be used wherever the secret ids may, whoever signs in can use the token. */
function canBindToken(binding: Binding | undefined): boolean {
  if (binding?.tokenCidrs === undefined) return true
  if (binding.tokenCidrs.length === 0) return false
  const { tokenCidrs, secretIds } = binding
  return secretIds?.every(({ cidrs }) => cidrs.length > 0 && meet(cidrs, tokenCidrs)) !== true
}

function tokenBound(binding: Binding | undefined): Suspect {
  const bound = said(binding?.tokenCidrs ?? [])
  return {
    code: 'diagnosis/vault-token-bound',
    where: whereOf(binding),
    inShort: `tokens of ${nameOf(binding)} may be used only from ${binding === undefined ? 'another address' : bound}`,
    message: `Barbican signs in, and its token is refused (403): tokens of the role may be used only from ${bound}, and its secret id from elsewhere too; it is not locked out, and its policies exist`,
    remedy: `bind the role to the address that the unit really uses: ${rebind}. Do not widen the CIDR`,
  }
}

// --- the store behind the door

/** castellan takes 404 and 429 for success when it stores, so Barbican says 201 and keeps nothing. */
function lost(
  failure: StoreFailure,
  words: 'no key' | 'no data' | undefined,
  reading: VaultReading | undefined,
): Suspicion {
  const paths = reading?.bindings.flatMap(({ policies = [] }) => policies.flatMap(pathsOf)) ?? []
  const mounts = reading?.mounts
  const gone = mounts === undefined ? [] : paths.filter((path) => !mounts.some((mount) => isBelow(path, mount.path)))
  if (gone.length > 0) return { suspects: [mountMoved(gone)] }
  const own = mounts?.filter((mount) => paths.some((path) => isBelow(path, mount.path))) ?? []
  const upgraded = own.find(({ hasOldKeys }) => hasOldKeys === true)
  if (upgraded !== undefined && failure === 'lost the old') return { suspects: [kvUpgraded(upgraded.path, true)] }
  const limits = reading?.rateLimits?.filter(
    ({ path }) => path === '' || own.some((mount) => `${mount.path}/`.startsWith(path) || isBelow(path, mount.path)),
  )
  const isMountKnown = mounts !== undefined && paths.length > 0
  const isKvOne = isMountKnown && own.every(({ version }) => version !== '2')
  // a 404 is no rate limit, and an answer without data no 404
  if (words === 'no data' && isKvOne && limits !== undefined && limits.length > 0)
    return { suspects: [rateLimited(limits)] }
  return {
    suspects: [
      ...(isMountKnown || words === 'no data' ? [] : [mountMoved([])]),
      ...(words === 'no key' || limits?.length === 0 ? [] : [rateLimited(limits ?? [])]),
      ...(isKvOne ? [] : [kvUpgraded(own[0]?.path, false)]),
      ...(failure === 'lost the old' ? [removed] : []),
    ],
    isOpen: true,
  }
}

function mountMoved(paths: readonly string[]): Suspect {
  return {
    code: 'diagnosis/vault-mount-moved',
    where: 'vault',
    inShort: 'the mount that Barbican writes to was moved or disabled',
    message: `the policies of Barbican's role name ${paths.join(', ')}, and Vault has no such mount: it was moved or disabled. Vault answers 404, which castellan takes for success when it stores`,
    remedy:
      'move the mount back (vault secrets move), then look whether secrets that were stored meanwhile are needed: they are nowhere',
  }
}

function rateLimited(limits: readonly { readonly name: string; readonly path: string }[]): Suspect {
  const names = limits.map(({ name, path }) => `${name} on ${path === '' ? 'everything' : path}`).join(', ')
  return {
    code: 'diagnosis/vault-rate-limit',
    where: 'vault',
    inShort: `a rate limit of Vault${names === '' ? '' : ` (${names})`} refuses Barbican with 429`,
    message: `a rate limit holds on what Barbican uses (${names}), and nothing else that was read explains the loss. Vault answers 429, which castellan takes for success when it stores and deletes`,
    remedy:
      'raise or remove the rate limit (vault delete sys/quotas/rate-limit/NAME); what was stored meanwhile is nowhere',
  }
}

function kvUpgraded(path: string | undefined, isShown: boolean): Suspect {
  const mount = path ?? 'the mount'
  return {
    code: 'diagnosis/vault-kv-upgraded',
    where: `mount ${mount}`,
    inShort: `${mount} was KV 1 and was made KV 2, so old keys are no longer found`,
    message: `it ${isShown ? 'was KV 1 and' : 'is KV 2: if it'} was made KV 2 (kv enable-versioning): what Barbican stored before lies below \`data/\`, where KV 2 does not look`,
    remedy:
      'do not delete anything: the old values are still in the mount, at data/data/<id>. Read them there and write them back at data/<id>',
  }
}

const removed: Suspect = {
  code: 'diagnosis/certificate-store',
  where: 'key-manager',
  inShort: 'somebody deleted them in Vault, or the mount was exchanged for a new one',
  message: 'the old certificates are gone from Vault: somebody deleted them, or the mount was exchanged for a new one',
  remedy: 'restore them from a backup of Vault',
}

// --- the way to Vault

function down(message: string): Suspect {
  return {
    code: 'diagnosis/vault-down',
    where: 'vault',
    inShort: 'Vault does not answer',
    message: `Vault does not answer (${message})`,
    remedy: 'start Vault, and unseal it; change nothing in Barbican or in the tenant',
  }
}

function unreachable(reason: string): Suspect {
  return {
    code: 'diagnosis/vault-unreachable',
    where: 'vault',
    inShort: 'Barbican does not reach Vault',
    message: `Vault answers here and is unsealed, and Barbican does not reach it (${reason})`,
    remedy:
      'check the address of Vault in `[vault_plugin]` of barbican.conf, and the network between the two; change nothing in the tenant',
  }
}

function sealed(how: string): Suspect {
  return {
    code: 'diagnosis/vault-sealed',
    where: 'vault',
    inShort: 'Vault is sealed',
    message: `Vault is sealed (${how})`,
    remedy: 'unseal every unit (vault operator unseal); change nothing in Barbican or in the tenant',
  }
}

const sealedBefore: Suspect = { ...sealed('then'), inShort: 'it was sealed then, and unsealed since' }
const sealedElsewhere: Suspect = {
  ...sealed('one unit'),
  inShort: 'another unit of Vault behind the same address is sealed',
}

function tls(reason: string): Suspect {
  const what = /expired/i.test(reason)
    ? "Vault's certificate, or one above it, has expired"
    : /hostname|IP address mismatch|doesn't match/i.test(reason)
      ? "Vault's certificate is for another name"
      : /CERTIFICATE_VERIFY_FAILED/i.test(reason)
        ? "Vault's certificate is of a CA that Barbican does not trust"
        : 'the TLS handshake fails'
  return {
    code: 'diagnosis/vault-tls',
    where: 'vault',
    inShort: what,
    message: `Barbican does not accept the TLS of Vault: ${what} (${reason})`,
    remedy:
      'give Barbican the CA of Vault (`ssl_ca_crt_file` in `[vault_plugin]`), or renew the certificate of Vault; then restart barbican-api',
  }
}

const plainHttp: Suspect = {
  ...tls('Expecting value: line 1 column 1'),
  inShort: 'Barbican speaks plain http to a port of Vault that speaks TLS (`vault_url` in `[vault_plugin]`)',
}
const proxyAnswers: Suspect = { ...plainHttp, inShort: 'something else than Vault answers at its address, as a proxy' }

// --- small words

function livingOf({ secretIds }: Binding, now: Date): readonly SecretId[] | undefined {
  return secretIds?.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now.getTime())
}

function newestOf(binding: Binding, now: Date): SecretId | undefined {
  return newest0(livingOf(binding, now) ?? [])
}

function newest0(living: readonly SecretId[]): SecretId | undefined {
  return [...living].sort((one, other) => (other.madeAt ?? '').localeCompare(one.madeAt ?? ''))[0]
}

function whereOf(binding: Binding | undefined): string {
  return binding === undefined ? 'vault' : `AppRole ${binding.role}`
}

function nameOf(binding: Binding | undefined): string {
  return binding === undefined ? 'the role' : `AppRole ${binding.role}`
}

function said(cidrs: readonly string[]): string {
  return cidrs.length === 0 ? 'anywhere' : [...new Set(cidrs)].join(', ')
}

/** An empty list binds to nothing. */
function isAllowed(source: string, cidrs: readonly string[]): boolean {
  return cidrs.length === 0 || isIn(source, cidrs)
}

function isIn(source: string, cidrs: readonly string[]): boolean {
  return meet([source], cidrs)
}

/** Vault takes an address without a length as well. What cannot be read may be anything, so it shows no difference. */
function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) =>
    others.some((other) => {
      const [a, b] = [parsePrefix(one), parsePrefix(other)]
      return a === undefined || b === undefined || overlaps(a, b)
    }),
  )
}
