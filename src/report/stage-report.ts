import type { Actor } from '../tenant/actors.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { Check, OperatorPoint, StageName } from '../tenant/stage.ts'
import { isAccepted } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { StageStanding } from './standing.ts'
import { timeOf } from './times.ts'
import type { GateRecord, StageTime } from './times.ts'

/** One stage: its state, what was made in it, and the readings of its gates. */
export type StageReport = {
  readonly stage: StageName
  readonly state: StageStatus['state']
  /** Only the first of two gates holds. */
  readonly isAccepted: boolean
  readonly at?: string | undefined
  readonly because?: string | undefined
  /** The actors that changed or read something, each once. */
  readonly actors: readonly Actor[]
  readonly standing: readonly StageStanding[]
  readonly gates: readonly GateReport[]
  /** What the latest run, which had no operator, left open. */
  readonly withoutOperator: readonly OperatorPoint[]
}

export type GateReport = {
  readonly gate: GateRecord['gate']
  readonly ok: boolean
  readonly at: string
  /** Latest `Date` header that a service sent in that time. */
  readonly serverTime?: string | undefined
  /** The record in the chain. */
  readonly seq: number
  readonly hash: string
  readonly checks: readonly Check[]
  readonly time: StageTime
}

export function stageReportOf(
  status: StageStatus,
  records: readonly EvidenceRecord[],
  standing: readonly StageStanding[],
): StageReport {
  const { stage, state, at, because } = status
  const own = standing.filter((one) => one.stage === stage)
  const read = gatesOf(stage, records)
  const gates = read.map(gateReportOf)
  const actors = [
    ...own.flatMap(({ made }) => made?.actor ?? []),
    ...gates.flatMap(({ checks }) => checks.map(({ actor }) => actor)),
  ]
  return {
    stage,
    state,
    isAccepted: isAccepted(status),
    at,
    because,
    actors: [...new Set(actors)],
    standing: own,
    gates,
    withoutOperator: read.flatMap((record) => record.withoutOperator ?? []),
  }
}

/** The latest record of each gate that a stage has, in the order of the gates. */
export function gatesOf(stage: StageName, records: readonly EvidenceRecord[]): readonly GateRecord[] {
  return (['accepted', 'complete'] as const).flatMap(
    (gate) =>
      records.findLast(
        (record): record is GateRecord => record.kind === 'gate' && record.stage === stage && record.gate === gate,
      ) ?? [],
  )
}

function gateReportOf(record: GateRecord): GateReport {
  const { gate, ok, at, serverTime, seq, hash, checks } = record
  return { gate, ok, at, serverTime, seq, hash, checks, time: timeOf(record) }
}
