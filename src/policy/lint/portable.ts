/**
 * The key under which a newer Keystone has the value of an older one's key. OSSA-2026-015 moved the body to
 * `request_body.` and the filters to `filter_attr.`; a handler's `target.` stayed.
 */
import { fixLevels } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { findTargetKeys, targetOf } from '../model/targets.ts'

export function isFilled(release: KeystoneRelease, action: string, key: string): boolean {
  const target = targetOf(release, action)
  return target !== undefined && findTargetKeys(target, key).length > 0
}

/** True if this release fills the key for the action at another security level. */
export function isFilledElsewhere(release: KeystoneRelease, action: string, key: string): boolean {
  return fixLevels.some((security) => isFilled({ ...release, level: security }, action, key))
}

/** Keys with the same value as `key`, those that every level fills first. */
export function equivalents(release: KeystoneRelease, action: string, key: string): readonly string[] {
  const plain = key.replace(/^(?:target|request_body|filter_attr)\./, '')
  // A list by domain is limited to the token's own domain anyway.
  const domain = /(?:^|\.)domain(?:_id|\.id)$/.test(plain)
    ? ['target.domain_id', 'target.group.domain_id', 'target.user.domain_id']
    : []
  const candidates = [`target.${plain}`, ...domain, `request_body.${plain}`, `filter_attr.${plain}`, plain]
  return [...new Set(candidates)].filter((candidate) => candidate !== key && isFilled(release, action, candidate))
}

/** True if every level of this release fills the key: then it is right on any of them. */
export function isPortable(release: KeystoneRelease, action: string, key: string): boolean {
  return fixLevels.every((security) => isFilled({ ...release, level: security }, action, key))
}
