import { gravestFirst } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Digests, EvidenceRecord } from '../tenant/evidence.ts'
import type { Spec } from '../tenant/spec.ts'
import { stageNames, stagesAskedBy } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import { statusOf } from '../tenant/status.ts'
import type { UsedCloud } from '../tenant/used-cloud.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { accessOf, contradictedBy } from './access.ts'
import type { AccessMatrix } from './access.ts'
import { accountsOf } from './accounts.ts'
import type { AccountReport } from './accounts.ts'
import { catalogueOf, probesOf } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import { claimsOf } from './claims.ts'
import type { ReportedClaim } from './claims.ts'
import { eventsOf, isOffboarded } from './events.ts'
import type { TenantEvent } from './events.ts'
import { networksOf } from './network.ts'
import type { NetworkReport } from './network.ts'
import type { PolicyOnPaper } from './paper.ts'
import { recipesOf } from './recipe.ts'
import type { Recipe } from './recipe.ts'
import { requestsOf } from './requests.ts'
import type { ReportedRequest } from './requests.ts'
import { gatesOf, stageReportOf } from './stage-report.ts'
import type { StageReport } from './stage-report.ts'
import { standingOf } from './standing.ts'
import type { ReadCheck, StageStanding } from './standing.ts'
import { untestedOf } from './untested.ts'
import type { Untested } from './untested.ts'
import { verdictOf } from './verdict.ts'
import type { ReportVerdict } from './verdict.ts'

/**
 * Everything that a report says, as plain data: made from the tenant's file and the evidence, without asking the cloud.
 * view/ says it in words, and the formats (html/, markdown/) render those words; JSON is this object.
 */
export type Report = {
  readonly tenant: string
  readonly cloud: string
  /** Keystone's address; absent if no entry of clouds.yaml names it. */
  readonly authUrl?: string | undefined
  /** On which cloud, and as whom, the last command worked that added to the evidence. */
  readonly used?: UsedCloud | undefined
  readonly file: string
  readonly madeAt: string
  /** Of tenant-onboard. */
  readonly version: string
  readonly verdict: ReportVerdict
  readonly evidence: EvidenceSummary
  readonly asked: Spec
  readonly stages: readonly StageReport[]
  readonly accounts: readonly AccountReport[]
  readonly networks: readonly NetworkReport[]
  readonly standing: readonly StageStanding[]
  readonly catalogue?: Catalogue | undefined
  readonly access: AccessMatrix
  readonly paper?: PolicyOnPaper | undefined
  readonly claims: readonly ReportedClaim[]
  /** Every request that a statement of the report cites. */
  readonly requests: readonly ReportedRequest[]
  readonly findings: readonly ReportedFinding[]
  readonly events: readonly TenantEvent[]
  readonly untested: readonly Untested[]
  readonly recipes: readonly Recipe[]
}

export type EvidenceSummary = {
  /** Hash of the last record: it shows later whether anything before it was changed. */
  readonly head?: string | undefined
  readonly records: number
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly digests: Digests
}

export type ReportedFinding = Finding & { readonly stage: StageName; readonly at: string }

/** The inputs of a report. Pure data: the same sources give the same report. */
export type ReportSources = {
  readonly tenant: Tenant
  readonly authUrl?: string | undefined
  /** What a verdict must be about to be current. */
  readonly today: Digests
  /** As the user named it: commands in the report use it too. */
  readonly file: string
  readonly records: readonly EvidenceRecord[]
  readonly madeAt: string
  readonly version: string
  readonly paper?: PolicyOnPaper | undefined
}

export function reportOf(sources: ReportSources): Report {
  const { tenant, authUrl, today, file, records, madeAt, version, paper } = sources
  const status = statusOf(records, today, stagesAskedBy(tenant.spec))
  const checks = latestChecks(records)
  const standing = standingOf(tenant, records, checks)
  const stages = status.map((one) => stageReportOf(one, records, standing))
  const catalogue = catalogueOf(records)
  const networks = networksOf(tenant, checks)
  const head = records.at(-1)?.hash
  const ran = records.findLast((record) => record.kind === 'run')
  const isolation = status.find(({ stage }) => stage === 'isolation')
  const probes = catalogue?.probes ?? gatesOf('isolation', records).flatMap(probesOf)
  const accounts = accountsOf(tenant, checks)
  const access = accessOf(probes, paper)
  const requestId = checks.find(({ stage }) => stage === 'domain')?.requestIds[0]
  return {
    tenant: tenant.spec.tenant,
    cloud: tenant.spec.cloud,
    authUrl,
    used: ran?.kind === 'run' ? ran.cloud : undefined,
    file,
    madeAt,
    version,
    verdict: verdictOf({
      isolation,
      catalogue,
      paper,
      contradicted: contradictedBy(access),
      offboarded: isOffboarded(records),
    }),
    evidence: { head, records: records.length, from: records[0]?.at, to: records.at(-1)?.at, digests: today },
    asked: tenant.spec,
    stages,
    accounts,
    networks,
    standing,
    catalogue,
    access,
    paper,
    claims: claimsOf(catalogue, paper),
    requests: requestsOf({ stages, accounts, catalogue }, records),
    findings: findingsOf(records, catalogue),
    events: eventsOf(records),
    untested: untestedOf({ tenant, file, stages, catalogue, paper }),
    recipes: recipesOf({ tenant, file, standing, checks, head, requestId }),
  }
}

/** The readings of the latest gates, the later of two gates of a stage first. */
function latestChecks(records: readonly EvidenceRecord[]): readonly ReadCheck[] {
  return stageNames.flatMap((stage) =>
    gatesOf(stage, records)
      .toReversed()
      .flatMap(({ at, checks }) => checks.map((check) => ({ ...check, at, stage }))),
  )
}

/** Of the latest gate of each stage, and of the latest `verify`; earlier findings are obsolete. Worst first. */
function findingsOf(records: readonly EvidenceRecord[], catalogue: Catalogue | undefined): readonly ReportedFinding[] {
  const ofGates = stageNames.flatMap((stage) =>
    gatesOf(stage, records).flatMap(({ at, findings }) => findings.map((finding) => ({ ...finding, stage, at }))),
  )
  // the gate of `apply` that came after it has a few probes, and says nothing of the rest
  const ofCatalogue = (catalogue?.findings ?? [])
    .map((finding) => ({ ...finding, stage: 'isolation' as const, at: catalogue?.at ?? '' }))
    .filter(
      (finding) =>
        !ofGates.some(
          ({ code, where, message }) => code === finding.code && where === finding.where && message === finding.message,
        ),
    )
  return gravestFirst([...ofGates, ...ofCatalogue])
}
