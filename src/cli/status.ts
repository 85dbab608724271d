import { readEvidence } from '../tenant/evidence.ts'
import { statusOf } from '../tenant/status.ts'
import { digestsOf } from '../tenant/tenant.ts'
import { loadTenant } from './command.ts'
import type { LoadedTenant, TenantOptions } from './command.ts'
import { loadOperator } from './connection.ts'
import type { Io } from './io.ts'
import { print } from './output.ts'
import type { Format } from './output.ts'
import { renderStatus } from './render.ts'

type Options = TenantOptions & { readonly exitCode?: true | undefined; readonly output: Format }

/** Reads the evidence, and asks no cloud. */
export async function statusCommand(file: string, options: Options, io: Io): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const records = await readEvidence(loaded.home.evidence)
  const stages = statusOf(records, await todaysDigests(loaded, options, io, records))
  const result = { tenant: loaded.tenant.spec.tenant, stages, head: records.at(-1)?.hash ?? null }
  print(io, options.output, result, () => renderStatus(io, stages))
  return options.exitCode === true && stages.some(({ state }) => state !== 'validated') ? 3 : 0
}

/** Without an entry in clouds.yaml, as on another machine, the cloud is taken to be the one of the last record. */
async function todaysDigests(
  loaded: LoadedTenant,
  options: TenantOptions,
  io: Io,
  records: Awaited<ReturnType<typeof readEvidence>>,
) {
  const last = records.findLast((record) => record.kind === 'gate')
  try {
    const { endpoint } = await loadOperator(options, loaded.tenant.spec.cloud, io)
    return digestsOf(loaded.tenant, endpoint.authUrl)
  } catch (error) {
    if (options.cloud !== undefined || last?.kind !== 'gate') throw error
    return { ...digestsOf(loaded.tenant, ''), cloud: last.digests.cloud }
  }
}
