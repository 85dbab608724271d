/**
 * Policies for which the real scs-0302 suite and our probes are compared: ours, and ours with one rule opened to every manager or
 * kept for the admin. The verdicts of the suite are in scs-verdicts.json.
 */
import type { Override } from '../../src/policy/build/override.ts'

export type Weakness = { readonly rule: string; readonly kind: 'open' | 'shut' }

const rules = [
  'identity:create_user',
  'identity:get_user',
  'identity:list_users',
  'identity:update_user',
  'identity:delete_user',
  'identity:create_project',
  'identity:get_project',
  'identity:list_projects',
  'identity:list_user_projects',
  'identity:update_project',
  'identity:delete_project',
  'identity:create_group',
  'identity:get_group',
  'identity:list_groups',
  'identity:update_group',
  'identity:delete_group',
  'identity:add_user_to_group',
  'identity:remove_user_from_group',
  'identity:check_user_in_group',
  'identity:list_users_in_group',
  'identity:create_grant',
  'identity:revoke_grant',
  'identity:check_grant',
] as const

export const weaknesses: readonly Weakness[] = rules.flatMap((rule) => [
  { rule, kind: 'open' as const },
  { rule, kind: 'shut' as const },
])

export function weakened(override: Override, { rule, kind }: Weakness): string {
  const known = override.rules[rule]
  if (known === undefined) throw new Error(`our override says nothing of ${rule}`)
  const text = kind === 'open' ? `(${known}) or role:manager` : 'rule:admin_required'
  // a name that occurs twice in a file is refused, so the rule is said in place
  return Object.entries({ ...override.rules, [rule]: text })
    .map(([name, check]) => `${JSON.stringify(name)}: ${JSON.stringify(check)}\n`)
    .join('')
}
