import { randomBytes } from 'node:crypto'
import { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { newRun } from '../probes/throwaway/run.ts'
import { Throwaways } from '../probes/throwaway/throwaways.ts'
import type { Auth } from '../openstack/auth.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { observe } from './observe.ts'
import type { Observation } from './observe.ts'
import { openPersonaSessions } from './persona-sessions.ts'
import { askServices } from './service-answers.ts'
import type { ServiceAnswer } from './service-answers.ts'

export type CloudAccess = {
  readonly operator: Session<'operator'>
  readonly open: (actor: string, auth: Auth) => Session
}

/** What can be done on a cloud. */
export type CloudObservation = {
  readonly personas: readonly Observation[]
  readonly services: readonly ServiceAnswer[]
}

/** With throwaways that are removed again. Throws `CloudError` if they cannot be made. */
export async function observeCloud(
  { operator, open }: CloudAccess,
  now: () => Date,
  runs: ProbeRuns,
): Promise<CloudObservation> {
  const throwaways = new Throwaways(newRun(now(), randomBytes))
  await runs.begin(throwaways.run.id)
  try {
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random: randomBytes })
    const personas = await observe(
      await openPersonaSessions({ accounts, open, roles: await listRoles(operator), now: now() }),
    )
    const services = await askServices(operator, accounts)
    const leftovers = await throwaways.removeAll()
    // the gate, which follows, removes what this run left
    if (leftovers.length === 0 && runs.dead.length === 0) await runs.end()
    return { personas, services: services.map(({ id, observed }) => ({ id, observed })) }
  } finally {
    await throwaways.removeAll()
  }
}
