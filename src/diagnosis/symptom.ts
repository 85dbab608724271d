import { isBlocking } from '../finding.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { stageNames } from '../tenant/stage.ts'
import type { Check, StageName } from '../tenant/stage.ts'

/** What is known to be wrong at the start. A healthy tenant has neither a stage nor messages. */
export type Symptom = {
  /** The failed stage; absent if none is known. */
  readonly stage?: StageName | undefined
  /** The cloud's refusal, or the claims that do not hold. */
  readonly message: readonly string[]
  readonly requestIds: readonly string[]
}

export function symptomOfChecks(stage: StageName, checks: readonly Check[]): Symptom {
  const wanting = checks.filter((check) => !check.ok)
  return {
    stage,
    message: wanting.map(({ claim, value }) => `${claim}: read ${JSON.stringify(value)}`),
    requestIds: [...new Set(wanting.flatMap(({ requestIds }) => requestIds))],
  }
}

/** The last stage whose gate failed and has not held since. */
export function symptomOfEvidence(records: readonly EvidenceRecord[]): Symptom {
  for (const stage of [...stageNames].reverse()) {
    const last = records.findLast((record) => record.kind === 'gate' && record.stage === stage)
    if (last?.kind !== 'gate' || last.ok) continue
    const { message, requestIds } = symptomOfChecks(stage, last.checks)
    const findings = last.findings.filter(isBlocking).map(({ where, message }) => `${where}: ${message}`)
    return { stage, message: [...message, ...findings], requestIds }
  }
  return { message: [], requestIds: [] }
}

/** True if a tenant has passed a stage, so that its resources are missing and not just not made yet. */
export function hasPassed(stage: StageName, symptom: Symptom, records: readonly EvidenceRecord[]): boolean {
  if (symptom.stage !== undefined && stageNames.indexOf(symptom.stage) > stageNames.indexOf(stage)) return true
  return records.some((record) => record.kind === 'gate' && record.stage === stage && record.ok)
}
