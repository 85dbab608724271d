/**
 * Identifies the Keystone: compares the answers of a cloud with those of each package, with the fixes that were shown,
 * over each base. Packages with the same answers are all kept, and one of them speaks for all.
 */
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import { fillsTreeDomain, validatesFirst } from '../policy/model/targets.ts'
import {
  fixNames,
  hasFix,
  isSince,
  packageOf,
  releases,
  releaseWith,
  renderRelease,
  seriesOf,
} from '../policy/releases/release.ts'
import type { Fix, KeystoneRelease, Release, Series } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Base, Keystone, PolicyText } from '../policy/releases/keystone.ts'
import type { Observation } from './observe.ts'
import { differences, policyExpectationOf } from './expectations.ts'
import { unlikeBootstrap } from './role-inferences.ts'
import { withFixes } from './shown-fixes.ts'
import type { ShownFixes } from './shown-fixes.ts'

export type ReleaseMatch = {
  readonly keystone: KeystoneRelease
  readonly name: Release
  /** As for `--base`: `25.0.0 --fixes ossa-2026-015`. */
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
  readonly shown: ShownFixes
  /** From 2025.1 on a body is checked before the policy; `undefined`: unknown. */
  readonly validatesFirst: boolean | undefined
  readonly enforcesScope: boolean | undefined
  /** Of the cloud, if they could be read. */
  readonly inferences: RoleInferences | undefined
  /** Beside `default` and `charm`. */
  readonly base: Base | undefined
  /** The known policy over the base, in the order in which Keystone loads it. */
  readonly overrides: readonly PolicyText[]
}

/** The likeliest first; those with equal answers are all kept. */
export async function releaseMatches(options: ReleaseMatchOptions): Promise<readonly ReleaseMatch[]> {
  const { observed, enforcesScope, overrides, inferences } = options
  const bases: readonly Base[] = [
    { kind: 'default' },
    { kind: 'charm' },
    ...(options.base === undefined || options.base.kind !== 'file' ? [] : [options.base]),
  ]
  const found: ReleaseMatch[] = []
  for (const alike of await groupsOf(candidates(options))) {
    const [keystone] = alike
    for (const base of bases) {
      for (const laid of overrides.length === 0 ? [[]] : [[], overrides]) {
        for (const enforcesNewDefaults of [false, true]) {
          const scope = enforcesScope === undefined ? {} : { enforceScope: enforcesScope }
          const expectation = policyExpectationOf(keystone, {
            base,
            overrides: laid,
            inferences,
            enforceNewDefaults: enforcesNewDefaults,
            ...scope,
          })
          const strange = differences(observed, expectation)
          const hasOverride = laid.length > 0
          for (const { release } of alike) {
            const { name } = release
            const text = renderRelease(release)
            found.push({
              keystone: release,
              name,
              release: text,
              base: base.kind,
              hasOverride,
              enforcesNewDefaults,
              strange,
            })
          }
        }
      }
    }
  }
  return found.toSorted((a, b) => a.strange.length - b.strange.length)
}

/**
 * Every package that can have the fixes that were shown, with those that it lacks put in. A rule about domain records
 * is back-ported without a trace in any handler, so each package is also taken with that fix.
 */
function candidates({ shown, ...options }: ReleaseMatchOptions): readonly KeystoneRelease[] {
  const absent = withFixes(shown, false)
  return releases.flatMap((name) => {
    if (options.validatesFirst !== undefined && options.validatesFirst !== validatesFirst({ name })) return []
    if (packageOf(name).fixes.some((fix) => absent.includes(fix))) return []
    const plain = releaseWith(name, withFixes(shown, true))
    return hasFix(plain, 'lp-2138295') ? [plain] : [plain, releaseWith(name, [...plain.fixes, 'lp-2138295'])]
  })
}

/**
 * Those of a group answer alike. A package that has its fixes by itself stands for one that would need them put in, and
 * a build of Debian is taken as it was published.
 */
async function groupsOf(all: readonly KeystoneRelease[]): Promise<readonly (readonly [Keystone, ...Keystone[]])[]> {
  const groups = new Map<string, [Keystone, ...Keystone[]]>()
  for (const release of all) {
    const keystone = await loadKeystone(release)
    const key = likenessOf(keystone)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [keystone])
    else group.push(keystone)
  }
  return [...groups.values()].map((group) => {
    const [first, ...others] = group
    const fewest = Math.min(...group.map(({ release }) => strangeness(release)))
    const natural = group.filter(({ release }) => strangeness(release) === fewest)
    return [natural[0] ?? first, ...(natural.length === 0 ? others : natural.slice(1))]
  })
}

function strangeness({ name, fixes }: KeystoneRelease): number {
  const added = fixes.length - packageOf(name).fixes.length
  return added > 0 && name.includes('deb') ? added + fixNames.length : added
}

/** All that the answers to the questions depend on. */
function likenessOf({ release, registered }: Keystone): string {
  const { fixes } = release
  const sinces = (['2023.2', '2024.2', '2025.1', '2026.2'] as const).map((series) => isSince(release, series))
  return JSON.stringify([sinces, fillsTreeDomain(release), fixes, registered])
}

/** Those with the answers of this cloud, or the closest ones. */
export function nearestOf(all: readonly ReleaseMatch[]): readonly ReleaseMatch[] {
  const [best] = all
  return best === undefined ? [] : all.filter(({ strange }) => strange.length === best.strange.length)
}

/** An upgrade may skip the series between two of these. OpenStack TC, 2022-02-10 release cadence adjustment (SLURP). */
function isLongSupported(series: Series): boolean {
  return series.endsWith('.1')
}

export type Spokesman = {
  /** With no fix that one of the others lacks; `undefined` if nothing is alike. */
  readonly worst: KeystoneRelease | undefined
  /** Fixes that some of those with the same answers have and others do not, and that no request showed. */
  readonly untold: readonly Fix[]
}

/** Of packages with the same answers: all that is said is said of the one with the fewest fixes. */
export function speaksForAll(
  nearest: readonly ReleaseMatch[],
  shown: ShownFixes,
  inferences: RoleInferences | undefined,
): Spokesman {
  const all = nearest.map(({ keystone }) => keystone)
  const common = fixNames.filter((fix) => all.every((one) => hasFix(one, fix)))
  const untold = fixNames.filter(
    (fix) => shown[fix] === undefined && !common.includes(fix) && all.some((one) => hasFix(one, fix)),
  )
  // the package itself must not have more; of equals, one of a series that operators stay on, and a point release
  const modest = releases.filter(
    (name) => all.some((one) => one.name === name) && packageOf(name).fixes.every((fix) => common.includes(fix)),
  )
  // a sign and no proof: an upgrade makes no rows, and an operator may have made these
  const bootstrapped = modest.filter((name) => unlikeBootstrap(inferences, { name, fixes: [] }).length === 0)
  const likely = bootstrapped.length === 0 ? modest : bootstrapped
  const preferred = likely.find((name) => isLongSupported(packageOf(name).series)) ?? likely[0]
  const equals = modest.filter((name) => packageOf(name).series === seriesOf({ name: preferred ?? name }))
  const chosen = equals.findLast((name) => !name.includes('deb')) ?? equals.at(-1)
  if (chosen !== undefined) return { worst: releaseWith(chosen, common), untold }
  return { worst: all.toSorted((a, b) => a.fixes.length - b.fixes.length)[0], untold }
}
