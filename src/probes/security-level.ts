/**
 * Which security fixes of 2026 this Keystone has. Distributions back-port them, so the version does not tell; the
 * rights of an application credential do.
 */
import type { Attempt } from './attempt.ts'

export type SecurityLevel = 'base' | 'ossa-2026-015' | 'aug-2026' | 'oct-2026'

export type LevelSigns = {
  /** `GET /v3/OS-TRUST/trusts?trustor_user_id=<self>` with an application credential. */
  readonly listTrusts: Attempt<unknown>
  /** `GET /v3/users/<self>/credentials/OS-EC2` with the same. */
  readonly listEc2Keys: Attempt<unknown>
  /** Did a `target` in the body of a request decide a policy? `undefined` if no rule could be deceived. */
  readonly isTargetInjectable: boolean | undefined
}

/**
 * The messages distinguish the fixes, because all answer 403. A refusal by policy names its rule and says nothing about
 * fixes. keystone/api/trusts.py: `_check_unrestricted` (base), `_check_application_credential` (OSSA-2026-015, commit
 * 50c30d169), `_check_delegated_token` (22.0.2-0+deb12u4, CVE-2026-80182); keystone/api/users.py,
 * `_require_primary_auth_for_ec2` (deb12u5, CVE-2026-90460).
 */
export function securityLevel(signs: LevelSigns): SecurityLevel | undefined {
  if (signs.isTargetInjectable === true) return 'base'
  if (isRefusedWith(signs.listEc2Keys, /delegated tokens cannot access credentials/i)) return 'oct-2026'
  if (isRefusedWith(signs.listTrusts, /delegated tokens cannot manage trusts/i)) return 'aug-2026'
  if (isRefusedWith(signs.listTrusts, /application_credential.*is not allowed for managing trusts/i))
    return 'ossa-2026-015'
  if (signs.listTrusts.kind !== 'answered') return undefined
  // it succeeded although an injected `target` is ignored: the fixes are installed, and the operator has switched this
  // one off
  return signs.isTargetInjectable === false ? 'ossa-2026-015' : 'base'
}

function isRefusedWith(tried: Attempt<unknown>, message: RegExp): boolean {
  return tried.kind === 'refused' && message.test(tried.message)
}
