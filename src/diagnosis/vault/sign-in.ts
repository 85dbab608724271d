/** Causes by which Vault knows neither the role nor the secret id. */
import { livingOf, nameOf, whereOf } from './addresses.ts'
import type { Binding, VaultReading } from './reading.ts'
import { rebind } from './suspect.ts'
import type { Suspect } from './suspect.ts'

export function withoutSecretId(binding: Binding, now: Date): readonly Suspect[] {
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

export function invalid(reading: VaultReading | undefined, now: Date): readonly Suspect[] {
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
