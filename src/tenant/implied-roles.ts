/**
 * What the cloud's roles imply, over any number of steps. A role is known by its id: the role of one domain may have the
 * name of a global one.
 */
import { hasRoleName, isAdminRole, isSameRole } from '../openstack/keystone/role-names.ts'
import type { Role, RoleInference } from '../openstack/keystone/roles.ts'

export type ImpliedRoles = {
  /** The global roles at least. */
  readonly roles: readonly Role[]
  readonly inferences: readonly RoleInference[]
}

/** What roles of this name imply, in small letters. */
export function impliedByName(name: string, inferences: ImpliedRoles['inferences']): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [name]
  for (const at of open)
    for (const { prior_role, implies } of inferences) {
      if (!isSameRole(prior_role.name, at)) continue
      for (const implied of implies.map((role) => role.name.toLowerCase()))
        if (!seen.has(implied)) {
          seen.add(implied)
          open.push(implied)
        }
    }
  return seen
}

/** The ids of roles that are admin, or imply it: a custom role that implies admin is admin under another name. */
export function adminRolesOf({ roles, inferences }: ImpliedRoles): ReadonlySet<string> {
  const found = new Set(
    roles.filter(({ name, domain_id }) => isAdminRole(name) && domain_id === null).map(({ id }) => id),
  )
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const { prior_role, implies } of inferences)
      if (implies.some(({ id }) => found.has(id))) found.add(prior_role.id)
  }
  return found
}

/** One row that gives more than the name of the role says. */
export type ImpliedTooMuch = {
  readonly kind: 'role-implies-admin' | 'managed-role-implies'
  readonly role: string
  readonly message: string
  readonly remedy: string
}

/** Roles that imply admin, and roles that domain managers grant and that imply one that they must not grant. */
export function impliedTooMuch(cloud: ImpliedRoles, managedRoles: readonly string[]): readonly ImpliedTooMuch[] {
  const { inferences } = cloud
  const admins = adminRolesOf(cloud)
  const toAdmin = inferences.flatMap(({ prior_role: { name }, implies }): readonly ImpliedTooMuch[] => {
    const [next] = implies.filter((role) => admins.has(role.id))
    if (next === undefined || isAdminRole(name)) return []
    return [
      {
        kind: 'role-implies-admin',
        role: name,
        message: `role \`${name}\` implies admin${isAdminRole(next.name) ? '' : ` by \`${next.name}\``}: its holders are admin, and a rule that compares the name does not see it`,
        remedy: removal(name, next.name),
      },
    ]
  })
  const beyond = managedRoles.flatMap((name) => beyondManaged(name, cloud, managedRoles))
  return [...toAdmin, ...beyond]
}

/** `reader` is no danger, but what `reader` implies may be. */
function beyondManaged(
  managed: string,
  { inferences }: ImpliedRoles,
  managedRoles: readonly string[],
): readonly ImpliedTooMuch[] {
  const isHarmless = (name: string): boolean => isSameRole(name, 'reader') || hasRoleName(managedRoles, name)
  const steps = [managed]
  const found: ImpliedTooMuch[] = []
  for (const step of steps)
    for (const { prior_role, implies } of inferences) {
      if (!isSameRole(prior_role.name, step)) continue
      for (const { name } of implies) {
        if (!isHarmless(name))
          found.push({
            kind: 'managed-role-implies',
            role: managed,
            message: `role \`${managed}\`, which domain managers grant, implies \`${name}\`${step === managed ? '' : ` by \`${step}\``}, which they must not`,
            remedy: removal(prior_role.name, name),
          })
        // another managed role has findings of its own
        else if (!hasRoleName([...steps, ...managedRoles], name)) steps.push(name)
      }
    }
  return found
}

function removal(prior: string, implied: string): string {
  return `openstack implied role delete ${prior} --implied-role ${implied}`
}
