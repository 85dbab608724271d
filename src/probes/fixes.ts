/**
 * Which security fixes of 2026 this Keystone has. Distributions back-port them, so the version does not tell; the
 * rights of an application credential do.
 */
import type { Attempt } from './attempt.ts'

/** `true`: the fix is shown; `false`: its absence is; `undefined`: neither. The names are those of `--fixes`. */
export type FixSigns = {
  readonly 'ossa-2026-015': boolean | undefined
  readonly 'aug-2026': boolean | undefined
  readonly 'oct-2026': boolean | undefined
}

export type CredentialSigns = {
  /** `GET /v3/OS-TRUST/trusts?trustor_user_id=<self>` with an unrestricted application credential. */
  readonly listTrusts: Attempt<unknown>
  /** `GET /v3/users/<self>/credentials/OS-EC2` with the same. */
  readonly listEc2Keys: Attempt<unknown>
  /** Did a `target` in the body of a request decide a policy? `undefined` if no rule could be deceived. */
  readonly isTargetInjectable: boolean | undefined
}

/**
 * The messages distinguish the fixes, because all answer 403. A refusal by policy names its rule and says nothing about
 * fixes. keystone/api/trusts.py: `_check_unrestricted` (25.0.0, restricted credentials only),
 * `_check_application_credential` (27.0.2), `_check_delegated_token` (27.1.0, CVE-2026-80182); keystone/api/users.py,
 * `_require_primary_auth_for_ec2` (30.0.0, CVE-2026-90460).
 */
export function fixSigns({ listTrusts, listEc2Keys, isTargetInjectable }: CredentialSigns): FixSigns {
  const october = refused(listEc2Keys, /delegated tokens cannot access credentials/i)
  const august = refused(listTrusts, /delegated tokens cannot manage trusts/i)
  const may = refused(listTrusts, /application_credential.*is not allowed for managing trusts/i)
  // every package with a later fix has this one: docs/releases.md
  const isFixed = [october, august, may].includes(true) ? true : listTrusts.kind === 'answered' ? false : undefined
  return {
    'ossa-2026-015': isTargetInjectable === undefined ? isFixed : !isTargetInjectable,
    // the operator may have switched this refusal off: allow_insecure_application_credential_trust_escalation
    'aug-2026': august === false && listTrusts.kind === 'answered' && isTargetInjectable === false ? undefined : august,
    'oct-2026': october,
  }
}

/** `undefined`: no answer, or a policy's refusal. */
function refused(tried: Attempt<unknown>, message: RegExp): boolean | undefined {
  switch (tried.kind) {
    case 'answered':
      return false
    case 'refused':
      if (message.test(tried.message)) return true
      return /requested action: identity:/.test(tried.message) ? undefined : false
    case 'unanswered':
      return undefined
  }
}
