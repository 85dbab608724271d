/**
 * The meaning of a rule depends on its Keystone: the release, and the security fixes, because distributions back-port
 * them. Written `2024.1+ossa-2026-015`.
 */
import { InputError } from '../../errors.ts'

/**
 * Oldest first. `debian-22` is Debian 12's build of Zed, which has the rules of 2024.1; `debian-27` is Debian 13's of
 * 2025.1, which lacks upstream's additions before 27.0.2.
 */
export const releases = ['zed', 'debian-22', '2024.1', '2024.2', '2025.1', 'debian-27'] as const
export type Release = (typeof releases)[number]

/**
 * In order; each level includes the ones before it.
 * - `ossa-2026-015`: the request body and the filters no longer mix with the target (CVE-2026-42999); application
 *   credentials make no trusts (CVE-2026-43000)
 * - `aug-2026`: no delegated token manages trusts (CVE-2026-80182 to 80184)
 * - `oct-2026`: no delegated token touches credentials (CVE-2026-90460)
 */
export const fixLevels = ['base', 'ossa-2026-015', 'aug-2026', 'oct-2026'] as const
export type FixLevel = (typeof fixLevels)[number]

export type KeystoneRelease = { readonly name: Release; readonly level: FixLevel }

/** Debian's builds as of 22.0.2-0+deb12u6 and 27.0.0-3+deb13u6. */
const shipped: Readonly<Record<string, FixLevel>> = { 'debian-22': 'oct-2026', 'debian-27': 'oct-2026' }

/** A release without a level means the release as published, or as Debian ships it. */
export function parseRelease(text: string): KeystoneRelease {
  const [name = '', level, ...rest] = text.split('+')
  const release = releases.find((known) => known === name)
  const security = fixLevels.find((known) => known === (level ?? shipped[name] ?? 'base'))
  if (release === undefined || security === undefined || rest.length > 0) {
    throw new InputError([
      {
        message: `\`${text}\` is not a release of Keystone`,
        hint: `RELEASE+LEVEL, with ${releases.join(', ')} and ${fixLevels.join(', ')}`,
      },
    ])
  }
  return { name: release, level: security }
}

export function renderRelease(release: KeystoneRelease): string {
  return `${release.name}+${release.level}`
}

export function isAtLeast(release: KeystoneRelease, security: FixLevel): boolean {
  return fixLevels.indexOf(release.level) >= fixLevels.indexOf(security)
}

/**
 * The library's own defaults for `enforce_scope` and `enforce_new_defaults` changed with oslo.policy 4.4.0, part of
 * 2024.2. oslo.policy 2024.2-eol, oslo_policy/opts.py.
 */
export function enforcesNewDefaults(release: Release): boolean {
  return releases.indexOf(release) >= releases.indexOf('2024.2')
}
