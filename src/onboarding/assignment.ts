import type { RoleAssignment } from '../openstack/keystone/role-assignments.ts'

/** `member on project acme-prod`, `manager on domain acme (inherited)`, `admin on the system`. */
export function renderAssignment({ role, scope, group }: RoleAssignment): string {
  const on =
    scope.project !== undefined
      ? `project ${scope.project.name ?? scope.project.id}`
      : scope.domain !== undefined
        ? `domain ${scope.domain.name ?? scope.domain.id}`
        : 'the system'
  const inherited = scope['OS-INHERIT:inherited_to'] === undefined ? '' : ' (inherited)'
  const through = group === undefined ? '' : ` by group ${group.name ?? group.id}`
  return `${role.name ?? role.id} on ${on}${inherited}${through}`
}
