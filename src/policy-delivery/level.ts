import type { Delegation } from '../probes/delegation.ts'
import type { Persona } from '../probes/persona.ts'
import type { SecurityLevel } from '../probes/security-level.ts'

/** An injected target proves nothing if the plain grant is allowed as well: then the rule decides, not the level. */
export function levelOf({ results }: Persona, { security }: Delegation): SecurityLevel | undefined {
  const isPlainlyAllowed = results.some(({ id, observed }) => id === 'persona/grant-admin' && observed === 'allowed')
  return isPlainlyAllowed && security === 'base' ? undefined : security
}
