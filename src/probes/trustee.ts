import { attempt } from './attempt.ts'
import { byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult } from './claim.ts'
import { makeThrowawayUser } from './throwaway/users.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

/** What `magnum_domain_admin` does first for every cluster: make the user that the cluster's trust is for. */
export async function probeTrustee(probeDomain: ProbeDomain): Promise<readonly ProbeResult[]> {
  const { domainAdmin, domain, options, throwaways } = probeDomain
  if (domainAdmin === undefined) return []
  const tried = await attempt(domainAdmin, (session) =>
    makeThrowawayUser(session, throwaways, options.random, { what: 'trustee', domainId: domain.id }),
  )
  return [conclude(claim, byEffect(tried, tried.kind === 'answered'))]
}

const claim: Claim = {
  id: 'trustee/create-user',
  family: 'trustee',
  claim: 'an admin of one domain can make a user in that domain, as Magnum does for every cluster',
  who: 'a throwaway domain admin',
  whom: 'its own domain',
  expected: 'allowed',
  actor: 'operator',
  reach: 'perimeter',
  otherwise: {
    code: 'cloud/dead-create-rule',
    severity: 'error',
    where: 'identity:create_user',
    remedy:
      'the rule reads a key that this Keystone no longer fills (OSSA-2026-015): write `%(target.user.domain_id)s` for `%(user.domain_id)s`; `tenant-onboard policy build` does',
    owner: 'operator',
  },
}
