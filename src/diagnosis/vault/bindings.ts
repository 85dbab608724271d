/** Causes by which Vault lets Barbican in from elsewhere only. */
import { isAllowed, isIn, livingOf, meet, nameOf, newestAmong, newestOf, said, whereOf } from './addresses.ts'
import type { Binding, SecretId, VaultReading } from './reading.ts'
import { narrow, rebind } from './suspect.ts'
import type { Suspect, Suspicion } from './suspect.ts'

/**
 * The charm updates the role with the address of the unit, and makes a new secret id only on request; the old ones stay.
 * So the role of the unit is the one whose tokens are bound to the address in Vault's refusal. charm-vault,
 * src/lib/charm/vault.py, configure_approle
 */
export function byAddress(source: string, reading: VaultReading | undefined, now: Date): Suspicion {
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
  const newest = newestAmong(living)
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
export function boundByRole(binding: Binding, now: Date): readonly Suspect[] {
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
export function staleByItself(binding: Binding, now: Date): readonly Suspect[] {
  const living = livingOf(binding, now)
  const { tokenCidrs } = binding
  if (living === undefined || living.length === 0 || tokenCidrs === undefined || tokenCidrs.length === 0) return []
  const isStale = living.every(({ cidrs }) => cidrs.length > 0 && !meet(cidrs, tokenCidrs))
  return isStale ? [stale(binding, undefined, living)] : []
}
