import type { Delegation } from '../probes/delegation.ts'
import type { Persona } from '../probes/persona.ts'
import type { SecurityLevel } from '../probes/security-level.ts'

/** A forged target proves nothing where the plain grant is let through as well: that is a rule, and not the level. */
export function levelOf({ results }: Persona, { security }: Delegation): SecurityLevel | undefined {
  const isPlainlyAllowed = results.some(({ id, observed }) => id === 'persona/grant-admin' && observed === 'allowed')
  return isPlainlyAllowed && security === 'base' ? undefined : security
}
