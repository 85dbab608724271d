import type { ExternalAccess } from '../onboarding/external-access.ts'
import type { Exchange } from '../openstack/exchange.ts'
import type { Endpoint } from '../openstack/options.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import type { Digests } from '../tenant/evidence.ts'
import type { OpenTenantSession, Sessions } from '../tenant/sessions.ts'

/**
 * A cloud as the tenant reaches it, from what it was given and nothing else of this machine. There is no operator in it:
 * no field holds one, and `open` takes none.
 */
export type TenantSide = {
  readonly endpoint: Endpoint
  readonly ca: string | undefined
  readonly open: OpenTenantSession
  readonly sessions: Sessions
  readonly digests: Digests
  /** By the password that was given; the home may have a later one. */
  readonly asGiven: () => Session<'manager'>
  readonly given: Secret | undefined
  readonly external: ExternalAccess
  readonly exchanges: readonly Exchange[]
  readonly close: () => Promise<void>
}
