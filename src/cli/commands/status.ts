import { readEvidence } from '../../tenant/evidence.ts'
import { stagesAskedBy } from '../../tenant/stage.ts'
import { isSettled, statusOf } from '../../tenant/status.ts'
import { clusterCertificates, renderCertificates } from '../cluster-certificates.ts'
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
  const stages = statusOf(records, digests, stagesAskedBy(loaded.tenant.spec))
  const certificates = await clusterCertificates(loaded, io.now())
  const result = { tenant: loaded.tenant.spec.tenant, stages, head: records.at(-1)?.hash ?? null, certificates }
  print(io, options.output, result, () => `${renderStatus(io, stages)}${renderCertificates(certificates)}`)
  return options.exitCode === true && !stages.every(isSettled) ? 3 : 0
}
