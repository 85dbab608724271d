import { createUser } from '../openstack/keystone/users.ts'
import { Secret } from '../secret.ts'
import { attempt } from './attempt.ts'
import { byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult } from './claim.ts'
import { throwawayPassword } from './throwaway/run.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

/** The first act of `magnum_domain_admin` for every cluster: it makes the user that gets the cluster's trust. */
export async function probeTrustee(probeDomain: ProbeDomain): Promise<readonly ProbeResult[]> {
  const { domainAdmin, domain, throwaways } = probeDomain
  if (domainAdmin === undefined) return []
  const name = throwaways.name('trustee')
  const tried = await attempt(domainAdmin, (session) =>
    createUser(session, {
      name,
      domain_id: domain.id,
      password: new Secret(throwawayPassword(probeDomain.options.random)),
      description: throwaways.description,
    }),
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
