/**
 * What services do in Keystone by accounts of their own, which an override may confine. Only the service has the password
 * of such an account, so it is the service that is asked.
 */
import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { hasService } from '../openstack/has-service.ts'
import { Family } from '../probes/checks.ts'
import type { Observed, ProbeResult } from '../probes/claim.ts'
import { probeClusterQuota } from '../probes/cluster-quota.ts'
import type { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { throwawayDomain } from '../probes/throwaway/domain.ts'
import type { Session } from '../openstack/session.ts'

/** By the id of the probe: `cluster-quota/set`. */
export type ServiceAnswer = { readonly id: string; readonly observed: Observed }

/** Asks nothing on a cloud without such a service. */
export async function askServices(operator: Session, accounts: ThrowawayAccounts): Promise<readonly ProbeResult[]> {
  if (!(await hasService(operator, 'container-infra'))) return []
  try {
    const { id } = await throwawayDomain(operator, accounts.throwaways, 'services')
    return await probeClusterQuota(operator, accounts, id)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const family = new Family('cluster-quota')
    await family.cannotGoOn(error)
    return family.results()
  }
}

/**
 * A service that did not answer before either says nothing about the override: a warning. Of one that did answer, silence
 * is not shown to be harmless.
 */
export function judgeServices(
  results: readonly ProbeResult[],
  before: readonly ServiceAnswer[] | undefined,
): readonly ProbeResult[] {
  return results.map((result) => {
    const then = before?.find(({ id }) => id === result.id)?.observed
    const { finding } = result
    if (finding?.severity !== 'unknown' || then === undefined || then === 'allowed') return result
    return { ...result, finding: asBefore(finding) }
  })
}

function asBefore(finding: Finding): Finding {
  return { ...finding, severity: 'warning', message: `${finding.message}; it was so before the override as well` }
}
