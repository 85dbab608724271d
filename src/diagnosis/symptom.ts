import { CloudError, errorChain } from '../errors.ts'
import { isBlocking } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { valueText } from '../report/view/value.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { stageNames } from '../tenant/stage.ts'
import type { Check, StageName } from '../tenant/stage.ts'

/** What is known to be wrong at the start. A healthy tenant has neither a stage nor messages. */
export type Symptom = {
  /** The failed stage; absent if none is known. */
  readonly stage?: StageName | undefined
  /** The cloud's refusal, or the claims that do not hold. */
  readonly message: readonly string[]
  /** The services behind it. */
  readonly answers: readonly Answered[]
  /** The failure names its cause by itself: then an unknown cause is not told beside it. */
  readonly isExplained: boolean
  /** The same run has already tried the certificate store, which failed. It is not tried twice: docs/diagnosis.md, Vault. */
  readonly failedStore?: { readonly message: string; readonly requestIds: readonly string[] } | undefined
}

/** A service, and the ids of its requests. */
export type Answered = {
  /** By its type in the catalog. */
  readonly service: string
  /** False if a request got no answer. */
  readonly isAnswer: boolean
  readonly requestIds: readonly string[]
}

export const noSymptom: Symptom = { message: [], answers: [], isExplained: false }

/** The gate of a stage that does not hold. `requests`: of that run, to know whose the request ids are. */
export type FailedGate = {
  readonly stage: StageName
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  readonly requests: readonly { readonly id?: string | undefined; readonly service: string }[]
}

export function symptomOfGate({ stage, checks, findings, requests }: FailedGate): Symptom {
  const failed = checks.filter((check) => !check.ok)
  const ids = new Set(failed.flatMap(({ requestIds }) => requestIds))
  const byService = new Map<string, string[]>()
  for (const { id, service } of requests) if (id !== undefined && ids.delete(id)) push(byService, service, id)
  return {
    stage,
    message: failed.map(({ claim, value }) => `${claim}: read ${valueText(value)}`),
    answers: [...byService].map(([service, requestIds]) => ({ service, isAnswer: true, requestIds })),
    // a finding beside the claims says why they do not hold
    isExplained: findings.some(({ severity }) => severity === 'error'),
    failedStore: failed.map(storeFailure).find((one) => one !== undefined),
  }
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function storeFailure({ value, requestIds }: Check): Symptom['failedStore'] {
  if (typeof value !== 'object' || value === null || !('probe' in value) || !('detail' in value)) return undefined
  if (value.probe !== 'certificate-store/store' || typeof value.detail !== 'string') return undefined
  return 'observed' in value && value.observed === 'refused' ? { message: value.detail, requestIds } : undefined
}

/** The last stage whose gate failed and has not held since. It may be long ago, so nothing of it is taken for seen now. */
export function symptomOfEvidence(records: readonly EvidenceRecord[]): Symptom {
  for (const stage of [...stageNames].reverse()) {
    const last = records.findLast((record) => record.kind === 'gate' && record.stage === stage)
    if (last?.kind !== 'gate' || last.ok) continue
    const { message, answers } = symptomOfGate({ ...last, requests: last.requests ?? [] })
    const findings = last.findings.filter(isBlocking).map(({ where, message }) => `${where}: ${message}`)
    const when = `at ${last.at} the gate of ${stage} did not hold`
    return { stage, message: [when, ...message, ...findings], answers, isExplained: false }
  }
  return noSymptom
}

/** What ended a stage before its gate. */
export function symptomOfFailure(error: unknown, stage: StageName): Symptom {
  const faults: CloudError[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof CloudError) faults.push(at)
  return {
    stage,
    message: errorChain(error),
    answers: faults.map(({ service, status, requestId }) => ({
      service,
      isAnswer: status !== undefined,
      requestIds: requestId === undefined ? [] : [requestId],
    })),
    isExplained: faults.some(namesItsCause),
  }
}

/**
 * A refusal says in the service's own words what it refuses, and a broken connection says why there is none. A 401, a
 * fault of the service (5xx) and a silence say nothing of their cause.
 */
function namesItsCause({ kind, status, reason }: CloudError): boolean {
  if (kind === 'unreachable' || kind === 'tls') return true
  return kind === 'answer' && status !== undefined && status < 500 && status !== 401 && reason.trim() !== ''
}

/** True if a tenant has passed a stage, so that its resources are missing and not just not made yet. */
export function hasPassed(stage: StageName, symptom: Symptom, records: readonly EvidenceRecord[]): boolean {
  if (symptom.stage !== undefined && stageNames.indexOf(symptom.stage) > stageNames.indexOf(stage)) return true
  return records.some((record) => record.kind === 'gate' && record.stage === stage && record.ok)
}
