/** One answer of a policy, even if the target of an action is unknown. */
import { enforce } from '../engine/enforce.ts'
import { keysRead } from '../python/format.ts'
import { reach } from '../engine/reach.ts'
import type { Persona } from './persona.ts'
import type { Dict } from '../python/value.ts'
import type { RuleSet } from '../engine/rules.ts'

/** `unknown`: the rule reads a target that was not captured. */
export type Decided = 'allow' | 'deny' | 'error' | 'unknown'

export function answerOf(rules: RuleSet, action: string, persona: Persona, target: Dict): Decided {
  return enforce(rules, action, persona.creds, target).kind
}

/** True if a decision on the action can depend on its target at all. */
export function readsTarget(rules: RuleSet, action: string): boolean {
  for (const { leaf } of reach(rules, action)) {
    if ((leaf.kind === 'role' || leaf.kind === 'attribute') && keysRead(leaf.format).length > 0) return true
  }
  return false
}
