/**
 * Rules of the file that break a claim of `policy prove` which the base keeps: holes that no table of requests would
 * find, such as a key of the body that the caller chooses, or an action on what the whole cloud uses.
 */
import { defaultManagedRoles } from '../build/managed-roles.ts'
import { classOf } from '../model/actions.ts'
import { reach } from '../engine/reach.ts'
import type { ClaimName } from '../prove/claim.ts'
import { prove } from '../prove/prove.ts'
import { renderCaller, renderRequest } from '../prove/render.ts'
import { findingIn } from './subject.ts'
import type { LintFinding, LintSubject } from './subject.ts'

/** What concerns tenants. Magnum's domain admin and losses depend on how the file was meant. */
const claims: readonly ClaimName[] = [
  'no-escalation',
  'manager-stays-home',
  'domain-records',
  'secrets',
  'cloud-wide',
  'others-credentials',
  'others-sessions',
]

/** One finding for each action; none for an action that another finding names. */
export function lintBrokenClaims(subject: LintSubject, found: readonly LintFinding[]): readonly LintFinding[] {
  const { lintBase, policy } = subject
  if (lintBase === undefined) return []
  const { keystone, base, rules } = lintBase
  const own = new Map(policy.rules.map((rule) => [rule.name, rule]))
  const options = { base, managedRoles: defaultManagedRoles, claims, withoutForging: true }
  const before = new Set(brokenBy(prove(keystone, { ...options, rules: base })).map(({ id }) => id))
  const named = new Set(found.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule))
  const findings = new Map<string, LintFinding>()
  for (const { id, title, found: broken } of brokenBy(prove(keystone, { ...options, rules }))) {
    const { action } = broken
    if (!isWorse(action)) continue
    const holder = own.get(action) ?? [...reach(rules, action)].flatMap(({ rule }) => own.get(rule.name) ?? []).at(0)
    if (before.has(id) || holder === undefined || findings.has(action)) continue
    if (named.has(action) || named.has(holder.name)) continue
    findings.set(
      action,
      findingIn(subject, holder, {
        code: 'policy/broken-claim',
        severity: 'error',
        message: `\`${action}\` breaks that ${title}: ${renderCaller(broken)} may ${renderRequest(broken.request)}`,
        remedy: 'compare only credentials with what Keystone loads (`target.`); `policy prove` shows the request',
        about: action,
      }),
    )
  }
  return [...findings.values()]
}

/** Reads within a claim are for `policy prove`: an operator may open a list on purpose. */
function isWorse(action: string): boolean {
  const known = classOf(action)
  return known?.does === 'write' || known?.credential !== undefined
}

function brokenBy({ answers }: ReturnType<typeof prove>) {
  return answers.flatMap(({ claim, title, counterexamples }) =>
    counterexamples.map((found) => ({ id: `${claim} ${found.action}`, title, found })),
  )
}
