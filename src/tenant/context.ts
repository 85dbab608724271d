import type { Exchange } from '../openstack/exchange.ts'
import type { Endpoint } from '../openstack/options.ts'
import type { Session } from '../openstack/session.ts'
import type { Digests } from './evidence.ts'
import type { Home } from './home.ts'
import type { ExpectedKeystone } from './keystone.ts'
import type { SecretStore } from './secret-store.ts'
import { sessionsOf } from './sessions.ts'
import type { OpenTenantSession, Sessions } from './sessions.ts'
import type { UsedCloud } from './used-cloud.ts'
import { digestsOf } from './tenant.ts'
import type { Tenant } from './tenant.ts'

/** Time, and the wish to end. It comes in from outside, so that tests need not wait. */
export type Clock = {
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Set by the first Ctrl-C: the current steps are finished, and no other one starts. */
  readonly stop: AbortSignal
}

/** What is known of a tenant before any cloud is. */
export type LoadedTenant = {
  /** The tenant file, absolute. */
  readonly file: string
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
  /** Mark of the latest change of the cloud's policy from here. */
  readonly policy: string | undefined
}

/** A cloud, as one side of a tenant reaches it. */
type ReachedCloud = {
  readonly endpoint: Endpoint
  /** PEM, where the cloud has a CA of its own. */
  readonly ca: string | undefined
  readonly keystone: ExpectedKeystone
  /** Which cloud this is, and as whom. Sends nothing. */
  readonly used: () => UsedCloud
  readonly open: OpenTenantSession
  /** Absent where the tenant works alone. */
  readonly operator?: Session<'operator'> | undefined
  /** Every request so far, without secrets. */
  readonly exchanges: readonly Exchange[]
}

/** A tenant and its cloud as a command works on them. Made once, where a command begins, and handed down whole. */
export type TenantContext = LoadedTenant &
  Omit<ReachedCloud, 'open' | 'operator'> & {
    readonly clock: Clock
    readonly sessions: Sessions
    /** What a verdict of this command is about. */
    readonly digests: Digests
  }

/** Puts a tenant on its cloud. Does not talk yet. What else `cloud` has stays with it. */
export function contextOf<Cloud extends ReachedCloud>(
  loaded: LoadedTenant,
  cloud: Cloud,
  { now, sleep, stop }: Clock,
): Cloud & TenantContext {
  return {
    ...loaded,
    ...cloud,
    clock: { now, sleep, stop },
    sessions: sessionsOf(loaded, cloud.open, cloud.operator),
    digests: digestsOf(loaded.tenant, cloud.endpoint.authUrl, loaded.policy),
  }
}
