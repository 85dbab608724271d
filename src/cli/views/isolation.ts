import { catalogueOf } from '../../report/catalogue.ts'
import { verdictOf } from '../../report/verdict.ts'
import type { ReportVerdict } from '../../report/verdict.ts'
import type { EvidenceRecord } from '../../tenant/evidence.ts'
import { sinceOffboarding } from '../../tenant/presence.ts'
import type { StageStatus } from '../../tenant/status.ts'

/** What the evidence says of a tenant's isolation, as `report` says it. */
export type IsolationView = {
  readonly verdict: ReportVerdict['answer']
  readonly because: readonly string[]
  readonly at: string | null
}

export function isolationOf(records: readonly EvidenceRecord[], stages: readonly StageStatus[]): IsolationView {
  const current = sinceOffboarding(records)
  const offboarded = current.length === 0 ? records.at(-1) : undefined
  const { answer, because, at } = verdictOf({
    isolation: stages.find(({ stage }) => stage === 'isolation'),
    catalogue: catalogueOf(current),
    paper: undefined,
    contradicted: [],
    offboarded,
  })
  return { verdict: answer, because, at: at ?? null }
}
