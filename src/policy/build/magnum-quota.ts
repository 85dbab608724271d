/**
 * Magnum reads the project of a quota as its trustee domain's admin before it stores it (magnum 15.0.1,
 * magnum/api/validation.py, _validate_project_id). If an admin of a domain is confined to it, as by these overrides and
 * by the charm's base, that read is refused and `POST /v1/quotas` answers 500.
 */
import { InputError } from '../../errors.ts'
import { rule } from './section.ts'
import type { Section } from './section.ts'

/**
 * Lets the admin of Magnum's domain read the record of any project that is not a domain; nothing else, and no change.
 * By name, so that nobody has to find an id before `policy build` (docs/decisions/0171).
 */
export function magnumQuota(magnumDomain: string): Section {
  return {
    why:
      `Magnum's own domain admin, of the domain \`${magnumDomain}\`, checks that a project exists before Magnum stores a ` +
      'cluster quota for it. It may read the records of projects in every domain, and no more than that.',
    rules: [
      rule(
        'magnum_project_check',
        `rule:domain_admin and token.domain.name:${magnumDomain} and not None:%(target.project.domain_id)s`,
      ),
    ],
  }
}

/** Throws InputError for a name that a rule cannot contain. */
export function assertMagnumDomain(name: string): void {
  if (/^[A-Za-z0-9_.-]+$/.test(name)) return
  throw new InputError([
    { message: `a rule cannot contain the domain name \`${name}\``, hint: 'letters, digits, `_`, `.` and `-`' },
  ])
}
