import type { Exchange } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'
import { hasErrors } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Digests } from '../tenant/evidence.ts'
import { openEvidence } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import type { Home } from '../tenant/home.ts'
import { acquireLock } from '../tenant/lock.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Sessions } from '../tenant/sessions.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { applyPlan } from './apply.ts'
import type { StageResult } from './apply.ts'
import type { OpenProbe } from './gate.ts'
import type { ExternalAccess } from './external-access.ts'
import { writeHandover } from '../handover/write.ts'
import { changesOf } from './plan.ts'
import type { Plan, Step } from './plan.ts'
import type { PreflightOptions } from './preflight.ts'
import { prepare } from './prepare.ts'
import { openProgressLog } from './progress-log.ts'
import type { Progress } from './progress.ts'
import type { ResolvedResources } from './resource.ts'
import type { Stage } from './stage.ts'
import { resourcesOf } from './stages.ts'
import { forgetProof, sharedProof } from './shared-proof.ts'
import { preflightStage } from './stages/preflight.ts'
import type { ProveCloud } from './stages/preflight.ts'

/** Observers of a plan that is being carried out. */
export type Watch = { readonly show: (event: Progress) => void; readonly end: () => Promise<void> }

export type Onboarding = PreflightOptions & {
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
  readonly operator: Session<'operator'>
  readonly sessions: Sessions
  readonly digests: Digests
  readonly ca: string | undefined
  readonly open: OpenProbe
  readonly external: ExternalAccess
  /** Every request so far; each gate records those of its stage. */
  readonly exchanges: readonly Exchange[]
  readonly adopt: boolean
  readonly until?: StageName | undefined
  /** `false` stops after the first gate of a stage that has two. */
  readonly wait: boolean
  /** Also plan and apply what an adopted account can see. Not if one particular plan was approved. */
  readonly goesOn: boolean
  /**
   * How the policy of the cloud is proved, if a fleet does it once for all. Otherwise a proof in the data directory is
   * valid for an hour.
   */
  readonly prove?: ProveCloud | undefined
  /** `apply` or `fleet apply`: shown to a command that finds the lock taken, and on the console. */
  readonly command: string
  readonly pid: number
  /** The tenant file, absolute. */
  readonly file: string
  /** Called before anything is changed; `false` stops the run. */
  readonly approve: (plan: Plan) => Promise<boolean>
  readonly watch: () => Watch
  readonly stop: AbortSignal
  readonly sleep: (milliseconds: number) => Promise<void>
}

export type Onboarded =
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'applied'
      readonly ok: boolean
      readonly digest: string
      readonly changed: readonly Step[]
      readonly stages: readonly StageResult[]
    }

/**
 * Takes one tenant from its file to its finished state, under its lock: looks, plans, asks, applies, and repeats while
 * a plan has deferred resources. `apply` and fleets call this. Throws whatever prevents it.
 */
export async function onboard(onboarding: Onboarding): Promise<Onboarded> {
  const { home, command, pid, now } = onboarding
  const lock = await acquireLock(home.path, `${command}, pid ${pid}, since ${now().toISOString()}`)
  try {
    await makeHome(home)
    return await converge(onboarding)
  } finally {
    await lock.release()
  }
}

async function converge(onboarding: Onboarding): Promise<Onboarded> {
  const { tenant, operator, sessions, secrets, digests, until } = onboarding
  const changed: Step[] = []
  for (;;) {
    const { preflight, planned } = await prepare(tenant, operator, sessions, secrets, digests, onboarding)
    if (planned === undefined || hasErrors(planned.plan.findings))
      return { kind: 'refused', findings: [...preflight.findings, ...(planned?.plan.findings ?? [])] }
    const { plan, known } = planned
    if (!(await onboarding.approve(plan))) return { kind: 'declined' }
    const prove = onboarding.prove ?? sharedProof(onboarding.now, onboarding.home.proof)
    const all = [preflightStage(preflight, prove), ...planned.stages]
    const results = await carryOut(plan, known, all, untilOf(plan, until), onboarding)
    const done = changesOf(plan).filter((step) => results.some((result) => result.stage === step.stage))
    changed.push(...done)
    const hasFailed = results.some((result) => !result.ok)
    const isReached = until !== undefined && results.some((result) => result.stage === until)
    // what an adopted account can see is planned once it can sign in
    const isMore = !hasFailed && plan.deferred.length > 0 && done.length > 0 && onboarding.goesOn
    if (isMore && !isReached) continue
    return {
      kind: 'applied',
      ok: !hasFailed && plan.deferred.length === 0,
      digest: plan.digest,
      changed,
      stages: results,
    }
  }
}

async function carryOut(
  plan: Plan,
  known: ResolvedResources,
  all: readonly Stage[],
  until: StageName | undefined,
  onboarding: Onboarding,
): Promise<readonly StageResult[]> {
  const { tenant, home, secrets, command, pid, file, now } = onboarding
  const evidence = await openEvidence(home.evidence, now)
  const names = all.map((stage) => stage.name)
  const log = await openProgressLog({
    path: home.progress,
    command,
    pid,
    file,
    stages: until === undefined ? names : names.slice(0, names.indexOf(until) + 1),
    plan,
    resources: resourcesOf(tenant),
    now,
  })
  const watch = onboarding.watch()
  const progress = (event: Progress): void => {
    watch.show(event)
    log.show(event)
  }
  try {
    const results = await log.follow(() =>
      applyPlan(plan, { ...onboarding, stages: all, known, evidence, until, progress }),
    )
    if (results.some(({ ok }) => !ok)) await forgetProof(home.proof)
    return results
  } catch (error) {
    await forgetProof(home.proof)
    throw error
  } finally {
    await watch.end()
    await writeHandover(tenant, home, secrets, onboarding.endpoint, onboarding.ca)
  }
}

/** A plan with deferred resources is applied as far as it reaches. */
function untilOf({ appliesThrough }: Plan, until: StageName | undefined): StageName | undefined {
  if (appliesThrough === undefined || until === undefined) return appliesThrough ?? until
  return stageNames.indexOf(appliesThrough) < stageNames.indexOf(until) ? appliesThrough : until
}
