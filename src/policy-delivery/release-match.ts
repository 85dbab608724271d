/** Identifies the Keystone: compares the answers of a cloud with those of each release, over each base. */
import { releases, renderRelease } from '../policy/releases/release.ts'
import type { Release, FixLevel } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Base, PolicyText } from '../policy/releases/keystone.ts'
import type { Observation } from './observe.ts'
import { differences, policyExpectationOf } from './expectations.ts'

export type ReleaseMatch = {
  readonly name: Release
  /** `2024.1+ossa-2026-015`. */
  readonly release: string
  readonly base: Base['kind']
  /** True if the known override was put over it. */
  readonly hasOverride: boolean
  readonly enforcesNewDefaults: boolean
  /** Answers that differ from this release's. */
  readonly strange: readonly Observation[]
}

export type ReleaseMatchOptions = {
  readonly observed: readonly Observation[]
  readonly security: FixLevel
  /** From 2025.1 on a body is checked before the policy; `undefined`: unknown. */
  readonly validatesFirst: boolean | undefined
  readonly enforcesScope: boolean | undefined
  /** Beside `default` and `charm`. */
  readonly base: Base | undefined
  /** The known policy over the base, in the order in which Keystone loads it. */
  readonly overrides: readonly PolicyText[]
}

/** The likeliest first; those with equal answers are all kept. */
export async function releaseMatches(options: ReleaseMatchOptions): Promise<readonly ReleaseMatch[]> {
  const { observed, security, validatesFirst, enforcesScope, overrides } = options
  const bases: readonly Base[] = [
    { kind: 'default' },
    { kind: 'charm' },
    ...(options.base === undefined || options.base.kind !== 'file' ? [] : [options.base]),
  ]
  const found: ReleaseMatch[] = []
  for (const name of releases) {
    if (validatesFirst !== undefined && validatesFirst !== validates(name)) continue
    const keystone = await loadKeystone({ name, level: security })
    for (const base of bases) {
      for (const laid of overrides.length === 0 ? [[]] : [[], overrides]) {
        for (const enforcesNewDefaults of [false, true]) {
          const scope = enforcesScope === undefined ? {} : { enforceScope: enforcesScope }
          const expectation = policyExpectationOf(keystone, {
            base,
            overrides: laid,
            enforceNewDefaults: enforcesNewDefaults,
            ...scope,
          })
          found.push({
            name,
            release: renderRelease(keystone.release),
            base: base.kind,
            hasOverride: laid.length > 0,
            enforcesNewDefaults,
            strange: differences(observed, expectation),
          })
        }
      }
    }
  }
  return found.toSorted((a, b) => a.strange.length - b.strange.length)
}

/**
 * keystone 27.0.0, keystone/api/domains.py, `@validation.request_body_schema` on the handlers; 26 validates inside of
 * them.
 */
function validates(release: Release): boolean {
  return release === '2025.1' || release === 'debian-27'
}

/** Those with the answers of this cloud, or the closest ones. */
export function nearestOf(all: readonly ReleaseMatch[]): readonly ReleaseMatch[] {
  const [best] = all
  return best === undefined ? [] : all.filter(({ strange }) => strange.length === best.strange.length)
}
