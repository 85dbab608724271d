/**
 * `tenant-onboard/policy`: Keystone's policy as data. Text in, data out: nothing in here reads a file, a variable or the network.
 */
import { enforce } from '../policy/engine/enforce.ts'
import type { Decision } from '../policy/engine/enforce.ts'
import { keystoneRules, loadKeystone } from '../policy/releases/keystone.ts'
import type { KeystoneOptions } from '../policy/releases/keystone.ts'
import { parseRelease } from '../policy/releases/release.ts'
import type { Dict } from '../policy/python/value.ts'
import type { RuleSet } from '../policy/engine/rules.ts'

export { InputError } from '../errors.ts'
export { explainTarget } from '../policy/explain.ts'
export { parsePolicyFile } from '../policy/engine/file.ts'
export { parseRule } from '../policy/engine/parse.ts'
export { buildOverride } from '../policy/build/override.ts'
export { lintPolicy } from '../policy/lint/lint.ts'
export { matrixOf } from '../policy/matrix.ts'
export { prove } from '../policy/prove/prove.ts'
export { keystoneRules, loadKeystone } from '../policy/releases/keystone.ts'
export { parseRelease } from '../policy/releases/release.ts'
export type { Base, Keystone, KeystoneOptions, PolicyText } from '../policy/releases/keystone.ts'
export type { KeystoneRelease } from '../policy/releases/release.ts'
export type { Decision } from '../policy/engine/enforce.ts'
export type { RuleSet } from '../policy/engine/rules.ts'
export type { Dict, Value } from '../policy/python/value.ts'
export type { Explanation } from '../policy/explain.ts'
export type { Override } from '../policy/build/override.ts'
export type { Proof } from '../policy/prove/prove.ts'

/**
 * The rules of one Keystone. `release` is a package or a series, with its fixes: `27.0.1`, `25.0.0 --fixes ossa-2026-015`.
 * Throws `InputError` for a release that is not known, and for a policy file that Keystone cannot load.
 */
export async function keystonePolicy(release: string, options: KeystoneOptions = {}): Promise<RuleSet> {
  return keystoneRules(await loadKeystone(parseRelease(release)), options)
}

/**
 * One decision, as Keystone's enforcer makes it. `credentials` are those of the token (`user_id`, `domain_id`, `roles`, ..), and
 * `target` has flat keys: `target.user.domain_id`. Where Python raises, the decision is an `error` and nothing is thrown.
 */
export function decide(rules: RuleSet, action: string, credentials: Dict, target: Dict = {}): Decision {
  return enforce(rules, action, credentials, target)
}
