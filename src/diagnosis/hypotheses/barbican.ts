/** D-067: a certificate store that stores nothing, and what of Vault is behind it. */
import type { Case } from '../case.ts'
import { need } from '../experiment.ts'
import { certificateStore, vaultState } from '../experiments/barbican.ts'
import type { VaultState } from '../experiments/barbican.ts'
import { overlaps } from '../../tenant/cidr.ts'
import type { Finding } from '../../finding.ts'
import { confirmed, excluded } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'
import type { Binding } from '../vault.ts'
import type { StageName } from '../../tenant/stage.ts'

/** The preflight stage proves the store as well, and says no more than that it does not store. */
const stages: readonly StageName[] = ['preflight', 'cluster']

type Diagnosis = Omit<Finding, 'severity' | 'owner'>

export const cutOffFromVault: Hypothesis = {
  code: 'diagnosis/certificate-store',
  supposes: 'Barbican stores nothing, because Vault is down, sealed, or does not let it in (D-067)',
  stages,
  async test(on) {
    const store = await need(on, certificateStore)
    if (store.works) return excluded
    const [stored, vault] = [await certificateStore(on), await vaultState(on)]
    const diagnosis = vault.kind === 'seen' ? judge(vault.value, on) : untold(store.words)
    return confirmed({ ...diagnosis, owner: 'operator' }, stored, vault)
  },
}

const effect =
  'Barbican stores nothing (500, `Secret creation failure seen`), and every cluster of every tenant fails with `Failed to create certificates for Cluster`'

function judge(state: VaultState, on: Case): Diagnosis {
  switch (state.kind) {
    case 'down':
      return {
        code: 'diagnosis/vault-down',
        where: 'vault',
        message: `D-067: Vault does not answer (${state.words}): ${effect}`,
        remedy: 'bring Vault up, and unseal it; nothing of Barbican or of the tenant is to be changed',
      }
    case 'sealed':
      return {
        code: 'diagnosis/vault-sealed',
        where: 'vault',
        message: `D-067: Vault is sealed: ${effect}`,
        remedy:
          'unseal every unit of it (vault operator unseal); nothing of Barbican or of the tenant is to be changed',
      }
    case 'bound':
      return state.bindings.map((binding) => bound(binding, on)).find((one) => one !== undefined) ?? untold('')
  }
}

/** The charm moves the role along with the unit's address, and makes a new secret id only when it is told to. */
function bound({ role, tokenCidrs, secretIdCidrs, secretIds }: Binding, on: Case): Diagnosis | undefined {
  const where = `AppRole ${role}`
  const living = secretIds.filter(
    ({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > on.subject.now().getTime(),
  )
  if (living.length === 0)
    return {
      code: 'diagnosis/vault-no-secret-id',
      where,
      message: `D-067: it has no secret id that is still good (${secretIds.length} in all), so Barbican cannot sign in: ${effect}`,
      remedy: `${rebind}; a new secret id is what is missing, not a wider CIDR`,
    }
  const stale = living.filter(({ cidrs }) => cidrs.length > 0 && tokenCidrs.length > 0 && disjoint(cidrs, tokenCidrs))
  const [first] = stale
  if (first !== undefined && stale.length === living.length)
    return {
      code: 'diagnosis/vault-stale-secret-id',
      where,
      message: `D-067: its secret id is bound to ${first.cidrs.join(', ')} and its tokens to ${tokenCidrs.join(', ')}: the unit's address changed, the role followed and the secret id did not (\`source address unauthorized through CIDR restrictions on the secret ID\`). ${effect}`,
      remedy: `${rebind}. Do not widen the CIDR: it is what keeps a stolen secret id useless`,
    }
  const isBound = living.every(({ cidrs }) => cidrs.length > 0) || secretIdCidrs.length > 0
  if (isBound)
    return {
      code: 'diagnosis/vault-wrong-plane',
      where,
      message: `D-067: role and secret id agree on ${[...new Set(living.flatMap(({ cidrs }) => cidrs))].join(', ')}, and Vault refuses Barbican all the same: it comes from another address than that, by another network (\`source address unauthorized through CIDR restrictions\` in the log of barbican-api names it). ${effect}`,
      remedy:
        'bind the secrets endpoints of barbican-vault and vault to the same space (juju bind), so that the unit comes from the address it announces, then rebind: ' +
        `${rebind}. Do not widen the CIDR`,
    }
  if (tokenCidrs.length > 0)
    return {
      code: 'diagnosis/vault-token-bound',
      where,
      message: `D-067: the sign-in is open to any address, and its tokens are bound to ${tokenCidrs.join(', ')}: Barbican gets a token that is refused from where it is (403, \`permission denied\`). ${effect}`,
      remedy: `bind the role to the address that the unit really comes from: ${rebind}. Do not widen the CIDR`,
    }
  return undefined
}

const rebind =
  'rebind: juju run vault/leader refresh-secrets once the relation carries the right address, and restart barbican-api'

function disjoint(some: readonly string[], others: readonly string[]): boolean {
  return !some.some((one) => others.some((other) => overlaps(one, other)))
}

function untold(words: string): Diagnosis {
  return {
    code: 'diagnosis/certificate-store',
    where: 'key-manager',
    message: `D-067: ${effect}${words === '' ? '; where Vault binds the sign-in is in order' : ` (${words})`}`,
    remedy:
      'read the log of barbican-api: the reason is nowhere else; with `vault` in cloud.yaml, or --vault and --vault-token-file, this command reads where Vault lets Barbican in from',
  }
}
