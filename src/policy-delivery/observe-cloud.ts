import { randomBytes } from 'node:crypto'
import { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { newRun } from '../probes/throwaway/run.ts'
import { Throwaways } from '../probes/throwaway/throwaways.ts'
import type { Auth } from '../openstack/auth.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import { observe } from './observe.ts'
import type { Observation } from './observe.ts'
import { openPersonaSessions } from './persona-sessions.ts'

export type CloudAccess = {
  readonly operator: Session<'operator'>
  readonly open: (actor: string, auth: Auth) => Session
}

/** What all personas can do now, with throwaways that are removed again. Throws `CloudError` if they cannot be made. */
export async function observeCloud({ operator, open }: CloudAccess, now: () => Date): Promise<readonly Observation[]> {
  const throwaways = new Throwaways(newRun(now(), randomBytes))
  try {
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random: randomBytes })
    return await observe(await openPersonaSessions({ accounts, open, roles: await listRoles(operator), now: now() }))
  } finally {
    await throwaways.removeAll()
  }
}
