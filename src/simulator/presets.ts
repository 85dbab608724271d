/** Useful clouds: a Keystone, its fixes, and the policy over its rules. */
import { parseRelease } from '../policy/releases/release.ts'
import { usualCapiHelm } from './profile.ts'
import type { Profile } from './profile.ts'

export type Preset = {
  readonly summary: string
  readonly release: string
  readonly base: 'default' | 'charm'
  readonly magnumDriver: Profile['magnumDriver']
}

export const PRESETS = {
  'zed-patched': {
    summary: 'Keystone 22 as Debian 12 ships it, every fix included',
    release: '22.0.2-0+deb12u6',
    base: 'default',
    magnumDriver: 'heat',
  },
  'caracal-charmed': {
    summary: 'Keystone 2024.1 with the fixes of OSSA-2026-015 under the policy of charm-keystone',
    release: 'unmaintained/2024.1 --fixes ossa-2026-015',
    base: 'charm',
    magnumDriver: 'capi-helm',
  },
  'caracal-unpatched': {
    summary: 'Keystone 2024.1 as it was published',
    release: '25.0.0',
    base: 'default',
    magnumDriver: 'capi-helm',
  },
  epoxy: {
    summary: 'Keystone 2025.1 with every fix, which has the domain manager in code',
    release: '27.1.0 --fixes oct-2026',
    base: 'default',
    magnumDriver: 'capi-helm',
  },
  'epoxy-charmed': {
    summary: 'the same under the policy of charm-keystone, which hides the domain manager',
    release: '27.1.0 --fixes oct-2026',
    base: 'charm',
    magnumDriver: 'capi-helm',
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof PRESETS

export function isPresetName(name: string): name is PresetName {
  return name in PRESETS
}

/** The settings that the charm's policy needs come with the charm. */
export function profileOf(preset: Preset, release: string, base: 'default' | 'charm'): Profile {
  const isCharmed = base === 'charm'
  return {
    release: parseRelease(release),
    adminProject: isCharmed ? { name: 'admin', domain: 'admin_domain' } : undefined,
    hasDomainDrivers: isCharmed,
    magnumDriver: preset.magnumDriver,
    capiHelm: usualCapiHelm(undefined),
  }
}
