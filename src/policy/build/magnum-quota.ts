/**
 * Magnum reads the project of a quota as its trustee domain's admin before it stores it (magnum 15.0.1,
 * magnum/api/validation.py, enforce_valid_project_id_on_create). If an admin of a domain is confined to it, as in the
 * charm's base, that read is refused and `POST /v1/quotas` answers 500.
 */
import { rule } from './section.ts'
import type { Section } from './section.ts'

/**
 * Lets the admin of Magnum's domain read the record of any project that is not a domain; nothing else, and no change.
 */
export function withMagnumQuota(sections: readonly Section[], domainId: string | undefined): readonly Section[] {
  if (domainId === undefined) return sections
  const opened = sections.map((section) => ({
    ...section,
    rules: section.rules.map((one) =>
      one.name === 'identity:get_project' ? rule(one.name, ...one.anyOf, 'rule:magnum_project_check') : one,
    ),
  }))
  const check = `role:admin and domain_id:${domainId} and not None:%(target.project.domain_id)s`
  const why =
    "Magnum's own domain admin checks that a project exists before Magnum stores a cluster quota for it. It may read " +
    'the records of projects in every domain, and no more than that.'
  return [...opened, { why, rules: [rule('magnum_project_check', check)] }]
}
