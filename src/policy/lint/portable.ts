/**
 * The key under which a newer Keystone has the value of an older one's key. OSSA-2026-015 moved the body to
 * `request_body.` and the filters to `filter_attr.`; a handler's `target.` stayed.
 */
import type { KeystoneRelease } from '../releases/release.ts'
import { findTargetKeys, targetOf } from '../model/targets.ts'

export function isFilled(release: KeystoneRelease, action: string, key: string): boolean {
  const target = targetOf(release, action)
  return target !== undefined && findTargetKeys(target, key).length > 0
}

/** True if this release fills the key for the action, with or without the fix. */
export function isFilledElsewhere(release: KeystoneRelease, action: string, key: string): boolean {
  return withAndWithout(release).some((each) => isFilled(each, action, key))
}

/** Keys with the same value as `key`, those that are filled with and without the fix first. */
export function equivalents(release: KeystoneRelease, action: string, key: string): readonly string[] {
  const plain = key.replace(/^(?:target|request_body|filter_attr)\./, '')
  // A list by domain is limited to the token's own domain anyway.
  const domain = /(?:^|\.)domain(?:_id|\.id)$/.test(plain)
    ? ['target.domain_id', 'target.group.domain_id', 'target.user.domain_id']
    : []
  const candidates = [`target.${plain}`, ...domain, `request_body.${plain}`, `filter_attr.${plain}`, plain]
  return [...new Set(candidates)].filter((candidate) => candidate !== key && isFilled(release, action, candidate))
}

/** True if this release fills the key with and without the fix: then it is right on both. */
export function isPortable(release: KeystoneRelease, action: string, key: string): boolean {
  return withAndWithout(release).every((each) => isFilled(each, action, key))
}

/** The same package without and with the fixes of OSSA-2026-015, which moved the keys. */
function withAndWithout(release: KeystoneRelease): readonly KeystoneRelease[] {
  const others = release.fixes.filter((fix) => fix !== 'ossa-2026-015')
  return [
    { ...release, fixes: others },
    { ...release, fixes: [...others, 'ossa-2026-015'] },
  ]
}
