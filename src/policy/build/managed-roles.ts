/** The roles that a domain manager may grant: the border between a tenant and the cloud. */
import { InputError } from '../../errors.ts'

export const defaultManagedRoles = ['member', 'load-balancer_member'] as const

/** Roles with power beyond a project, or over other accounts: a tenant must never grant them. */
export const forbiddenRoles: readonly string[] = [
  'admin',
  'manager',
  'service',
  'domain-manager',
  'load-balancer_admin',
  'load-balancer_global_observer',
]

/** Throws InputError for a role that must not be managed, and for a name that a rule cannot contain. */
export function assertManagedRoles(roles: readonly string[]): void {
  const problems = roles.flatMap((role) => {
    if (forbiddenRoles.includes(role.toLowerCase())) {
      return [{ message: `\`${role}\` must not be a managed role: its holders have more power than a tenant` }]
    }
    if (!/^[A-Za-z0-9_.-]+$/.test(role)) {
      return [{ message: `a rule cannot contain \`${role}\``, hint: 'letters, digits, `_`, `.` and `-`' }]
    }
    return []
  })
  if (roles.length === 0)
    problems.push({ message: 'no managed role is named, so a domain manager could grant nothing' })
  if (new Set(roles).size !== roles.length) problems.push({ message: 'a managed role is named twice' })
  if (problems.length > 0) throw new InputError(problems)
}
