import { get } from '../resource-requests.ts'
import { inside, object, optional, orNull, text } from '../shape.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'

/** `[security_compliance]` of keystone.conf: one rule for every domain whose users Keystone keeps. */
export type PasswordRule = {
  /** A regular expression of Python; absent: every password fits. */
  readonly password_regex?: string | null | undefined
  /** In the words of the operator. */
  readonly password_regex_description?: string | null | undefined
}

const rule = object<PasswordRule>({
  password_regex: optional(orNull(text)),
  password_regex_description: optional(orNull(text)),
})

/**
 * `undefined` if it cannot be read. Any token may read it, but only under the id of the default domain, which is `default` unless
 * keystone.conf says otherwise; then an admin reads it as the default of all domains. keystone 22.0.2, keystone/resource/core.py,
 * get_security_compliance_config; keystone/api/domains.py, DomainConfigBase.get.
 */
export async function getPasswordRule(session: Session): Promise<PasswordRule | undefined> {
  for (const path of ['/domains/default/config/security_compliance', '/domains/config/security_compliance/default']) {
    try {
      return await get(session, { service: 'identity', path }, inside('config', inside('security_compliance', rule)))
    } catch (error) {
      if (refusalOf(error) === undefined) throw error
    }
  }
  return undefined
}
