import type { DashboardOptions } from '../probes/dashboard.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'
import type { LoadedTenant } from '../tenant/context.ts'

/** How a command looks at the dashboard of its cloud: through the same proxy and with the same CA as at the cloud. */
export function dashboardOf(
  { tenant, external }: Pick<LoadedTenant, 'tenant'> & Pick<Connection, 'external'>,
  { allowHttp }: Pick<ConnectionOptions, 'allowHttp'>,
  { startTimer, stop }: CommandContext,
): DashboardOptions {
  return {
    address: tenant.facts.horizon_url,
    allowHttp: allowHttp === true,
    fetch: external.fetch,
    startTimer,
    signal: stop,
  }
}
