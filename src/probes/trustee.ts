import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

/** The first act of `magnum_domain_admin` for every cluster: it makes the user that gets the cluster's trust. */
export async function probeTrustee(probeDomain: ProbeDomain): Promise<readonly ProbeResult[]> {
  const { domainAdmin, domain, accounts } = probeDomain
  if (domainAdmin === undefined) return []
  const family = new Family('trustee')
  await family.check({
    id: 'create-user',
    claim: 'an admin of one domain can make a user in that domain, as Magnum does for every cluster',
    as: { session: domainAdmin, who: 'a throwaway domain admin', actor: 'operator' },
    whom: 'its own domain',
    rule: 'identity:create_user',
    expected: 'allowed',
    ask: (session) => accounts.user(domain.id, 'trustee', session),
    otherwise: {
      code: 'cloud/dead-create-rule',
      remedy:
        'the rule reads a key that this Keystone no longer fills (OSSA-2026-015): write `%(target.user.domain_id)s` for `%(user.domain_id)s`; `tenant-onboard policy build` does',
    },
  })
  return family.results()
}
