import { randomBytes } from 'node:crypto'
import { InputError } from '../errors.ts'
import { getPasswordRule } from '../openstack/keystone/password-rule.ts'
import type { PasswordRule } from '../openstack/keystone/password-rule.ts'
import type { Session } from '../openstack/session.ts'
import { Secret } from '../secret.ts'
import type { SecretStore } from './secret-store.ts'

/* The one generator of passwords, for a tenant's accounts and for throwaway ones: what one may set, the other may set too. */

/**
 * Without a rule that can be read: letters of both cases, a digit, and special characters that need no quotes in a shell or in
 * YAML. Most rules want one of these.
 */
const withoutRule = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*-)(?=.*_)(?=.*\+)(?=.*=).{8,}$/

/** Kinds of special characters that rules want, the harmless ones first. The first of all fits most rules. */
const specials = ['-_+=', '', ...'- _ + = . @ % : , ~ ^ ! # $ & * ? ( ) /'.split(' '), '!@#$%^&*']
/** Of what is random. 32 characters are 190 bits; the shorter ones are for rules with a highest length. */
const lengths = [32, 24, 16, 12, 8]

/**
 * `rule`: as the cloud tells it; absent: it could not be read. Throws `InputError` for a rule that no candidate fits.
 */
export function generatePassword(
  rule: PasswordRule | undefined,
  random: (count: number) => Uint8Array = randomBytes,
): string {
  for (const length of lengths) {
    for (const special of specials) {
      const password = `${lettersAndDigits(length - 3 - special.length, random)}${special}aA1`
      if (fitsRule(rule, password)) return password
    }
  }
  const wanted = rule?.password_regex_description ?? rule?.password_regex ?? ''
  throw new InputError(`no password that we make fits the rule of this cloud ([security_compliance]): ${wanted}`)
}

/** Whether Keystone would take it. A rule that JavaScript cannot read as Python does counts as one that could not be read. */
export function fitsRule(rule: PasswordRule | undefined, password: string): boolean {
  if (rule === undefined) return withoutRule.test(password)
  return (rule.password_regex ?? '') === '' || expressionOf(rule.password_regex ?? '').test(password)
}

/** Python's `re.match` begins at the start. keystone 22.0.2, keystone/common/validation/validators.py. */
function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})`)
  } catch {
    return withoutRule
  }
}

function lettersAndDigits(length: number, random: (count: number) => Uint8Array): string {
  const text = Buffer.from(random(2 * length + 8)).toString('base64')
  return text.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, Math.max(length, 1))
}

/** Fits the rule of the cloud, which is read for it. */
export async function newPassword(session: Session): Promise<Secret> {
  return new Secret(generatePassword(await getPasswordRule(session)))
}

/**
 * The stored password of an account that is about to be made, or a new one. One that the cloud's rule refuses was never accepted,
 * and is replaced.
 */
export async function ensurePassword(session: Session, secrets: SecretStore, name: string): Promise<Secret> {
  // one rule for all accounts
  const rule = await getPasswordRule(session.recalling())
  return secrets.ensure(
    name,
    () => generatePassword(rule),
    (stored) => fitsRule(rule, stored),
  )
}
