/* Ways to become an admin, or to make one, for a caller who is not one. */
import { hasFix, renderRelease } from '../releases/release.ts'
import { enforce } from '../engine/enforce.ts'
import { adminRoleNames } from '../model/cloud-facts.ts'
import type { Ask } from '../model/operation.ts'
import { personasOf } from '../model/persona.ts'
import { leavesOf } from '../engine/reach.ts'
import { findingIn } from './subject.ts'
import type { LintBase, Lint, LintFinding } from './subject.ts'
import { allows, holdingClause, leastPowerFirst, tell } from './witness.ts'

/** The SCS standard's name for the rule, and Keystone's own from 2024.2 on. */
const managedRoleRules = ['is_domain_managed_role', 'domain_managed_target_role']

/** SCS scs-0302-w1: the managed roles must not contain admin, nor refer to other rules. */
export const lintManagedRoles: Lint = (subject) =>
  subject.policy.rules.flatMap((rule) => {
    if (!managedRoleRules.includes(rule.name)) return []
    const { lintBase } = subject
    const findings: LintFinding[] = []
    const admitted = lintBase === undefined ? undefined : admittedAdmin(lintBase, rule.name)
    if (admitted !== undefined) {
      const leaf = [...leavesOf(rule.check)].find(
        (each) =>
          each.leaf.kind === 'attribute' && each.leaf.subject.kind === 'literal' && each.leaf.subject.text === admitted,
      )
      findings.push(
        findingIn(subject, rule, {
          code: 'policy/admin-managed',
          severity: 'error',
          message: `\`${rule.name}\` admits \`${admitted}\`: a domain manager can make itself its admin`,
          remedy: 'name the roles that a manager may grant, and none that implies admin',
          ...(leaf === undefined ? {} : { span: leaf.leaf.span }),
        }),
      )
    }
    for (const { leaf } of leavesOf(rule.check)) {
      if (leaf.kind !== 'rule') continue
      findings.push(
        findingIn(subject, rule, {
          code: 'policy/managed-role-reference',
          severity: 'warning',
          message: `\`${rule.name}\` refers to \`rule:${leaf.name}\`, so another rule decides what it admits`,
          remedy: 'write the roles out: scs-0302-w1 allows no reference here',
          span: leaf.span,
        }),
      )
    }
    return findings
  })

function admittedAdmin({ facts, rules }: LintBase, name: string): string | undefined {
  const manager = personasOf(facts).find((persona) => persona.name === 'domain-manager')
  if (manager === undefined) return undefined
  return adminRoleNames(facts).find((role) => {
    const target = { 'target.role.name': role, 'target.role.id': `${role}-role`, 'target.role.domain_id': null }
    return enforce(rules, name, manager.creds, target).kind === 'allow'
  })
}

/** A request by which a caller without admin grants admin, although the base refused it. */
export const lintAdminGrants: Lint = (subject) => {
  const { lintBase } = subject
  if (lintBase === undefined) return []
  const own = new Map(subject.policy.rules.map((rule) => [rule.name, rule]))
  const findings = new Map<string, LintFinding>()
  const isForgeable = !hasFix(lintBase.keystone.release, 'ossa-2026-015')
  for (const ask of leastPowerFirst(lintBase.cases)) {
    if (!isAdminGrant(ask, lintBase) || allows(lintBase.base, ask) || !allows(lintBase.rules, ask)) continue
    const clause = holdingClause(own, lintBase.rules, ask)
    if (clause === undefined) continue
    // above the fix that body is one like any other
    const isForged = isForgeable && ask.operation.id.endsWith('in the body')
    const code = isForged ? 'policy/forgeable-target' : 'policy/admin-grantable'
    const { action } = ask.operation
    const id = `${code} ${clause.rule.name} ${clause.check.span.start}`
    if (findings.has(id)) continue
    findings.set(
      id,
      findingIn(subject, clause.rule, {
        code,
        severity: 'error',
        message: isForged
          ? `${renderRelease(lintBase.keystone.release)} takes a \`target\` in the body for the real one: ${tell(ask)}`
          : `a caller without admin grants admin: by \`${action}\` ${tell(ask)}`,
        remedy: isForged
          ? 'update Keystone past OSSA-2026-015 before you give this persona to anybody'
          : 'limit the grant to the managed roles and to the own domain',
        span: clause.check.span,
        about: action,
      }),
    )
  }
  // what grants admin without a forged body is not mended by an update
  const isPlainToo = (id: string): boolean =>
    id.includes('forgeable-target ') && findings.has(id.replace('forgeable-target', 'admin-grantable'))
  return [...findings].flatMap(([id, finding]) => (isPlainToo(id) ? [] : [finding]))
}

function isAdminGrant({ operation, persona }: Ask, { facts }: LintBase): boolean {
  const grants = ['identity:create_grant admin', 'identity:create_system_grant_for', 'identity:create_implied_role']
  return grants.some((start) => operation.id.startsWith(start)) && !persona.roles.includes(facts.adminRole)
}
