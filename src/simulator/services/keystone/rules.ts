/** The interface to the policy engine: the rules of this Keystone, and their answer to one request. */
import { enforce } from '../../../policy/engine/enforce.ts'
import { Refusal } from '../../refusal.ts'
import type { Dict } from '../../../policy/python/value.ts'
import type { RuleSet } from '../../../policy/engine/rules.ts'

export type Policy = {
  readonly isAllowed: (action: string, credentials: Dict, target: Dict) => boolean
  /** The rule is the empty one, which Keystone's trust handlers treat separately. */
  readonly isAlwaysTrue: (action: string) => boolean
}

export function policyOf(rules: RuleSet): Policy {
  return {
    isAllowed: (action, credentials, target) => {
      const decision = enforce(rules, action, credentials, target)
      if (decision.kind === 'error') {
        throw new Refusal(500, 'An unexpected error prevented the server from fulfilling your request.')
      }
      return decision.kind === 'allow'
    },
    isAlwaysTrue: (action) => rules.rules.get(action)?.check.kind === 'true',
  }
}
