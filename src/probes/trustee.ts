import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

/** The first act of `magnum_domain_admin` for every cluster: it makes the user that gets the cluster's trust. */
export async function probeTrustee(probeDomain: ProbeDomain): Promise<readonly ProbeResult[]> {
  const { domainAdmin, domain, accounts } = probeDomain
  if (domainAdmin === undefined) return []
  const family = new Family('trustee')
  const as = { session: domainAdmin, who: 'a throwaway domain admin', actor: 'operator' } as const
  const { value: made } = await family.check({
    id: 'create-user',
    claim: 'an admin of one domain can make a user in that domain, as Magnum does for every cluster',
    as,
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
  // Magnum and Heat exchange no password: nobody here has seen what then becomes of a cluster (docs/decisions/0180)
  if (made?.isExchanged === true)
    await family.check({
      id: 'first-use',
      claim: 'a user that Magnum makes can sign in with the password that it was made with',
      as,
      whom: 'its own domain',
      rule: '[security_compliance] change_password_upon_first_use',
      expected: 'allowed',
      known: { kind: 'refused', status: 401, message: 'the password may only be exchanged', requestIds: [] },
      otherwise: {
        code: 'cloud/first-use',
        severity: 'unknown',
        message:
          'users have to change their password at first use, and no service does that for the users that it makes: whether a cluster can be made here is not shown',
        remedy:
          'if clusters are made here all the same (a driver without trustees), write `accepted_findings: [cloud/first-use]` into cloud.yaml',
      },
    })
  return family.results()
}
