import { writeHandover } from '../handover/write.ts'
import { isBlocked } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import { applyPlan } from './apply.ts'
import type { StageResult } from './apply.ts'
import { changesOf } from './plan.ts'
import type { Plan, Planned, Step } from './plan.ts'
import { prepare } from './prepare.ts'
import { openProgressLog } from './progress-log.ts'
import type { Progress } from './progress.ts'
import type { Caller, OperatorContext } from './run.ts'
import { forgetProof } from './shared-proof.ts'

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
export function onboard(context: OperatorContext, caller: Caller): Promise<Onboarded> {
  const { home, clock } = context
  return withLock(home.path, { ...caller, clock }, async () => {
    await makeHome(home)
    return converge(context, caller)
  })
}

async function converge(context: OperatorContext, caller: Caller): Promise<Onboarded> {
  const { until } = context.options
  const changed: Step[] = []
  for (;;) {
    const { findings, planned } = await prepare(context)
    if (planned === undefined || isBlocked(findings)) return { kind: 'refused', findings }
    const { plan } = planned
    if (!(await caller.approve(plan))) return { kind: 'declined' }
    const results = await carryOut(planned, context, caller)
    const done = changesOf(plan).filter((step) => results.some((result) => result.stage === step.stage))
    changed.push(...done)
    const hasFailed = results.some((result) => !result.ok)
    const isReached = until !== undefined && results.some((result) => result.stage === until)
    // what an adopted account can see is planned once it can sign in
    const isMore = !hasFailed && plan.deferred.length > 0 && done.length > 0 && caller.goesOn
    if (isMore && !isReached) continue
    return {
      kind: 'applied',
      ok: !hasFailed && (plan.deferred.length === 0 || (isReached && isThrough(plan, until))),
      digest: plan.digest,
      changed,
      stages: results,
    }
  }
}

/** Whether only stages after that one were left to a later plan. */
function isThrough({ appliesThrough }: Plan, until: StageName): boolean {
  return appliesThrough !== undefined && stageNames.indexOf(appliesThrough) >= stageNames.indexOf(until)
}

async function carryOut(planned: Planned, context: OperatorContext, caller: Caller): Promise<readonly StageResult[]> {
  const { home } = context
  const evidence = await openRunEvidence(context, caller.command)
  const log = await openProgressLog(planned, context, caller)
  const watch = caller.watch()
  const progress = (event: Progress): void => {
    watch.show(event)
    log.show(event)
  }
  try {
    const results = await log.follow(() => applyPlan(planned, { ...context, evidence, progress }))
    if (results.some(({ ok }) => !ok)) await forgetProof(home.proof)
    return results
  } catch (error) {
    await forgetProof(home.proof)
    throw error
  } finally {
    watch.end()
    await writeHandover(context, evidence.records)
  }
}
