/**
 * Carries an offboarding through, stage by stage. Each stage looks for itself, so the same command continues an
 * interrupted one.
 */
import { isBlocked } from '../finding.ts'
import { hasService } from '../openstack/has-service.ts'
import type { Finding } from '../finding.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import { canonicalJson } from '../tenant/canonical.ts'
import type { Check } from '../tenant/stage.ts'
import { proveAbsence } from './absence.ts'
import type { Absence } from './absence.ts'
import { clear } from './clear.ts'
import { disable, freeze } from './freeze.ts'
import { proveFreeze } from './frozen.ts'
import type { FreezeProof } from './frozen.ts'
import { kinds } from './kinds.ts'
import { lookAhead, reachOf } from './look.ts'
import type { Kind } from './ownership.ts'
import { keptBecause } from './plan.ts'
import { quotaOf, quotaServicesOf, resetQuota } from './quotas.ts'
import type { QuotaService } from '../openstack/quotas.ts'
import { record, settle } from './record.ts'
import { endOf } from '../onboarding/stop.ts'
import type { OffboardRun } from './run.ts'
import { offboardStages } from './stages.ts'
import type { OffboardStage } from './stages.ts'
import { unseen, unseenList } from './not-shown.ts'

export type CarriedOut =
  | { readonly kind: 'absence'; readonly absence: Absence }
  /** Stopped after the freeze, as requested. */
  | { readonly kind: 'frozen'; readonly proof: FreezeProof }
  /** Stopped after another stage, as requested. */
  | { readonly kind: 'stopped' }

export async function carryOut(run: OffboardRun, clusterOwners: ReadonlySet<string>): Promise<CarriedOut> {
  await noteIds(run)
  try {
    return await carryOutStages(run, clusterOwners)
  } finally {
    await run.entrance.leave()
  }
}

/** After this one nobody looks from inside of a project any more. */
const lastInside = offboardStages.findLast((stage) => kinds.some((kind) => kind.stage === stage && kind.within))

async function carryOutStages(run: OffboardRun, clusterOwners: ReadonlySet<string>): Promise<CarriedOut> {
  for (const stage of isOver(run) ? (['absence'] as const) : offboardStages) {
    run.progress({ kind: 'stage', stage, state: 'started' })
    try {
      if (stage === 'absence') return { kind: 'absence', absence: await prove(run) }
      if (stage === 'freeze') {
        const proof = await freezeAndProve(run, clusterOwners)
        if (run.until === 'freeze') return { kind: 'frozen', proof }
      } else await carryOutStage(stage, run)
      if (stage === lastInside) await run.entrance.leave()
    } catch (error) {
      run.progress({ kind: 'stage', stage, state: endOf(error, run.stop) })
      throw error
    }
    if (stage !== 'freeze') run.progress({ kind: 'stage', stage, state: 'done' })
    if (stage === run.until) break
  }
  return { kind: 'stopped' }
}

/** A freeze that does not hold prevents no removal: with its account goes whoever it lets in. */
async function freezeAndProve(run: OffboardRun, clusterOwners: ReadonlySet<string>): Promise<FreezeProof> {
  const remembering = { ...run, operator: run.operator.snapshot() }
  const refused = await freeze(remembering, clusterOwners)
  if (run.until !== 'freeze')
    // all at once, so that no stage waits for its first look
    lookAhead(
      kinds.filter((kind) => keptBecause(kind, run.keepData) === undefined),
      reachOf(run, run.looked),
    )
  const proof = await proveFreeze(remembering, clusterOwners, refused)
  const { verdict, checks, findings } = proof
  const ok = verdict === 'shown'
  await run.evidence.append({ kind: 'offboarding', stage: 'freeze', ok, checks, findings })
  run.progress({ kind: 'stage', stage: 'freeze', state: ok ? 'done' : 'failed' })
  return proof
}

/** Absence was proved, and nothing has appeared since: then it is proved once more, and nothing is changed. */
function isOver({ tenantState, evidence }: OffboardRun): boolean {
  const last = evidence.records.findLast(
    (one) => (one.kind === 'offboarding' && one.stage === 'absence') || one.kind === 'made',
  )
  return tenantState.domain === undefined && last?.kind === 'offboarding' && last.ok
}

/** Before anything is deleted: these ids find what other services keep, also after Keystone has forgotten them. */
async function noteIds({ evidence, tenantState, clusters }: OffboardRun): Promise<void> {
  const ids = {
    projects: [...tenantState.projectIds].sort(),
    users: [...tenantState.userIds].sort(),
    clusters: [...clusters.names].sort(),
    ...(clusters.ids.size === 0 ? {} : { clusterIds: [...clusters.ids].sort() }),
    ...(tenantState.lostProjects.size === 0 ? {} : { lost: [...tenantState.lostProjects].sort() }),
  }
  const last = evidence.records.findLast((one) => one.kind === 'offboarding' && one.ids !== undefined)
  if (last?.kind === 'offboarding' && canonicalJson(last.ids) === canonicalJson(ids)) return
  await evidence.append({ kind: 'offboarding', stage: 'freeze', ok: true, ids, checks: [], findings: [] })
}

async function carryOutStage(stage: OffboardStage, run: OffboardRun): Promise<void> {
  if (stage === 'quotas' && !run.keepData) await resetQuotas(run)
  if (stage === 'identity' && run.keepData) await disableRest(run)
  const checks: Check[] = []
  const going = kinds.filter((kind) => kind.stage === stage && keptBecause(kind, run.keepData) === undefined)
  const has = await Promise.all(going.map(({ service }) => hasService(run.operator, service)))
  const cleared = await clear(
    going.filter((_, index) => has[index]),
    run,
  )
  for (const [kind, requestIds] of cleared) {
    // no claim about what could not be looked at
    if (run.unseen.some((one) => one.kind === kind.kind) || isShut(kind, run)) continue
    const claim = `no ${kind.kind} of ${run.tenant.spec.tenant}`
    checks.push({ claim, ok: true, value: 0, actor: 'operator', reach: 'perimeter', requestIds })
  }
  const findings: Finding[] = run.unseen
    .filter(({ kind }) => kinds.some((one) => one.kind === kind && one.stage === stage))
    .map((one) =>
      one.project === undefined
        ? unseenList(one)
        : unseen(`project ${one.project}`, `its ${one.kind}s could not be seen: ${one.because}`),
    )
  if (checks.length > 0 || findings.length > 0)
    await run.evidence.append({ kind: 'offboarding', stage, ok: true, checks, findings })
}

/** No cluster exists any more, so every user can be disabled. */
async function disableRest(run: OffboardRun): Promise<void> {
  const { domain, hasOwnDirectory } = run.tenantState
  if (domain === undefined || hasOwnDirectory) return
  const users = await listUsers(run.operator, { domain_id: domain.id })
  await disable(
    run,
    'identity',
    users.filter(({ enabled }) => enabled),
  )
}

/** Without projects there is no inside to look from. */
function isShut({ within }: Kind, { tenantState }: OffboardRun): boolean {
  return within === 'project' && tenantState.projects.length === 0 && tenantState.projectIds.size > 0
}

async function resetQuotas(run: OffboardRun): Promise<void> {
  const services = await quotaServicesOf(run.operator)
  const { projects, projectIds } = run.tenantState
  // also of deleted projects, whose quotas stay
  const reset = (id: string, service: QuotaService): Promise<void> => {
    const object = quotaOf({ id, name: projects.find((one) => one.id === id)?.name ?? id }, service)
    return record(run, { stage: 'quotas', actor: 'operator', action: 'reset', object }, (session) =>
      resetQuota(session, service, id),
    )
  }
  await settle([...projectIds].flatMap((id) => services.map((service) => reset(id, service))))
}

async function prove(run: OffboardRun): Promise<Absence> {
  const absence = await proveAbsence(run)
  const ok = absence.checks.every((check) => check.ok) && !isBlocked(absence.findings)
  const { checks, findings } = absence
  await run.evidence.append({ kind: 'offboarding', stage: 'absence', ok, checks, findings })
  run.progress({ kind: 'stage', stage: 'absence', state: ok ? 'done' : 'failed' })
  return absence
}
