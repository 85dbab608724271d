import { custodyOf } from '../tenant/custody.ts'
import type { Digests, EvidenceRecord } from '../tenant/evidence.ts'
import { refuseOtherRegion } from '../tenant/keystone.ts'
import { digestsOf } from '../tenant/tenant.ts'
import type { LoadedTenant } from '../tenant/context.ts'
import { cloudOf } from './tenant-command.ts'
import type { TenantOptions } from './tenant-command.ts'
import { usedCloud } from '../tenant/used-cloud.ts'
import type { UsedCloud } from '../tenant/used-cloud.ts'
import { loadOperator } from './connection.ts'
import type { CommandContext } from './context.ts'

/** What a verdict must be about to count as current, without a request to the cloud. */
export type Today = {
  readonly digests: Digests
  /** Keystone's address; absent if no entry of clouds.yaml names it. */
  readonly authUrl: string | undefined
  /** The entry of clouds.yaml today; else that of the last record. */
  readonly used: UsedCloud | undefined
}

/** Without an entry in clouds.yaml, as on another machine, or where the shell names another one, the cloud of the last record counts. */
export async function todaysDigests(
  { file, tenant, home, policy }: LoadedTenant,
  options: TenantOptions,
  io: CommandContext,
  records: readonly EvidenceRecord[],
): Promise<Today> {
  const ran = records.findLast((record) => record.kind === 'run')
  const before = ran?.kind === 'run' ? ran.cloud : undefined
  const last = records.findLast((record) => record.kind === 'gate')
  // a tenant's own data directory is about the cloud that its handover named, not about an operator's entry
  if (custodyOf(records).kind === 'own' && last?.kind === 'gate')
    return {
      digests: { ...digestsOf(tenant, '', policy), cloud: last.digests.cloud },
      authUrl: undefined,
      used: before,
    }
  try {
    const config = await loadOperator(options, cloudOf({ file, tenant }), io)
    await refuseOtherRegion(home.path, config.endpoint)
    const { authUrl } = config.endpoint
    return { digests: digestsOf(tenant, authUrl, policy), authUrl, used: usedCloud(config, undefined) }
  } catch (error) {
    if (options.cloud !== undefined || options.region !== undefined || last?.kind !== 'gate') throw error
    return {
      digests: { ...digestsOf(tenant, '', policy), cloud: last.digests.cloud },
      authUrl: undefined,
      used: before,
    }
  }
}
