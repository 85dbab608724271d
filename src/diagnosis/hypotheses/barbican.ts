/** D-067: a certificate store that stores nothing, and what of Vault is behind it. */
import type { Finding } from '../../finding.ts'
import { overlaps, parsePrefix } from '../../openstack/prefix.ts'
import { need } from '../experiment.ts'
import { barbicanReason, certificateStore, vaultState } from '../experiments/barbican.ts'
import type { VaultState } from '../experiments/barbican.ts'
import { confirmed, excluded } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'
import type { Binding } from '../vault.ts'

export const cutOffFromVault: Hypothesis = {
  code: 'diagnosis/certificate-store',
  supposes: 'Barbican stores nothing, because Vault is down, sealed, or does not let it in (D-067)',
  // the preflight stage proves the store as well, and says no more than that it does not store
  stages: ['preflight', 'cluster'],
  async test(on) {
    const { works, message } = await need(on, certificateStore)
    if (works) return excluded
    const [stored, reason, vault] = [await certificateStore(on), await barbicanReason(on), await vaultState(on)]
    const said = reason.kind === 'seen' ? reason.value : undefined
    const state = vault.kind === 'seen' ? vault.value : undefined
    const cause = causeOf(state, said, on.subject.now()) ?? untold(message, said, state)
    return confirmed({ ...cause, owner: 'operator' }, stored, reason, vault)
  },
}

type Cause = Omit<Finding, 'severity' | 'owner'>

const effect =
  'Barbican stores nothing (500, `Secret creation failure seen`), and every cluster of every tenant fails with `Failed to create certificates for Cluster`'

function causeOf(state: VaultState | undefined, reason: string | undefined, now: Date): Cause | undefined {
  if (state?.kind === 'down') return down(state.message)
  if (state?.kind === 'sealed') return sealed
  // castellan's words for 503 and for no connection: castellan 4.1.0, key_manager/vault_key_manager.py, _do_http_request
  if (reason !== undefined && /^Service Unavailable$/.test(reason)) return sealed
  if (reason !== undefined && /Max retries exceeded|Connection refused/.test(reason)) return down(reason)
  if (state === undefined) return undefined
  return state.bindings.map((binding) => boundAway(binding, reason, now)).find((cause) => cause !== undefined)
}

function down(message: string): Cause {
  return {
    code: 'diagnosis/vault-down',
    where: 'vault',
    message: `D-067: Vault does not answer (${message}): ${effect}`,
    remedy: 'bring Vault up, and unseal it; nothing of Barbican or of the tenant is to be changed',
  }
}

const sealed: Cause = {
  code: 'diagnosis/vault-sealed',
  where: 'vault',
  message: `D-067: Vault is sealed: ${effect}`,
  remedy: 'unseal every unit of it (vault operator unseal); nothing of Barbican or of the tenant is to be changed',
}

const rebind =
  'rebind: juju run vault/leader refresh-secrets once the relation carries the right address, and restart barbican-api'

/**
 * The charm moves the role along with the address of the unit, and makes a new secret id only when it is told to. So two that disagree are a
 * secret id that stayed behind; two that agree are right or wrong together, and only the address in Vault's refusal tells which.
 * charm-vault, src/lib/charm/vault.py, configure_approle
 */
function boundAway(
  { role, tokenCidrs, secretIdCidrs, secretIds }: Binding,
  reason: string | undefined,
  now: Date,
): Cause | undefined {
  const where = `AppRole ${role}`
  const living = secretIds.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now.getTime())
  if (living.length === 0)
    return {
      code: 'diagnosis/vault-no-secret-id',
      where,
      message: `D-067: it has no secret id that is still good (${secretIds.length} in all), so Barbican cannot sign in: ${effect}`,
      remedy: `${rebind}. A new secret id is what is missing, not a wider CIDR`,
    }
  const ofSecretIds = [...new Set([...living.flatMap(({ cidrs }) => cidrs), ...secretIdCidrs])]
  const source = /source address "([0-9.]+)" unauthorized/.exec(reason ?? '')?.[1]
  const isStale =
    source === undefined
      ? tokenCidrs.length > 0 && living.every(({ cidrs }) => cidrs.length > 0 && !meet(cidrs, tokenCidrs))
      : meet([source], tokenCidrs) && !meet([source], ofSecretIds)
  if (isStale)
    return {
      code: 'diagnosis/vault-stale-secret-id',
      where,
      message: `D-067: its secret id is bound to ${ofSecretIds.join(', ')} and its tokens to ${tokenCidrs.join(', ')}: the unit's address changed, the role followed and the secret id did not (\`source address unauthorized through CIDR restrictions on the secret ID\`). ${effect}`,
      remedy: `${rebind}. Do not widen the CIDR: it is what keeps a stolen secret id useless`,
    }
  if (source !== undefined)
    return {
      code: 'diagnosis/vault-wrong-plane',
      where,
      message: `D-067: role and secret id agree on ${[...new Set([...tokenCidrs, ...ofSecretIds])].join(', ')}, and Barbican comes from ${source}: by another network than the one that it announces (\`source address "${source}" unauthorized through CIDR restrictions\`). ${effect}`,
      remedy: `bind the secrets endpoints of barbican-vault and vault to one space (juju bind), so that the unit comes from the address that it announces; then ${rebind}. Do not widen the CIDR`,
    }
  if (reason !== undefined && /not authorized|permission denied|Forbidden/i.test(reason) && tokenCidrs.length > 0)
    return {
      code: 'diagnosis/vault-token-bound',
      where,
      message: `D-067: Barbican signs in, and the token that it gets is refused (403): tokens of the role may be used from ${tokenCidrs.join(', ')} alone, which is not where Barbican is. ${effect}`,
      remedy: `bind the role to the address that the unit really comes from: ${rebind}. Do not widen the CIDR`,
    }
  return undefined
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

function untold(message: string, reason: string | undefined, state: VaultState | undefined): Cause {
  const isOpen =
    state?.kind === 'bound'
      ? '; Vault is open, and role and secret id agree: Barbican comes from elsewhere, or the fault is its own'
      : ''
  return {
    code: 'diagnosis/certificate-store',
    where: 'key-manager',
    message: `D-067: ${effect} (${reason ?? message})${isOpen}`,
    remedy:
      reason === undefined
        ? 'the reason stands in the log of barbican-api and nowhere else: give it with --barbican-log; with --vault and --vault-token-file this command reads where Vault lets Barbican in from'
        : 'mend what the log says; with --vault and --vault-token-file this command reads where Vault lets Barbican in from',
  }
}
