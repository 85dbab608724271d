/** Takes a tenant off a cloud: plan, approval, stages, proof that nothing is left; all of it recorded. */
import { rm } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { verdictOf } from '../finding.ts'
import type { Verdict } from '../finding.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Session } from '../openstack/session.ts'
import { magnumDomainOf } from '../tenant/cloud-facts.ts'
import type { TenantContext } from '../tenant/context.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import type { Evidence, EvidenceRecord } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import type { OpenSession } from '../tenant/sessions.ts'
import type { Absence } from './absence.ts'
import { carryOut } from './carry-out.ts'
import { undoFreeze } from './freeze.ts'
import type { FreezeProof } from './frozen.ts'
import { clusterOwnersOf, knownClusters, takeInventory } from './inventory.ts'
import type { Inventory } from './inventory.ts'
import { planOf } from './plan.ts'
import type { OffboardPlan } from './plan.ts'
import { canEnter, Entrance } from './project-access.ts'
import type { OffboardProgress, OffboardRun } from './run.ts'
import type { OffboardStage } from './stages.ts'
import type { TenantState } from './tenant-state.ts'

/** What is looked at, and for what. */
export type PlanOffboardingOptions = TenantContext & {
  readonly operator: Session<'operator'>
  /** How the operator signs in: whether it can get into a project, and how. */
  readonly auth: Auth
  readonly keepData: boolean
  /** Whether a domain that we did not make may go as well. */
  readonly adopt: boolean
}

export type OffboardOptions = PlanOffboardingOptions &
  LockHolder & {
    readonly open: OpenSession
    /** The last stage to be carried out; absent: all of them. */
    readonly until?: OffboardStage | undefined
    /** Called before anything is changed; `false` stops the run. */
    readonly approve: (planned: PlannedOffboarding) => Promise<boolean>
    readonly progress: (event: OffboardProgress) => void
  }

export type PlannedOffboarding = { readonly inventory: Inventory; readonly plan: OffboardPlan }

export type Offboarded =
  /** The plan has findings at error level: nothing was touched. */
  | { readonly kind: 'refused'; readonly planned: PlannedOffboarding }
  | { readonly kind: 'declined' }
  /** After the stage that was the last one asked for. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'frozen'; readonly proof: FreezeProof }
  | { readonly kind: 'proved'; readonly verdict: Verdict; readonly absence: Absence }

/** What `offboard` would do; changes nothing. Throws `InputError` when there is no such tenant, and never was. */
export async function planOffboarding(options: PlanOffboardingOptions): Promise<PlannedOffboarding> {
  const { tenant, home, operator, sessions, auth, keepData, adopt } = options
  const magnumDomain = magnumDomainOf(tenant.facts)
  const records = await readEvidence(home.evidence)
  const inventory = await takeInventory({ tenant, operator, sessions, records, magnumDomain, adopt })
  // a mistyped name owns nothing, and that would read as a clean end
  if (inventory.protection === undefined && !isKnown(inventory.tenantState, records))
    throw new InputError(`there is no domain \`${tenant.names.domain}\`, and no record that there was one`)
  const plan = planOf(tenant, inventory, { keepData, adopt, canEnter: canEnter(auth), magnumDomain })
  return { inventory, plan }
}

function isKnown({ domain, projectIds, userIds }: TenantState, records: readonly EvidenceRecord[]): boolean {
  const isRecorded = records.some(({ kind }) => kind === 'made' || kind === 'removed')
  return domain !== undefined || projectIds.size > 0 || userIds.size > 0 || isRecorded
}

/** Under the lock of the tenant. The same again goes on where one stopped. */
export function offboard(options: OffboardOptions): Promise<Offboarded> {
  const { home, keepData } = options
  return withLock(home.path, options, async () => {
    const planned = await planOffboarding(options)
    // what cannot be seen does not prevent the removal of the rest; the proof at the end tells it again
    if (verdictOf(planned.plan.findings) === 'refuted') return { kind: 'refused', planned }
    if (!(await options.approve(planned))) return { kind: 'declined' }
    const done = await carryOut(await begin(planned, options), clusterOwnersOf(planned.inventory))
    if (done.kind !== 'absence') return done
    const { absence } = done
    const isGone = absence.orphans.length === 0 && absence.checks.every((check) => check.ok)
    const verdict = isGone ? verdictOf(absence.findings) : 'refuted'
    // they open nothing any more
    if (isGone && !keepData)
      await Promise.all([home.secrets, home.handover].map((folder) => rm(folder, { recursive: true, force: true })))
    return { kind: 'proved', verdict, absence }
  })
}

/** Gives back what a freeze took. Throws `InputError` when there is no domain. */
export function unfreeze(
  options: Omit<OffboardOptions, 'approve' | 'until'>,
): Promise<{ readonly kind: 'refused'; readonly planned: PlannedOffboarding } | { readonly kind: 'unfrozen' }> {
  return withLock(options.home.path, options, async () => {
    const planned = await planOffboarding(options)
    if (verdictOf(planned.plan.findings.filter(({ code }) => isAboutDomain(code))) === 'refuted')
      return { kind: 'refused', planned }
    if (planned.inventory.tenantState.domain === undefined)
      throw new InputError(`there is no domain \`${options.tenant.names.domain}\``)
    await undoFreeze(await begin(planned, options))
    return { kind: 'unfrozen' }
  })
}

/** What other tenants own here does not prevent an unfreeze. */
function isAboutDomain(code: string): boolean {
  return code === 'tenant/protected-domain' || code === 'offboard/not-ours'
}

async function begin(
  { inventory }: PlannedOffboarding,
  options: Omit<OffboardOptions, 'approve'>,
): Promise<OffboardRun> {
  const { tenant, home, operator, sessions, auth, open, keepData, until, progress, clock } = options
  await makeHome(home)
  const evidence = await openRunEvidence(options, options.command)
  const entrance = new Entrance(operator, auth, open, {
    note: async (action, { name, id }, requestIds) => {
      const object = { kind: 'project', name, id }
      await evidence.append({ kind: 'removed', stage: 'inside', actor: 'operator', action, object, requestIds })
      progress({ kind: 'removed', action, what: object, by: { actor: 'operator' } })
    },
    isOpen: (projectId) => isOpen(evidence.records, projectId),
    sleep: clock.sleep,
  })
  return {
    tenant,
    tenantState: inventory.tenantState,
    magnumDomain: magnumDomainOf(tenant.facts),
    clusters: knownClusters(inventory, tenant, evidence.records),
    operator,
    looked: operator.snapshot(),
    sessions,
    actors: inventory.actors,
    entrance,
    evidence,
    keepData,
    until,
    ...clock,
    progress,
    unseen: [],
    remarks: [],
  }
}

/** True if the last record says that the operator entered the project. */
function isOpen(records: Evidence['records'], projectId: string): boolean {
  const last = records.findLast(
    (one) =>
      one.kind === 'removed' && (one.action === 'enter' || one.action === 'leave') && one.object.id === projectId,
  )
  return last?.kind === 'removed' && last.action === 'enter'
}
