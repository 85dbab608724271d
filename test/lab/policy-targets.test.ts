/** What we say of the policy target of each action beside what the Keystone of the lab puts there. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { findTargetKeys, knownActions, targetOf } from '../../src/policy/model/targets.ts'
import type { Target, TargetKey } from '../../src/policy/model/targets.ts'
import { isInstalled, pythons, runPython } from './policy-oracle.ts'

type Seen = {
  readonly request: string
  readonly action: string
  readonly keys: readonly string[]
  /** Those of `keys` that held None. */
  readonly none: readonly string[]
}

const script = readFileSync(new URL('policy-targets.py', import.meta.url), 'utf8')

/** Keys that we do not expect, and keys that should always be there and are not. */
function surprises(seen: Seen, target: Target): readonly string[] {
  const unknown = seen.keys.filter((key) => findTargetKeys(target, key).length === 0).map((key) => `unknown ${key}`)
  const nones = seen.none
    .filter(
      (key) =>
        key.startsWith('target.') && !isFree(key) && !findTargetKeys(target, key).some((known) => known.isNullable),
    )
    .map((key) => `None in ${key}`)
  const missing = target.shapes.map((shape) =>
    shape.filter((known) => known.when === 'always' && !isIn(known, seen.keys)),
  )
  const least = missing.reduce((a, b) => (b.length < a.length ? b : a))
  return [...unknown, ...nones, ...least.map((known) => `missing ${known.key}`)].map(
    (what) => `${seen.action} (${seen.request}): ${what}`,
  )
}

/** Attributes that no rule reads and that may hold nothing. */
function isFree(key: string): boolean {
  return /\.(?:description|default_project_id|password_expires_at|expires_at|deleted_at|remaining_uses|redelegat\w+|\w*_id_hash|options\..*)$/.test(
    key,
  )
}

function isIn(known: TargetKey, keys: readonly string[]): boolean {
  return keys.some((key) => (known.key.endsWith('.*') ? key.startsWith(known.key.slice(0, -1)) : key === known.key))
}

for (const [python, name] of [
  [pythons[0], 'debian-22'],
  [pythons[1], 'debian-27'],
] as const) {
  test.runIf(python !== undefined && isInstalled(python))(
    `${name} fills its targets as the Keystone in the lab does`,
    async () => {
      const printed = python === undefined ? '' : await runPython(python, script, '')
      const seen = printed
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Seen)
      const release = parseRelease(name)
      // no handler asks for the last one: keystone/api/users.py, OAuth1AccessTokenCRUDResource.delete
      const asked = new Set([...seen.map((each) => each.action), 'identity:delete_access_token'])
      expect(knownActions(release).filter((action) => !asked.has(action))).toEqual([])
      const all = seen.flatMap((each) => {
        const target = targetOf(release, each.action)
        return target === undefined ? [] : surprises(each, target)
      })
      expect(all).toEqual([])
    },
  )
}
