import { cloudOfHandover } from '../handover/open.ts'
import { invariant } from '../errors.ts'
import type { HandoverFiles } from '../handover/write.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import { contextOf } from '../tenant/context.ts'
import type { LoadedTenant, TenantContext } from '../tenant/context.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'
import { openClient } from './connection.ts'
import type { CloudClient, ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'

/**
 * A tenant and its cloud as the tenant reaches it, from what it was given and nothing else of this machine. There is no
 * operator in it: no field holds one, and `open` takes none.
 */
export type TenantSide = TenantContext &
  Pick<CloudClient, 'external' | 'close'> & {
    readonly open: OpenTenantSession
    /** By the password that was given; the home may have a later one. */
    readonly asGiven: () => Session<'manager'>
    readonly given: Secret | undefined
  }

export async function openTenantSide(
  loaded: LoadedTenant,
  files: HandoverFiles,
  options: Omit<ConnectionOptions, 'cloud'>,
  io: CommandContext,
): Promise<TenantSide> {
  const { config, ca } = await cloudOfHandover(files, loaded.tenant.names.manager, io.now())
  const { external, exchanges, close, ...client } = openClient({ ...config, ca }, options, io)
  const open: OpenTenantSession = (actor, auth) => {
    // the type says so as well; this holds where a type was talked out of it
    invariant(actors.has(actor), `a session of ${actor} was asked for on the tenant's side`)
    return client.open(actor, auth)
  }
  const { endpoint, auth } = config
  const given = auth.kind === 'password' ? auth.password : undefined
  const asGiven = (): Session<'manager'> => open('manager', auth)
  return contextOf(loaded, { endpoint, ca, open, external, exchanges, close, asGiven, given }, io)
}

const actors: ReadonlySet<string> = new Set(['manager', 'creator', 'automation'])
