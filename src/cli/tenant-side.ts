import { cloudOfHandover } from '../handover/open.ts'
import { invariant } from '../errors.ts'
import type { HandoverFiles } from '../handover/write.ts'
import type { TenantSide } from '../self-service/tenant-side.ts'
import { sessionsOf } from '../tenant/sessions.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'
import { digestsOf } from '../tenant/tenant.ts'
import { openLine } from './connection.ts'
import type { ConnectionOptions } from './connection.ts'
import type { LoadedTenant } from './tenant-command.ts'
import type { CommandContext } from './context.ts'

/** Does not talk yet. */
export async function openTenantSide(
  { tenant, secrets }: LoadedTenant,
  files: HandoverFiles,
  options: Omit<ConnectionOptions, 'cloud'>,
  io: CommandContext,
): Promise<TenantSide> {
  const { config, ca } = await cloudOfHandover(files, tenant.names.manager, io.now())
  const line = openLine(config, ca, options, io)
  const open: OpenTenantSession = (actor, auth) => {
    // the type says so as well; this holds where a type was talked out of it
    invariant(actors.has(actor), `a session of ${actor} was asked for on the tenant's side`)
    return line.open(actor, auth)
  }
  return {
    endpoint: config.endpoint,
    ca,
    open,
    sessions: sessionsOf(tenant, secrets, open, undefined),
    digests: digestsOf(tenant, config.endpoint.authUrl),
    asGiven: () => open('manager', config.auth),
    external: line.external,
    given: config.auth.kind === 'password' ? config.auth.password : undefined,
    exchanges: line.exchanges,
    close: line.close,
  }
}

const actors: ReadonlySet<string> = new Set(['manager', 'creator', 'automation'])
