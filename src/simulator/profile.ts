/** What differs between clouds of different age, apart from the rules: the releases, and their configuration. */
import { isSince } from '../policy/releases/release.ts'
import type { KeystoneRelease, Series } from '../policy/releases/release.ts'

export type Profile = {
  readonly release: KeystoneRelease
  /** `[resource] admin_project_name` and its domain: without them Keystone has no admin project. */
  readonly adminProject: { readonly name: string; readonly domain: string } | undefined
  /** `[identity] domain_specific_drivers_enabled`, which the charm sets. */
  readonly hasDomainDrivers: boolean
  readonly securityCompliance?: SecurityCompliance
  /** `[quota] driver = nova.quota.UnifiedLimitsDriver`: Nova takes its limits from Keystone. */
  readonly hasUnifiedLimits?: boolean
  readonly magnumDriver: 'heat' | 'capi-helm'
  /** Of magnum-capi-helm, where that is the driver. */
  readonly capiHelm: CapiHelm
  /** Of a Magnum that is newer than the rest; absent: as old as Keystone. */
  readonly magnum?: YoungMagnum | undefined
}

/**
 * Releases that treat trusts differently: 2026.1 leaves them to the driver, and ours has a capi-helm that needs none;
 * 2026.2 has none.
 */
export type YoungMagnum = '2026.1' | '2026.2'

/** Releases of magnum-capi-helm that treat the credential of a cluster differently. */
export type CapiHelm = '1.2' | '1.4'

export type SecurityCompliance = {
  readonly password_regex?: string
  readonly password_regex_description?: string
  readonly change_password_upon_first_use?: boolean
  readonly password_expires_days?: number
  readonly minimum_password_age?: number
  readonly unique_last_password_count?: number
}

/**
 * The domains and projects of the operator and of the services. A charmed cloud keeps them out of the default domain.
 */
export type Homes = { readonly adminDomain: string; readonly serviceDomain: string; readonly serviceProject: string }

export function homesOf(profile: Profile): Homes {
  return profile.adminProject === undefined
    ? { adminDomain: 'Default', serviceDomain: 'Default', serviceProject: 'service' }
    : { adminDomain: 'admin_domain', serviceDomain: 'service_domain', serviceProject: 'services' }
}

export function isReleaseAtLeast(profile: Profile, series: Series): boolean {
  return isSince(profile.release, series)
}

/** The minor version. nova/api/openstack/api_version_request.py, _MAX_API_VERSION of each release. */
export function novaMaximum(profile: Profile): number {
  if (isReleaseAtLeast(profile, '2025.1')) return 100
  return isReleaseAtLeast(profile, '2024.1') ? 96 : 93
}

/** magnum/api/controllers/versions.py, CURRENT_MAX_VER. */
export function magnumMaximum(profile: Profile): number {
  if (profile.magnum !== undefined) return profile.magnum === '2026.2' ? 14 : 12
  return isReleaseAtLeast(profile, '2024.1') ? 11 : 10
}

/** As Debian pairs them: trixie has Magnum 20.0.0 with 1.2.0, sid has 23.0.0 with 1.4.0. */
export function usualCapiHelm(magnum: YoungMagnum | undefined): CapiHelm {
  return magnum === undefined ? '1.2' : '1.4'
}

/**
 * Whether Magnum itself removes trust, trustee and certificates of a deleted cluster. Before 18.0.0 only Heat's driver
 * did. magnum 1b00074c, service/periodic.py, ClusterUpdateJob
 */
export function tidiesAnyDriver(profile: Profile): boolean {
  return isReleaseAtLeast(profile, '2024.1')
}

/** Whether the health of a cluster is also read while it is made. magnum 99febcc9, first in 22.0.0, service/periodic.py */
export function readsHealthWhileMade({ magnum }: Profile): boolean {
  return magnum !== undefined
}

/** magnum stable/2026.1 (4ec7c441), conductor/handlers/cluster_conductor.py; master since 7999e015. */
export function makesTrusts({ magnum, magnumDriver }: Profile): boolean {
  return magnum === undefined || (magnum === '2026.1' && magnumDriver === 'heat')
}

/** cinder/api/openstack/api_version_request.py, _MAX_API_VERSION. */
export function cinderMaximum(profile: Profile): number {
  return isReleaseAtLeast(profile, '2024.1') ? 71 : 70
}
