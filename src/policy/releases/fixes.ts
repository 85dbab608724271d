/**
 * What a fix changes in the rules that Keystone registers, for packages into which a distribution put it. The rules of
 * packages that were published with a fix are stored as they are; a test shows that both ways agree.
 */
import type { Fix } from './release.ts'

/** One rule as it is stored; `null` and absence mean the same. */
export type RuleData = {
  readonly check?: string | null
  readonly scopes?: readonly string[] | null
  readonly was?: string | null
  readonly wasNamed?: string | null
  readonly operations?: readonly string[] | null
}

export type RuleTable = ReadonlyMap<string, RuleData>

export function withFix(rules: RuleTable, fix: Fix): RuleTable {
  return changes[fix](rules)
}

const guardedProjects =
  /^identity:(?:(?:create|get|update|delete)_project|(?:create|get|delete)_project_tag|(?:update|delete)_project_tags|list_project_tags)$/
const everyScope = ['system', 'domain', 'project']
const memberAndOwner = '(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)'

const changes: Readonly<Record<Fix, (rules: RuleTable) => RuleTable>> = {
  // keystone dd785ee69, common/policies/domain.py
  'lp-2041611': (rules) =>
    edited(rules, /^identity:list_domains$/, (rule) => ({
      ...rule,
      check: `${rule.check ?? ''} or (role:reader and domain_id:%(target.domain.id)s)`,
      scopes: everyScope,
    })),
  // keystone 26.1.0 beside 26.0.0, common/policies/ec2_credential.py and s3tokens.py
  'ossa-2025-002': (rules) =>
    new Map([
      ...rules,
      ...unaskedActions.map(({ action, request }) => {
        const rule: RuleData = { check: 'rule:service_or_admin', scopes: everyScope, operations: [request] }
        return [action, rule] as const
      }),
    ]),
  // keystone 26.1.1 beside 26.1.0, common/policies/ec2_credential.py
  'ossa-2026-005': (rules) =>
    edited(rules, /^identity:ec2_(?:create|delete)_credential$/, (rule) => ({ ...rule, check: memberAndOwner })),
  // keystone 29.0.0 beside 28.0.1, common/policies/project.py
  'lp-2138295': (rules) => edited(rules, guardedProjects, guarded('target.project.domain_id')),
  // keystone 2743acbcb (CVE-2026-42999): create_trust gets the body as its target
  'ossa-2026-015': (rules) =>
    edited(rules, /^identity:create_trust$/, (rule) => ({
      ...rule,
      check: 'user_id:%(target.trust.trustor_user_id)s',
    })),
  // Debian 22.0.2-0+deb12u4 (CVE-2026-80183), 27.1.0: common/policies/role_assignment.py
  'aug-2026': (rules) => edited(rules, /^identity:list_role_assignments(?:_for_tree)?$/, guarded('target.domain_id')),
  // only handlers
  'oct-2026': (rules) => rules,
}

/**
 * Before OSSA-2025-002 the handlers exchange a signature without asking: keystone 26.0.0, api/ec2tokens.py and
 * s3tokens.py, `@unenforced_api`. A rule of these names means nothing there.
 */
export const unaskedActions = [
  { action: 'identity:ec2tokens_validate', request: 'POST /v3/ec2tokens' },
  { action: 'identity:s3tokens_validate', request: 'POST /v3/s3tokens' },
] as const

/** A token without a domain no longer equals a None of the target. */
function guarded(key: string): (rule: RuleData) => RuleData {
  return (rule) => ({
    ...rule,
    check: (rule.check ?? '').replaceAll(`domain_id:%(${key})s)`, `domain_id:%(${key})s and not None:%(${key})s)`),
  })
}

function edited(rules: RuleTable, names: RegExp, edit: (rule: RuleData) => RuleData): RuleTable {
  return new Map([...rules].map(([name, rule]) => [name, names.test(name) ? edit(rule) : rule]))
}
