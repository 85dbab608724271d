/** The override for a Keystone that has the domain manager in code, from 2024.2 on: one rule that names the managed roles. */
import { nativeManagedRole } from './family.ts'
import { rule } from './section.ts'
import type { Section } from './section.ts'

export function nativePersonaSections(managedRoles: readonly string[]): readonly Section[] {
  const names = managedRoles.map((role) => `'${role}':%(target.role.name)s`)
  return [
    {
      why:
        'The roles that a domain manager grants. As released they are `manager`, `member` and `reader`: a manager could ' +
        'make more managers, and could not give anybody load balancers. Only cloud-wide roles count: a domain may have ' +
        'a role of its own by the same name, and that one may imply anything.',
      rules: [rule(nativeManagedRole, `None:%(target.role.domain_id)s and (${names.join(' or ')})`)],
      losses: ['domain managers: granting roles that are not named here'],
    },
  ]
}
