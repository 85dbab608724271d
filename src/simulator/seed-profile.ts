import { hasFix, releaseWith } from '../policy/releases/release.ts'
import { namedFault } from './faults.ts'
import { PRESETS, profileOf } from './presets.ts'
import { usualCapiHelm } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Seed } from './seed.ts'

/** The properties of a seed's cloud: its preset, its own release and base, and the fix that a fault needs. */
export function profileFor(seed: Seed): Profile {
  const preset = PRESETS[seed.preset ?? 'zed-patched']
  const base = seed.base === 'charm' || seed.base === 'default' ? seed.base : preset.base
  const profile = {
    ...profileOf(preset, seed.release ?? preset.release, base),
    ...(seed.magnumDriver === undefined ? {} : { magnumDriver: seed.magnumDriver }),
    capiHelm: seed.capiHelm ?? usualCapiHelm(seed.magnum),
    magnum: seed.magnum,
    ...securityOf(seed),
    hasUnifiedLimits: seed.hasUnifiedLimits === true,
  }
  const wanted = (seed.faults ?? []).flatMap((fault) => (typeof fault === 'string' ? [namedFault(fault).security] : []))
  const raised = wanted.find((fix) => fix !== undefined && !hasFix(profile.release, fix))
  const { name, fixes } = profile.release
  return raised === undefined ? profile : { ...profile, release: releaseWith(name, [...fixes, raised]) }
}

function securityOf({ securityCompliance }: Seed): Pick<Profile, 'securityCompliance'> {
  return securityCompliance === undefined ? {} : { securityCompliance }
}
