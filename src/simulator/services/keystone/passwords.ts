/** `[security_compliance]` about passwords. keystone 22.0.2, keystone/identity/backends/sql.py and sql_model.py. */
import { hashOf, isHashOf } from './hash.ts'
import { Refusal } from '../../refusal.ts'
import type { Json } from '../../json.ts'
import type { User } from '../../state.ts'
import type { World } from '../../world.ts'

const DAY_MS = 24 * 3600 * 1000

type PasswordFields = Pick<User, 'passwordHash' | 'passwordExpiresAt' | 'passwordHistory' | 'passwordChangedByUserAt'>

/** keystone/common/validation/validators.py, validate_password. */
export function assertFits({ profile }: World, password: string | undefined): void {
  const { password_regex: pattern, password_regex_description: description } = profile.securityCompliance ?? {}
  if (pattern === undefined || password === undefined || new RegExp(`^(?:${pattern})`).test(password)) return
  throw new Refusal(400, `The password does not match the requirements: ${description ?? ''}.`)
}

/** A password that another account sets. `options` of the user, as far as Keystone looks at them. */
export function passwordSet(world: World, password: string, options: Json, before?: User): PasswordFields {
  const { change_password_upon_first_use: isFirst } = world.profile.securityCompliance ?? {}
  const mustChange = isFirst === true && options['ignore_change_password_upon_first_use'] !== true
  return {
    ...kept(world, password, options, before),
    ...(mustChange ? { passwordExpiresAt: world.now() } : {}),
    passwordChangedByUserAt: undefined,
  }
}

/** One that its own user sets. sql.py, change_password. */
export function passwordChanged(world: World, password: string, row: User): PasswordFields {
  const { minimum_password_age: days = 0, unique_last_password_count: count = 0 } =
    world.profile.securityCompliance ?? {}
  const again = (row.passwordChangedByUserAt ?? 0) + days * DAY_MS
  if (world.now() < again)
    throw new Refusal(
      400,
      `You cannot change your password at this time due to the minimum password age. Once you change your password, it must be used for ${days} day(s) before it can be changed. Please try again in ${Math.floor((again - world.now()) / DAY_MS)} day(s) or contact your administrator to reset your password.`,
    )
  if (count > 0 && (row.passwordHistory ?? []).slice(-count).some((hash) => isHashOf(hash, password)))
    throw new Refusal(
      400,
      `The new password cannot be identical to a previous password. The total number which includes the new password must be unique is ${count}.`,
    )
  return { ...kept(world, password, row.options, row), passwordChangedByUserAt: world.now() }
}

export function isPasswordExpired(world: World, { passwordExpiresAt, options }: User): boolean {
  if (passwordExpiresAt === undefined || options['ignore_password_expiry'] === true) return false
  return passwordExpiresAt <= world.now()
}

/** Without a zone, unlike other times: nobody renders it. */
export function showExpiry({ passwordExpiresAt }: User): string | null {
  return passwordExpiresAt === undefined ? null : `${new Date(passwordExpiresAt).toISOString().slice(0, 23)}000`
}

/** sql_model.py, the setter of `password` and `_get_password_expires_at`. */
function kept(world: World, password: string, options: Json, before: User | undefined): PasswordFields {
  const { password_expires_days: days = 0, unique_last_password_count: count = 0 } =
    world.profile.securityCompliance ?? {}
  const passwordHash = hashOf(password)
  const expires = Math.floor(world.now() / 1000) * 1000 + days * DAY_MS
  return {
    passwordHash,
    passwordExpiresAt: days > 0 && options['ignore_password_expiry'] !== true ? expires : undefined,
    passwordHistory: [...(before?.passwordHistory ?? []).slice(-Math.max(count, 1)), passwordHash],
  }
}
