/**
 * Does Magnum store a quota of clusters? It looks the project up in Keystone first, as the admin of its own domain, which
 * a policy may refuse. Its password is Magnum's, so Magnum itself is asked. magnum 15.0.1, magnum/api/validation.py,
 * _validate_project_id.
 */
import { hasService } from '../openstack/has-service.ts'
import { deleteClusterQuota, getClusterQuota, updateClusterQuota } from '../openstack/magnum/quotas.ts'
import type { Session } from '../openstack/session.ts'
import type { Attempt } from './attempt.ts'
import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { Reading } from './reading.ts'
import type { ThrowawayAccounts } from './throwaway/accounts.ts'

const limit = 1

/** `domainId`: of a throwaway domain. Asks nothing on a cloud without Magnum. */
export async function probeClusterQuota(
  operator: Session,
  accounts: ThrowawayAccounts,
  domainId: string,
): Promise<readonly ProbeResult[]> {
  if (!(await hasService(operator, 'container-infra'))) return []
  const { throwaways } = accounts
  const family = new Family('cluster-quota')
  await family.check({
    id: 'set',
    claim: 'Magnum stores a quota of clusters for a project',
    as: { session: operator, who: 'operator', actor: 'operator' },
    whom: 'a throwaway project',
    rule: 'identity:get_project',
    expected: 'allowed',
    ask: async (session) => {
      const { id } = await accounts.project(domainId, 'cluster-quota')
      // only its removal: Magnum shows the default of the cloud where none was made
      const made = Promise.resolve(id)
      await throwaways.make({
        kind: 'cluster quota',
        name: throwaways.name('cluster-quota'),
        create: () => made,
        find: () => made,
        remove: () => deleteClusterQuota(session, id),
      })
      await updateClusterQuota(session, id, limit)
      return getClusterQuota(session, id)
    },
    see: lookRefused,
    otherwise: {
      code: 'cloud/cluster-quota',
      message:
        'Keystone refuses Magnum the project of a quota (`identity:get_project`), so Magnum answers 500 to every quota of clusters',
      remedy:
        "the admin of Magnum's domain must read projects: build the override again with `tenant-onboard policy build`, and name that domain by `--magnum-domain` if it is not called `magnum`",
    },
  })
  return family.results()
}

/** Magnum passes the refusal on as a 500 of its own. */
function lookRefused(tried: Attempt<number>): Reading | undefined {
  if (tried.kind === 'answered')
    return tried.value === limit
      ? { observed: 'allowed', detail: `the limit ${limit} is read back` }
      : { observed: 'unknown', detail: `the limit ${limit} was set, and ${tried.value} is read back` }
  return /requested action: identity:get_project/.test(tried.message)
    ? { observed: 'refused', detail: tried.message }
    : undefined
}
