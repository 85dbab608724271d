import { cloudOfHandover } from '../handover/open.ts'
import { invariant } from '../errors.ts'
import type { HandoverFiles } from '../handover/write.ts'
import type { Session } from '../openstack/session.ts'
import type { TenantSide } from '../self-service/tenant-side.ts'
import { contextOf } from '../tenant/context.ts'
import { expectedKeystone } from '../tenant/keystone.ts'
import type { LoadedTenant } from '../tenant/context.ts'
import { usedCloud } from '../tenant/used-cloud.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'
import { openClient } from './connection.ts'
import type { ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'

/** Sends nothing yet. */
export async function openTenantSide(
  loaded: LoadedTenant,
  files: HandoverFiles,
  options: Omit<ConnectionOptions, 'cloud'>,
  io: CommandContext,
): Promise<TenantSide> {
  const { config, ca } = await cloudOfHandover(files, loaded.tenant.names.manager, io.now())
  // the handover is what says where the cloud is
  const keystone = await expectedKeystone(loaded.home.folders, config.endpoint, { takesAddress: true })
  const { external, exchanges, close, ...client } = openClient({ ...config, ca, keystone }, options, io)
  const open: OpenTenantSession = (actor, auth) => {
    // the type says so too; this also holds after a cast
    invariant(actors.has(actor), `a session of ${actor} was asked for on the tenant's side`)
    return client.open(actor, auth)
  }
  const { endpoint, auth } = config
  const given = auth.kind === 'password' ? auth.password : undefined
  const asGiven = (): Session<'manager'> => open('manager', auth)
  return contextOf(
    loaded,
    {
      endpoint,
      ca,
      keystone,
      used: () => usedCloud(config, undefined),
      open,
      external,
      exchanges,
      close,
      asGiven,
      given,
    },
    io,
  )
}

const actors: ReadonlySet<string> = new Set(['manager', 'creator', 'automation'])
