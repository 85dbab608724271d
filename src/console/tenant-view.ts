import { checkView } from '../report/view/check.ts'
import { findingViews } from '../report/view/finding.ts'
import { stageLabel } from '../report/view/label.ts'
import { madeText } from '../report/view/made.ts'
import { setAsideText } from '../report/view/set-aside.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import { sinceOffboarding } from '../tenant/presence.ts'
import { cloudLine } from '../tenant/used-cloud.ts'
import { isAccepted, statusOf } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { TenantHome } from './homes.ts'
import type { MadeView, TenantRow, TenantState, TenantView } from './model.ts'
import type { Reading } from './reading.ts'

/* Pure: the row of a tenant in the list, and its page, from a reading of its data directory. */

export function rowOf({ cloud, tenant }: TenantHome, reading: Reading): TenantRow {
  const { live, records, problem } = reading
  const stages = statusOf(records, reading.digests, reading.asked)
  const at = records.at(-1)?.at
  const stage = live.run?.stages.find(({ state }) => state === 'running')?.stage
  return {
    cloud,
    tenant,
    state: stateOf(reading, stages),
    stages: stages.map(({ state }) => state),
    ...(stages.some(isAccepted) ? { isAccepted: true } : {}),
    ...(at === undefined ? {} : { at }),
    ...(live.holder === undefined ? {} : { holder: live.holder }),
    ...(stage === undefined ? {} : { stage }),
    ...(problem === undefined ? {} : { problem }),
  }
}

function stateOf({ live, records, problem }: Reading, stages: readonly StageStatus[]): TenantState {
  if (problem !== undefined) return 'unreadable'
  if (live.holder !== undefined) return 'at work'
  const has = (state: StageStatus['state']): boolean => stages.some((stage) => stage.state === state)
  if (live.run?.state === 'interrupted') return 'interrupted'
  if (has('failed') || live.run?.state === 'failed') return 'failed'
  if (has('stale')) return 'stale'
  if (stages.every(({ state }) => state === 'never run' || state === 'not asked'))
    return records.length === 0 ? 'never run' : leftState(records)
  const isHalf = stages.some(({ stage, gate }) => stage === 'cluster' && gate === 'accepted')
  if (has('never run') || isHalf) return 'unfinished'
  return has('held by the tenant') ? 'held by the tenant' : 'validated'
}

/** No gate is valid, but something was recorded: an end, or a run that did not reach its first gate. */
function leftState(records: readonly EvidenceRecord[]): TenantState {
  return sinceOffboarding(records).length === 0 ? 'offboarded' : 'unfinished'
}

export function tenantView({ cloud, tenant, home }: TenantHome, reading: Reading): TenantView {
  const { records, digests, asked, file, problem } = reading
  const head = records.at(-1)?.hash
  const current = sinceOffboarding(records)
  const ran = records.findLast((record) => record.kind === 'run')
  return {
    cloud,
    tenant,
    path: home.path,
    stages: statusOf(records, digests, asked).map(({ checks, ...status }) => ({
      ...status,
      label: stageLabel(status.state, isAccepted(status)),
      checks: checks.map(checkView),
      findings: findingViews(findingsOf(current, status.stage)),
      made: current.flatMap((record) => madeIn(record, status.stage)),
    })),
    ...(file === undefined ? {} : { file }),
    ...(ran?.kind === 'run' ? { usedCloud: cloudLine(ran.cloud) } : {}),
    records: records.length,
    ...(head === undefined ? {} : { head }),
    notes: records.flatMap((record) => {
      if (record.kind === 'set aside') return [{ at: record.at, text: setAsideText(record) }]
      return record.kind === 'note' ? [{ at: record.at, text: record.text }] : []
    }),
    ...(problem === undefined ? {} : { problem }),
  }
}

function findingsOf(records: readonly EvidenceRecord[], stage: StageName) {
  const gate = records.findLast((record) => record.kind === 'gate' && record.stage === stage)
  return gate?.kind === 'gate' ? gate.findings : []
}

/** A step of a further project has its name before the stage: `test/network/router`. */
function madeIn(record: EvidenceRecord, stage: StageName): readonly MadeView[] {
  if (record.kind !== 'made' || stageOfStep(record.step) !== stage) return []
  const { step, action, actor, object, at, requestIds } = record
  const { kind, name, id } = object
  return [{ step, done: madeText(action), actor, kind, name, ...(id === undefined ? {} : { id }), at, requestIds }]
}

function stageOfStep(step: string): StageName | undefined {
  const parts = step.split('/')
  return stageNames.find((name) => name === parts.at(-2) || name === parts[0])
}
