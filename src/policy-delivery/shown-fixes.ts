/** The fixes of a Keystone, as far as harmless requests show them. */
import { attempt } from '../probes/attempt.ts'
import type { Delegation } from '../probes/delegation.ts'
import type { Persona } from '../probes/persona.ts'
import { authOf } from '../probes/throwaway/accounts.ts'
import type { ProbeDomain } from '../probes/throwaway/domain.ts'
import type { Session } from '../openstack/session.ts'
import { fixNames } from '../policy/releases/release.ts'
import type { Fix } from '../policy/releases/release.ts'

/** `true`: the fix is there; `false`: it is not; absent: nothing showed it. */
export type ShownFixes = Readonly<Partial<Record<Fix, boolean>>>

export async function showFixes(
  { options }: ProbeDomain,
  persona: Persona,
  delegation: Delegation,
): Promise<ShownFixes> {
  const { user, project } = persona.account
  const member = options.open(user.name, authOf(persona.account, { kind: 'project', id: project.id }))
  const [ec2, s3] = await Promise.all(['/ec2tokens', '/s3tokens'].map((path) => isExchangeAsked(member, path)))
  // an injected target proves nothing if the plain grant is allowed as well: then the rule decides, not the fix
  const isPlainlyAllowed = persona.results.some(
    ({ id, observed }) => id === 'persona/grant-admin' && observed === 'allowed',
  )
  const separate = delegation.fixes['ossa-2026-015']
  return known({
    ...delegation.fixes,
    'ossa-2026-015': isPlainlyAllowed && separate === false ? undefined : separate,
    'ossa-2025-002': ec2 === undefined || s3 === undefined ? undefined : ec2 && s3,
  })
}

/**
 * Without a signature nothing is exchanged: the handler answers 400, after the policy if it asks one. A policy that lets
 * everybody exchange looks like a handler that asks none, and is as bad. keystone 26.0.0 and 26.1.0, api/ec2tokens.py,
 * api/_shared/EC2_S3_Resource.py, handle_authenticate.
 */
async function isExchangeAsked(session: Session, path: string): Promise<boolean | undefined> {
  const tried = await attempt(session, (recorded) =>
    recorded.request({ service: 'identity', method: 'POST', path, body: {} }),
  )
  if (tried.kind !== 'refused') return undefined
  if (tried.status === 400) return false
  return tried.status === 403 && /requested action: identity:\w+tokens_validate/.test(tried.message) ? true : undefined
}

function known(signs: Readonly<Partial<Record<Fix, boolean | undefined>>>): ShownFixes {
  return Object.fromEntries(fixNames.flatMap((fix) => (signs[fix] === undefined ? [] : [[fix, signs[fix]]])))
}

export function withFixes(shown: ShownFixes, is: boolean): readonly Fix[] {
  return fixNames.filter((fix) => shown[fix] === is)
}

/** For JSON: a fix that nothing showed is `null`. */
export function fixesJson(shown: ShownFixes): Readonly<Record<string, boolean | null>> {
  return Object.fromEntries(fixNames.map((fix) => [fix, shown[fix] ?? null]))
}
