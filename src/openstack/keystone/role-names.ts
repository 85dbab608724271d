/**
 * Policies compare names of roles without regard to case, and the charms write `Admin`. oslo.policy 4.0.0,
 * oslo_policy/_checks.py, RoleCheck.
 */
export function isSameRole(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}

export function isAdminRole(name: string | undefined): boolean {
  return isSameRole(name, 'admin')
}

/** Of several that are written otherwise, the one that is called so exactly. */
export function adminRoleOf<Role extends { readonly name: string }>(roles: readonly Role[]): Role | undefined {
  return roles.find(({ name }) => name === 'admin') ?? roles.find(({ name }) => isAdminRole(name))
}
