import { cloudOfHandover } from '../handover/open.ts'
import { invariant } from '../errors.ts'
import type { HandoverFiles } from '../handover/write.ts'
import type { Exchange } from '../openstack/exchange.ts'
import type { Endpoint } from '../openstack/options.ts'
import type { Session } from '../openstack/session.ts'
import type { ExternalAccess } from '../onboarding/external-access.ts'
import type { Secret } from '../secret.ts'
import { sessionsOf } from '../tenant/sessions.ts'
import type { OpenTenantSession, Sessions } from '../tenant/sessions.ts'
import { digestsOf } from '../tenant/tenant.ts'
import type { Digests } from '../tenant/evidence.ts'
import { openLine } from './connection.ts'
import type { ConnectionOptions } from './connection.ts'
import type { LoadedTenant } from './tenant-command.ts'
import type { CommandContext } from './context.ts'

/**
 * A cloud as the tenant reaches it, from its handover and nothing else of this machine. It has no operator: no field
 * holds one, and `open` accepts none.
 */
export type TenantSide = {
  readonly endpoint: Endpoint
  readonly ca: string | undefined
  readonly open: OpenTenantSession
  readonly sessions: Sessions
  readonly digests: Digests
  /** By the received password; the data directory may have a newer one. */
  readonly asGiven: () => Session<'manager'>
  readonly given: Secret | undefined
  readonly external: ExternalAccess
  readonly exchanges: readonly Exchange[]
  readonly close: () => Promise<void>
}

export async function openTenantSide(
  { tenant, secrets }: LoadedTenant,
  files: HandoverFiles,
  options: Omit<ConnectionOptions, 'cloud'>,
  io: CommandContext,
): Promise<TenantSide> {
  const { config, ca } = await cloudOfHandover(files, tenant.names.manager, io.now())
  const line = openLine(config, ca, options, io)
  const open: OpenTenantSession = (actor, auth) => {
    // the type says so too; this also holds after a cast
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
