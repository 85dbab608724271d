/**
 * A base may confine an admin to its own domain, as the charm's does. A rule of the file that ends in `or
 * rule:admin_required` gives the whole cloud back to every admin of any domain or project.
 */
import type { Ask, Operation } from '../model/operation.ts'
import { renderCheck } from '../engine/check.ts'
import type { Persona } from '../model/persona.ts'
import type { LintFinding, Lint, LintBase } from './subject.ts'
import { findingIn } from './subject.ts'
import { allows, holdingClause, tell } from './witness.ts'

export const lintConfinement: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const findings = new Map<string, LintFinding>()
  // The most harmful request is the best witness.
  const asks = lintBase.cases.filter(isElsewhere)
  for (const ask of [...asks.filter(({ operation }) => isSelfGrant(operation)), ...asks]) {
    const { action } = ask.operation
    const asked = asAdminOnly(ask, lintBase)
    if (allows(lintBase.base, asked) || !allows(lintBase.rules, asked)) continue
    const clause = holdingClause(own, lintBase.rules, asked)
    if (clause === undefined || !isAdminClause(renderCheck(clause.check), lintBase)) continue
    const id = `${clause.rule.name} ${clause.check.span.start}`
    if (findings.has(id)) continue
    findings.set(
      id,
      findingIn(subject, clause.rule, {
        code: 'policy/confinement-undone',
        severity: 'error',
        message: `\`${renderCheck(clause.check)}\` allows admins that the base confines: by \`${action}\` ${tell(ask)}`,
        remedy: lintBase.base.rules.has('cloud_admin')
          ? 'write `rule:cloud_admin`, and beside it what an admin may do in its own domain'
          : 'say which admins',
        span: clause.check.span,
        about: action,
      }),
    )
  }
  return [...findings.values()]
}

/** Admins of one domain or project with rights beyond it. */
function isElsewhere({ operation, persona, place }: Ask): boolean {
  const isConfined = persona.name === 'domain-admin' || persona.name === 'project-admin'
  return isConfined && (place === 'other' || place === 'none' || isSelfGrant(operation))
}

function isSelfGrant({ id }: Operation): boolean {
  return id.endsWith(' admin to itself on the admin domain')
}

/** Without the roles that admin implies: the rights of `manager` or `reader` are a separate question. */
function asAdminOnly(ask: Ask, { facts }: LintBase): Ask {
  const persona: Persona = { ...ask.persona, creds: { ...ask.persona.creds, roles: [facts.adminRole] } }
  return { ...ask, persona }
}

/** True if the role allows them, and not a comparison that happens to hold. */
function isAdminClause(text: string, { facts }: LintBase): boolean {
  return text === 'rule:admin_required' || text.toLowerCase() === `role:${facts.adminRole.toLowerCase()}`
}
