/**
 * The left-hand sides that Keystone's credentials have. keystone 25.0.0, keystone/common/context.py,
 * RequestContext.to_policy_values; captured from a real one.
 */
import { leavesOf } from '../engine/reach.ts'
import { nearest } from '../../nearest.ts'
import { findingIn } from './subject.ts'
import type { Lint } from './subject.ts'

const scalars = [
  'user_id',
  'user_domain_id',
  'system_scope',
  'domain_id',
  'project_id',
  'project_domain_id',
  'is_admin_project',
  'service_user_id',
  'service_user_domain_id',
  'service_project_id',
  'service_project_domain_id',
  'system',
]
// Keystone's own default has `is_admin:1`, which has matched nothing since tokens replaced ADMIN_TOKEN.
const known = new Set([...scalars, 'roles', 'service_roles', 'token', 'is_admin'])

/** Names from other services and older releases. */
const renamed: Readonly<Record<string, string>> = { tenant: 'project_id', tenant_id: 'project_id', user: 'user_id' }

export function isScalar(attribute: string): boolean {
  return scalars.includes(attribute)
}

/** The credential that is compared: `undefined` if the credentials always have it or the subject is a constant. */
export const lintAttributes: Lint = (subject) => {
  if (subject.lintBase === undefined) return []
  return subject.policy.rules.flatMap((rule) =>
    [...leavesOf(rule.check)].flatMap(({ leaf }) => {
      if (leaf.kind !== 'attribute' || leaf.subject.kind !== 'path') return []
      const [head = ''] = leaf.subject.segments
      const isMisspeltKind = /^(?:role|rule)$/i.test(head)
      if (known.has(head) || isMisspeltKind || leaf.left.includes('{')) return []
      const meant = renamed[head] ?? nearest(head, known)
      return [
        findingIn(subject, rule, {
          code: 'policy/unknown-attribute',
          severity: 'warning',
          message: `Keystone's credentials have no \`${head}\`, so \`${leaf.left}:${leaf.match}\` in \`${rule.name}\` never holds`,
          ...(meant === undefined ? {} : { remedy: `did you mean \`${meant}\`?` }),
          span: leaf.span,
        }),
      ]
    }),
  )
}
