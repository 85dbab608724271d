/** Causes by which Vault answers 403 to somebody who may sign in. */
import { meet, nameOf, said, whereOf } from './addresses.ts'
import { pathsOf } from './reading.ts'
import type { Binding, VaultReading } from './reading.ts'
import { rebind } from './suspect.ts'
import type { Suspect, Suspicion } from './suspect.ts'

/** A lockout, a missing policy and a bound token are one text: 403. Vault's state separates them. */
export function forbidden(reading: VaultReading | undefined): Suspicion {
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

export function lockout(binding: Binding): readonly Suspect[] {
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

export function policyLacks(binding: Binding): readonly Suspect[] {
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
