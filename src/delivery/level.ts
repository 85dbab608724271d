import type { Delegation } from '../isolation/delegation.ts'
import type { Persona } from '../isolation/persona.ts'
import type { SecurityLevel } from '../isolation/security-level.ts'

/** A forged target proves nothing where the plain grant is let through as well: that is a rule, and not the level. */
export function levelOf({ results }: Persona, { security }: Delegation): SecurityLevel | undefined {
  const isPlainlyAllowed = results.some(({ id, observed }) => id === 'persona/grant-admin' && observed === 'allowed')
  return isPlainlyAllowed && security === 'base' ? undefined : security
}
