/** Asks every service once more, and counts. */
import type { Finding } from '../finding.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { hasService } from '../openstack/has-service.ts'
import type { Session } from '../openstack/session.ts'
import { askAhead } from '../openstack/ask-ahead.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import { isGone } from '../probes/absence.ts'
import { findDomain, getDomain } from '../openstack/keystone/domains.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { Check } from '../tenant/stage.ts'
import { kinds } from './kinds.ts'
import { listSeen, lookAhead, reachOf } from './look.ts'
import type { Federation } from './federation.ts'
import type { Kind } from './ownership.ts'
import { keptBecause } from './plan.ts'
import type { OffboardRun } from './run.ts'
import { attribute, findOwnerless, judgeOwnerless } from './ownerless.ts'
import { readTenantState, withProjects } from './tenant-state.ts'
import type { TenantState } from './tenant-state.ts'
import { findUnseenInLost, findUnseenServices } from './uninspected.ts'
import { unseen, unseenList } from './not-shown.ts'

export type Absence = {
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  /** What is left although it should be gone. */
  readonly orphans: readonly { readonly kind: string; readonly name: string; readonly id: string }[]
  /** What `--keep-data` kept. */
  readonly kept: readonly { readonly kind: string; readonly name: string; readonly id: string }[]
}

export async function proveAbsence(run: OffboardRun): Promise<Absence> {
  // a memory of its own: everything is asked again, and once
  const operator = run.operator.snapshot()
  const { records } = run.evidence
  // first of all, because who is in it is asked next
  askAhead(findDomain(operator, run.magnumDomain))
  // by the ids that are known already
  lookAhead(kinds, reachOf(run, operator, true))
  askAhead(listRoleAssignments(operator, { includesNames: true }), listTrusts(operator))
  const domainGone = proveDomain(run, run.tenantState.domain?.id)
  askAhead(domainGone)
  const [standing, ownerless, unread] = await Promise.all([
    readTenantState(operator, run.tenant, records),
    findOwnerless(operator, run.magnumDomain),
    findUnseenServices(operator),
  ])
  const found = withProjects(standing, attribute(ownerless, run.tenant, records, false), records)
  const tenantState: TenantState = { ...found, federation: withMappings(found.federation, run.tenantState.federation) }
  const now: OffboardRun = { ...run, tenantState, unseen: [] }
  const [domain, ...each] = await Promise.all([domainGone, ...kinds.map((kind) => count(kind, now, operator))])
  return {
    checks: [...each.flatMap(({ checks }) => checks), ...domain],
    findings: [
      ...each.flatMap(({ findings }) => findings),
      ...tenantState.federation.findings,
      ...run.remarks,
      ...unread,
      ...(await findUnseenInLost(operator, tenantState)),
      ...judgeOwnerless(ownerless, run.tenant, tenantState.projectIds),
    ],
    orphans: each.flatMap(({ orphans }) => orphans),
    kept: each.flatMap(({ kept }) => kept),
  }
}

/** Without its provider nothing shows whose a mapping was: those of the first look are looked for by their ids. */
function withMappings(now: Federation, before: Federation): Federation {
  return { ...now, mappings: [...new Set([...now.mappings, ...before.mappings])] }
}

const nothing: Absence = { checks: [], findings: [], orphans: [], kept: [] }

/** `operator`: with what this look has read so far. */
async function count(kind: Kind, run: OffboardRun, operator: Session<'operator'>): Promise<Absence> {
  const { session, exchanges } = operator.recording()
  if (!(await hasService(session, kind.service))) return nothing
  const name = run.tenant.spec.tenant
  // nobody enters a project only to count what is kept there
  if (kind.within !== undefined && keptBecause(kind, run.keepData) !== undefined) return nothing
  if (kind.within !== undefined && kind.kind !== 'cluster') return wasSeen(kind, run)
  const standing = (await listSeen(kind, reachOf(run, session, true))).map((one) => ({
    kind: kind.kind,
    name: one.name,
    id: one.id,
  }))
  const refused = run.unseen.filter((one) => one.kind === kind.kind && one.project === undefined)
  if (refused.length > 0) return { ...nothing, findings: refused.map((one) => unseenList(one)) }
  if (keptBecause(kind, run.keepData) !== undefined) return { ...nothing, kept: standing }
  const check: Check = {
    claim: `no ${kind.kind} of ${name}`,
    ok: standing.length === 0,
    value: standing.length === 0 ? 0 : standing.map(({ id }) => id),
    actor: 'operator',
    reach: 'perimeter',
    requestIds: requestIdsOf(exchanges),
  }
  const findings = standing.map((one): Finding => ({
    code: 'offboard/left',
    severity: 'error',
    where: `${one.kind} ${one.name}`,
    message: `is still there (${one.id})`,
    remedy: 'run the same command again',
    owner: 'operator',
  }))
  return { ...nothing, checks: [check], findings, orphans: standing }
}

/** No token can be issued for a deleted project, and nobody enters one twice: the last look from inside counts. */
function wasSeen(kind: Kind, { evidence, tenant, tenantState }: OffboardRun): Absence {
  // said of each lost project
  if (kind.within === 'project' && isSubset(tenantState.projectIds, tenantState.lostProjects)) return nothing
  const claim = `no ${kind.kind} of ${tenant.spec.tenant}`
  const seen = lastSeen(evidence.records, claim)
  if (seen !== undefined) return { ...nothing, checks: [seen] }
  return {
    ...nothing,
    findings: [
      unseen(
        kind.kind,
        `nobody looked from inside before the projects were deleted: a ${kind.kind} may be left, and no API shows it`,
      ),
    ],
  }
}

function isSubset(these: ReadonlySet<string>, those: ReadonlySet<string>): boolean {
  return [...these].every((one) => those.has(one))
}

function lastSeen(records: readonly EvidenceRecord[], claim: string): Check | undefined {
  for (const record of [...records].reverse()) {
    if (record.kind === 'gate' || record.kind === 'made') return undefined
    const found = record.kind === 'offboarding' ? record.checks.find((check) => check.claim === claim) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** By its id as well, because another object of the same name would hide it. */
async function proveDomain(run: OffboardRun, id: string | undefined): Promise<readonly Check[]> {
  if (run.keepData || id === undefined) return []
  const { session, exchanges } = run.operator.recording()
  const isAbsent = await isGone(getDomain(session, id))
  return [
    {
      claim: `domain ${id} is gone`,
      ok: isAbsent,
      value: isAbsent ? 404 : 200,
      actor: 'operator',
      reach: 'perimeter',
      requestIds: requestIdsOf(exchanges),
    },
  ]
}
