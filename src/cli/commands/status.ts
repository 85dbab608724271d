import { readEvidence } from '../../tenant/evidence.ts'
import { statusOf } from '../../tenant/status.ts'
import { loadTenant } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import type { StatusOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { renderStatus } from '../views/plan.ts'
import { todaysDigests } from '../todays-digests.ts'

/** Reads the evidence. Sends no request to a cloud. */
export async function statusCommand(file: string, options: StatusOptions, io: CommandContext): Promise<number> {
  const loaded = await loadTenant(file, options, io)
  const records = await readEvidence(loaded.home.evidence)
  const { digests } = await todaysDigests(loaded, options, io, records)
  const stages = statusOf(records, digests)
  const result = { tenant: loaded.tenant.spec.tenant, stages, head: records.at(-1)?.hash ?? null }
  print(io, options.output, result, () => renderStatus(io, stages))
  // only the tenant can validate what the tenant holds
  const isFine = stages.every(({ state }) => state === 'validated' || state === 'held by the tenant')
  return options.exitCode === true && !isFine ? 3 : 0
}
