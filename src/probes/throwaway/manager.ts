import { authOf, ThrowawayAccounts } from './accounts.ts'
import { rolesOf, throwawayDomain } from './domain.ts'
import { newRun } from './run.ts'
import type { Random } from './run.ts'
import { Throwaways } from './throwaways.ts'
import { StopError } from '../../errors.ts'
import { listRoles } from '../../openstack/keystone/roles.ts'
import type { Session } from '../../openstack/session.ts'
import { managerRole } from '../../tenant/actors.ts'
import type { ProbeRuns } from '../../tenant/probe-runs.ts'
import type { OpenTenantSession } from '../../tenant/sessions.ts'

export type SubstituteManager = {
  readonly manager: Session<'manager'>
  readonly domainId: string
  /** For the probes that use it: they may not end the record while it exists. */
  readonly runs: ProbeRuns
}

/**
 * A throwaway domain with a domain manager, in place of a tenant that holds its own credentials: the same role under
 * the same policy. It does not show what the tenant's own accounts hold; `audit` does.
 */
export async function withSubstituteManager<T>(
  from: {
    readonly operator: Session<'operator'>
    readonly open: OpenTenantSession
    readonly random: Random
    readonly now: () => Date
    /** Of the data directory, under its lock: the next probes of the cloud remove what a killed run left. */
    readonly runs: ProbeRuns
  },
  use: (substitute: SubstituteManager) => Promise<T>,
): Promise<T> {
  const { operator, open, random, now, runs } = from
  const throwaways = new Throwaways(newRun(now(), random))
  await runs.begin(throwaways.run.id)
  const nothing = (): Promise<void> => Promise.resolve()
  let end = nothing
  const inner: ProbeRuns = {
    ...runs,
    end: () => {
      end = () => runs.end()
      return nothing()
    },
  }
  try {
    const [roles, domain] = await Promise.all([listRoles(operator), throwawayDomain(operator, throwaways, 'stand-in')])
    const role = rolesOf(roles).byName(managerRole)
    if (role === undefined) throw new StopError(`there is no role \`${managerRole}\` for a stand-in`)
    const on = { kind: 'domain', id: domain.id } as const
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random })
    const manager = open('manager', authOf(await accounts.holder(domain.id, 'manager', [role], on), on))
    return await use({ manager, domainId: domain.id, runs: inner })
  } finally {
    const leftovers = await throwaways.removeAll()
    if (leftovers.length === 0) await end()
  }
}
