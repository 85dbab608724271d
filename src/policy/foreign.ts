/**
 * A policy file of another service. oslo.policy loads it into Keystone without a word, and no rule of it is ever asked:
 * keystone 22.0.2, keystone/common/rbac_enforcer/enforcer.py, _POSSIBLE_TARGET_ACTIONS. So there is nothing to prove.
 */
import type { FileRule } from './engine/rules.ts'

/** Actions of other services: `os_compute_api:servers:create` (Nova), `create_network` (Neutron). */
const foreignAction = /^[\w-]+:|^(?:add|create|delete|download|get|list|modify|publicize|remove|update|upload)_/

/** An action of another service, if the file has such ones and none of Keystone's. */
export function foreignActionIn(rules: readonly FileRule[], known: ReadonlySet<string>): string | undefined {
  const names = rules.map(({ name }) => name)
  if (names.some((name) => name.startsWith('identity:'))) return undefined
  return names.find((name) => foreignAction.test(name) && !known.has(name))
}
