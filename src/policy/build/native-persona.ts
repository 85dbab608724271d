/** The override for a Keystone with the domain manager in code, from 2024.2 on: one rule with the managed roles. */
import { renderCheck } from '../engine/check.ts'
import type { RuleSet } from '../engine/rules.ts'
import { nativeManagedRole } from './family.ts'
import { sameDomain } from './persona-rules.ts'
import { rule } from './section.ts'
import type { OverrideRule, Section } from './section.ts'

export function nativePersonaSections(base: RuleSet, managedRoles: readonly string[]): readonly Section[] {
  const names = managedRoles.map((role) => `'${role}':%(target.role.name)s`)
  const records = domainRecords(base)
  return [
    {
      why:
        'The roles that a domain manager grants. As released they are `manager`, `member` and `reader`: a manager could ' +
        'make more managers, and could not grant load balancers. Only cloud-wide roles count: a domain may have ' +
        'its own role with the same name, and that one may imply anything.',
      rules: [rule(nativeManagedRole, `None:%(target.role.domain_id)s and (${names.join(' or ')})`)],
      losses: ['domain managers: granting roles that are not named here'],
    },
    ...(records.length === 0
      ? []
      : [
          {
            why:
              'Every domain is also a project, without a domain of its own. A rule that compares the domain of a project token, ' +
              'which is None, with that of such a record, also None, lets a reader of any project read every domain, and a ' +
              'manager of any project change it (LP#2138295, fixed in 27.0.2, 28.0.2 and 29.0.0). These are the released rules, with the ' +
              "token's own domain instead of that comparison.",
            rules: records,
            losses: ['readers and managers of a project: domain records through `/v3/projects`'],
          },
        ]),
  ]
}

const ownProject = 'project_id:%(target.project.id)s'

/** The rules about projects, and about the assignments below one, that lack the fix. */
function domainRecords(base: RuleSet): readonly OverrideRule[] {
  return [...base.rules.values()].flatMap(({ name, check }) => {
    const isTree = name === 'identity:list_role_assignments_for_tree'
    if (!isTree && !/^identity:(?:\w+_project(?:_tags?)?|list_project_tags)$/.test(name)) return []
    const key = isTree ? 'target.domain_id' : 'target.project.domain_id'
    const text = renderCheck(check)
    if (!text.includes(` domain_id:%(${key})s`) || text.includes(`not None:%(${key})s`)) return []
    const safe = text.replaceAll(ownProject, `(${ownProject} and not None:%(target.project.domain_id)s)`)
    return [rule(name, safe.replaceAll(` domain_id:%(${key})s`, ` ${sameDomain(key)}`))]
  })
}
