import type { ExternalAccess } from '../onboarding/external-access.ts'
import type { Session } from '../openstack/session.ts'
import type { Secret } from '../secret.ts'
import type { TenantContext } from '../tenant/context.ts'
import type { OpenTenantSession } from '../tenant/sessions.ts'

/**
 * A tenant and its cloud as the tenant reaches it, from what it was given and nothing else of this machine. There is no
 * operator in it: no field holds one, and `open` takes none.
 */
export type TenantSide = TenantContext & {
  readonly open: OpenTenantSession
  readonly external: ExternalAccess
  /** By the received password; the data directory may have a newer one. */
  readonly asGiven: () => Session<'manager'>
  readonly given: Secret | undefined
  readonly close: () => Promise<void>
}
