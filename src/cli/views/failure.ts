/** When a stage of `apply` has failed, finds the cause and prints it below the cloud's answer. */
import { CloudError, StepError, StopError, errorChain } from '../../errors.ts'
import type { Diagnosis } from '../../diagnosis/diagnose.ts'
import { renderDiagnosed } from '../../diagnosis/render.ts'
import { symptomOfFailure } from '../../diagnosis/symptom.ts'
import type { Symptom } from '../../diagnosis/symptom.ts'
import { symptomFact } from '../../diagnosis/unknown.ts'
import type { StageName } from '../../tenant/stage.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import type { CloudOptions, OpenCloud } from '../tenant-command.ts'
import { diagnoseTenant, measured } from '../commands/diagnose.ts'
import type { CommandContext } from '../context.ts'

/** Takes no longer than a diagnosis may, and never throws, so that nothing hides the failure itself. */
export async function diagnoseFailure(
  loaded: LoadedTenant & Pick<OpenCloud, 'exchanges' | 'operator' | 'stopRest'>,
  symptom: Symptom,
  options: CloudOptions,
  io: CommandContext,
): Promise<Diagnosis | undefined> {
  if (io.stop.aborted) return undefined
  loaded.stopRest()
  io.err('looking for the cause\n')
  try {
    const seen = measured(loaded.exchanges, loaded.operator.deadlineMs)
    return await diagnoseTenant(loaded, symptom, { ...options, seen }, io, (diagnosis) => diagnosis)
  } catch (error) {
    io.err(`the search for the cause failed: ${errorChain(error).join(': ')}\n`)
    return undefined
  }
}

/** The symptom of what ended a command; `undefined` if it does not concern the cloud. */
export function symptomOfError(error: unknown, stage: StageName | undefined): Symptom | undefined {
  const isOfCloud = error instanceof CloudError || error instanceof StepError
  // before its first stage a command can only stop for its lock
  if (!isOfCloud && !(error instanceof StopError && stage !== undefined)) return undefined
  return symptomOfFailure(error, stage ?? 'preflight')
}

/** An unknown cause has everything that was seen as its evidence, which is too long to print below a refusal. */
export function renderFailureDiagnosis({ findings }: Diagnosis, io: CommandContext): string {
  const brief = findings.map((finding) =>
    finding.code === 'diagnosis/unknown'
      ? { ...finding, evidence: finding.evidence.filter(({ experiment }) => experiment === symptomFact) }
      : finding,
  )
  return renderDiagnosed(brief, { columns: io.columns })
}
