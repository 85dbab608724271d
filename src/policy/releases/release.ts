/**
 * A Keystone is a package and a set of fixes: distributions back-port them, so the package's version alone says neither
 * what a rule means nor what a request can do. Written as on a command line: `27.0.1`, `25.0.0 --fixes ossa-2026-015`.
 */
import { InputError } from '../../errors.ts'
import packages from './rules/packages.json' with { type: 'json' }

/** OpenStack's names of Keystone 22 to 30, oldest first. */
export const seriesNames = [
  'zed',
  '2023.1',
  '2023.2',
  '2024.1',
  '2024.2',
  '2025.1',
  '2025.2',
  '2026.1',
  '2026.2',
] as const
export type Series = (typeof seriesNames)[number]

/**
 * - `lp-2041611`: a token of a domain lists its own domain only
 * - `ossa-2025-002`: EC2 and S3 signatures are exchanged only for whom a rule allows it; without it Keystone asks no rule
 * - `ossa-2026-005`: restricted application credentials make no EC2 keys (CVE-2026-33551)
 * - `lp-2138295`: a token without a domain no longer matches the record of a domain under `/v3/projects`
 * - `ossa-2026-015`: the request body and the filters no longer mix with the target (CVE-2026-42999); application
 *   credentials make no trusts (CVE-2026-43000)
 * - `aug-2026`: no delegated token manages trusts (CVE-2026-80182 to 80184)
 * - `oct-2026`: no delegated token touches credentials (CVE-2026-90460)
 */
export const fixNames = [
  'lp-2041611',
  'ossa-2025-002',
  'ossa-2026-005',
  'lp-2138295',
  'ossa-2026-015',
  'aug-2026',
  'oct-2026',
] as const
export type Fix = (typeof fixNames)[number]

/** A published package: a point release, a branch that went on after its last one, or a build of Debian. */
export type Release = keyof typeof packages
export const releases: readonly Release[] = Object.keys(packages).filter(isRelease)

/** `fixes`: the package's own and those that were put into it, in the order of `fixNames`. */
export type KeystoneRelease = { readonly name: Release; readonly fixes: readonly Fix[] }

/** What the package itself has. `rules`: the package whose rules are stored for it. */
export type Package = {
  readonly series: Series
  readonly rules: string
  readonly fixes: readonly Fix[]
}

export function packageOf(name: Release): Package {
  const { series, rules, fixes } = packages[name]
  return {
    series: seriesNames.find((known) => known === series) ?? 'zed',
    rules,
    fixes: fixNames.filter((fix) => fixes.some((own) => own === fix)),
  }
}

export function seriesOf(release: Pick<KeystoneRelease, 'name'>): Series {
  return packageOf(release.name).series
}

export function isSince(release: Pick<KeystoneRelease, 'name'>, series: Series): boolean {
  return seriesNames.indexOf(seriesOf(release)) >= seriesNames.indexOf(series)
}

/** The packages of a series that have the fix by themselves. */
export function carriersOf(fix: Fix, series: Series): readonly Release[] {
  return releases.filter((name) => packageOf(name).series === series && packageOf(name).fixes.includes(fix))
}

export function hasFix({ fixes }: Pick<KeystoneRelease, 'fixes'>, fix: Fix): boolean {
  return fixes.includes(fix)
}

/** The package with these fixes beside its own: a fix is put in and never taken out. */
export function releaseWith(name: Release, fixes: readonly Fix[] = []): KeystoneRelease {
  const own = packageOf(name).fixes
  return { name, fixes: fixNames.filter((fix) => own.includes(fix) || fixes.includes(fix)) }
}

/** The other way round from `parseRelease`; names only the fixes that the package lacks by itself. */
export function renderRelease({ name, fixes }: KeystoneRelease): string {
  const own = packageOf(name).fixes
  const added = fixes.filter((fix) => !own.includes(fix))
  return added.length === 0 ? name : `${name}${fixesMark}${added.join(',')}`
}

const fixesMark = ' --fixes '

/**
 * A package; or a series, which means its first point release, because nothing more is known; with the fixes that were
 * put into it. `fixes`: as on the command line, comma-separated.
 */
export function parseRelease(text: string, fixes?: string): KeystoneRelease {
  const [name = '', listed] = text.split(fixesMark)
  const known = namedRelease(name)
  if (known === undefined)
    throw new InputError([{ message: `\`${text}\` is not a release of Keystone`, hint: hintFor(name) }])
  const added = [listed, fixes].flatMap((list) => (list === undefined ? [] : parseFixes(list)))
  return releaseWith(known.name, [...known.fixes, ...added])
}

/** True if the text can only mean a release, known or not: `--base` also takes files. */
export function isReleaseName(text: string): boolean {
  return namedRelease(text.split(fixesMark)[0] ?? '') !== undefined
}

function namedRelease(text: string): KeystoneRelease | undefined {
  // Debian writes its epoch in some places: 2:22.0.2-0+deb12u6
  const name = text.replace(/^\d+:/, '')
  if (isRelease(name)) return releaseWith(name)
  const [first] = packagesOf(name)
  return first === undefined ? oldSpelling(name) : releaseWith(first)
}

function isRelease(text: string): text is Release {
  return Object.hasOwn(packages, text)
}

/** Those of a series without Debian's builds, oldest first. */
function packagesOf(series: string): readonly Release[] {
  return releases.filter((name) => packages[name].series === series && !name.includes('deb'))
}

function parseFixes(list: string): readonly Fix[] {
  return list.split(',').map((text) => {
    const fix = fixNames.find((known) => known === text.trim())
    if (fix === undefined)
      throw new InputError([{ message: `\`${text}\` is not a fix of Keystone`, hint: `any of ${fixNames.join(', ')}` }])
    return fix
  })
}

/** Until 2026-11 fixes were a ladder behind the release's name. Records and policy files of that time have it. */
const rungs: readonly (readonly [string, readonly Fix[]])[] = [
  ['base', []],
  ['ossa-2026-015', ['ossa-2026-015']],
  ['aug-2026', ['ossa-2026-015', 'aug-2026']],
  ['oct-2026', ['ossa-2026-015', 'aug-2026', 'oct-2026']],
]
const debian: Readonly<Record<string, string>> = { 'debian-22': 'deb12', 'debian-27': 'deb13' }

/**
 * `2024.1+oct-2026`: the first package of the series that has these fixes, or else the last one with them put in.
 * `debian-22`: the newest build.
 */
function oldSpelling(text: string): KeystoneRelease | undefined {
  const [name = '', level, ...rest] = text.split('+')
  const build = debian[name]
  const candidates = build === undefined ? packagesOf(name) : releases.filter((known) => known.includes(build))
  const last = candidates.at(-1)
  if (last === undefined || rest.length > 0) return undefined
  if (level === undefined) return build === undefined ? undefined : releaseWith(last)
  const wanted = rungs.find(([rung]) => rung === level)?.[1]
  if (wanted === undefined) return undefined
  const first = candidates.find((known) => wanted.every((fix) => packageOf(known).fixes.includes(fix)))
  return first === undefined ? releaseWith(last, wanted) : releaseWith(first)
}

function hintFor(text: string): string {
  const upstream = /^(?:\d+:)?(\d+\.\d+\.\d+)[-+~]/.exec(text)?.[1]
  if (upstream !== undefined && isRelease(upstream))
    return `for a distribution's build, write the point release and the fixes that its changelog names: ${upstream}${fixesMark}${fixNames.slice(-3).join(',')}`
  return `a point release (27.0.1), a series (${seriesNames.join(', ')}: its first point release), a build of Debian (22.0.2-0+deb12u6), or unmaintained/2024.1; with --fixes, any of ${fixNames.join(', ')}`
}

/**
 * The library's own defaults for `enforce_scope` and `enforce_new_defaults` changed with oslo.policy 4.4.0, part of
 * 2024.2. oslo.policy 2024.2-eol, oslo_policy/opts.py.
 */
export function enforcesNewDefaults(release: Pick<KeystoneRelease, 'name'>): boolean {
  return isSince(release, '2024.2')
}

/** The option is gone: oslo.policy 6.0.0, part of 2026.2, oslo_policy/policy.py, Enforcer.enforce. */
export function alwaysEnforcesScope(release: Pick<KeystoneRelease, 'name'>): boolean {
  return isSince(release, '2026.2')
}
