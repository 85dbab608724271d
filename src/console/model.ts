import type { RecordedAudit } from '../audit/recorded.ts'
import type { CheckView } from '../report/view/check.ts'
import type { FindingView } from '../report/view/finding.ts'
import type { Label } from '../report/view/label.ts'
import type { madeText } from '../report/view/made.ts'
import type { Actor } from '../tenant/actors.ts'
import type { EvidenceRecord, RequestRecord } from '../tenant/evidence.ts'
import type { StageName } from '../tenant/stage.ts'
import type { StageStatus } from '../tenant/status.ts'

/* The messages of the console's server to its pages. Only types: the pages are built for the browser. */

/** One state for a whole tenant, the most urgent first. */
export type TenantState =
  | 'unreadable'
  /** Its evidence has not been read yet. */
  | 'not checked'
  | 'at work'
  | 'failed'
  | 'interrupted'
  | 'stale'
  | 'unfinished'
  | 'never run'
  | 'validated'
  | 'held by the tenant'
  | 'offboarded'

/** A command that holds the tenant's lock. */
export type Holder = { readonly command: string; readonly since?: string; readonly pid?: number }

/** A row of the list. */
export type TenantRow = {
  readonly cloud: string
  readonly tenant: string
  readonly state: TenantState
  /** The state of each stage, in order. */
  readonly stages: readonly StageStatus['state'][]
  /** A validated cluster has passed the first of its two gates only. */
  readonly isAccepted?: true
  /** When something was last recorded, ISO. */
  readonly at?: string
  readonly holder?: Holder
  /** The stage in progress. */
  readonly stage?: StageName
  /** Why there is no state. */
  readonly problem?: string
}

/** New and changed rows, and tenants that are gone. */
export type RowsEvent = {
  readonly rows: readonly TenantRow[]
  readonly gone: readonly { readonly cloud: string; readonly tenant: string }[]
  /** Every tenant has been sent once. */
  readonly isComplete: boolean
}

export type RunStep = {
  readonly id: string
  readonly action: 'create' | 'adopt' | 'update' | 'keep'
  readonly actor: Actor
  readonly kind: string
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
  /** The reason for the step, from the plan. */
  readonly because: string
  /** Names of the unfinished steps before it. */
  readonly waitsFor: readonly string[]
  readonly began?: string
  readonly ended?: string
}

export type RunStage = {
  readonly stage: StageName
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'kept' | 'not reached'
  /** What it waits for, or what it does. */
  readonly because?: string
  readonly began?: string
  readonly ended?: string
  readonly steps: readonly RunStep[]
}

/** The latest run on a tenant, as far as it was recorded. */
export type RunView = {
  readonly command: string
  readonly pid: number
  readonly began: string
  readonly ended?: string
  readonly state: 'running' | 'done' | 'failed' | 'interrupted'
  readonly because?: string
  readonly stages: readonly RunStage[]
}

/** The command that works on a tenant now, and the latest run. */
export type LiveView = { readonly holder?: Holder; readonly run?: RunView }

/** A stage in the words of a report. */
export type StageView = Omit<StageStatus, 'checks'> & {
  readonly label: Label
  readonly checks: readonly CheckView[]
  readonly findings: readonly FindingView[]
  readonly made: readonly MadeView[]
}

export type MadeView = {
  readonly step: string
  readonly done: ReturnType<typeof madeText>
  readonly actor: Actor
  readonly kind: string
  readonly name: string
  readonly id?: string
  readonly at: string
  readonly requestIds: readonly string[]
}

/** What the evidence of a tenant says. */
export type TenantView = {
  readonly cloud: string
  readonly tenant: string
  readonly path: string
  readonly stages: readonly StageView[]
  /**
   * The tenant's file that the evidence was compared with; absent: it was not found, and the latest gate is used
   * instead.
   */
  readonly file?: string
  /** The cloud of the latest run: its entry, its URL, its region, and as whom. */
  readonly usedCloud?: string
  readonly records: number
  /** Hash of the last record. */
  readonly head?: string
  readonly notes: readonly { readonly at: string; readonly text: string }[]
  readonly problem?: string
}

/** A record of evidence that matches a search. */
export type EvidenceHit = {
  readonly cloud: string
  readonly tenant: string
  readonly seq: number
  readonly at: string
  readonly kind: EvidenceRecord['kind']
  readonly hash: string
  readonly title: string
  /** What in it matched: request ids, names, claims. */
  readonly matched: readonly string[]
  /** The matching ones of its requests. */
  readonly requests: readonly RequestRecord[]
  readonly record: EvidenceRecord
}

export type EvidenceAnswer = {
  readonly hits: readonly EvidenceHit[]
  /** There are more matches than these. */
  readonly isCut: boolean
  /** Tenants for which there was no time: a whole id is found at once. */
  readonly unsearched: number
  readonly problems: readonly string[]
}

/**
 * The parts of a fleet's state file that a page shows. Written out, so that pages do not compile with everything that
 * fleets import.
 */
export type FleetView = {
  readonly folder: string
  readonly command: string
  readonly pid: number
  readonly state: 'running' | 'ended' | 'stopped'
  readonly startedAt: string
  readonly updatedAt: string
  readonly tenants: number
  readonly ended: number
  readonly counts: FleetCounts
  readonly perMinute?: number
  readonly secondsLeft?: number
  readonly clouds: readonly (FleetCounts & {
    readonly cloud: string
    readonly tenants: number
    readonly running: number
    readonly waiting: number
  })[]
  readonly running: readonly { readonly tenant: string; readonly cloud: string; readonly stage?: StageName }[]
  readonly attention: readonly {
    readonly result: FleetResult
    readonly code?: string
    readonly because: string
    readonly remedy?: string
    readonly count: number
    readonly tenants: readonly string[]
  }[]
}
export type FleetResult = 'planned' | 'done' | 'unchanged' | 'held' | 'refused' | 'failed' | 'stopped'
export type FleetCounts = { readonly [result in FleetResult]: number }

/** One for each cloud of the data directory. */
export type AuditView = {
  readonly cloud: string
  readonly audit?: Omit<RecordedAudit, 'findings'> & {
    readonly findings: readonly FindingView[]
    /** Every row is matched, and what was found are notes. */
    readonly isAsExpected: boolean
  }
  readonly problem?: string
}
