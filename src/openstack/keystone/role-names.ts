/**
 * Policies compare names of roles without regard to case, and the charms write `Admin`. oslo.policy 4.0.0,
 * oslo_policy/_checks.py, RoleCheck.
 */
export function isSameRole(role: string | undefined, other: string): boolean {
  return role?.toLowerCase() === other.toLowerCase()
}

export function isAdminRole(name: string | undefined): boolean {
  return isSameRole(name, 'admin')
}

/**
 * The role of this name however it is written, and of several the one that is called so exactly. Keystone on MySQL and MariaDB
 * has one of them at most, because its database compares names without case.
 */
export function roleNamed<Role extends { readonly name: string }>(
  roles: readonly Role[],
  wanted: string,
): Role | undefined {
  return roles.find(({ name }) => name === wanted) ?? roles.find(({ name }) => isSameRole(name, wanted))
}

/** Whether one of these names is the role's, however it is written. */
export function hasRoleName(names: readonly string[], wanted: string): boolean {
  return names.some((name) => isSameRole(name, wanted))
}

export function adminRoleOf<Role extends { readonly name: string }>(roles: readonly Role[]): Role | undefined {
  return roleNamed(roles, 'admin')
}
