import { hasErrors } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { requestRecord } from '../tenant/evidence.ts'
import type { Check, OperatorPoint, StageName } from '../tenant/stage.ts'
import { staleBecause } from '../tenant/status.ts'
import { gateRecord } from './gate.ts'
import { changesOf } from './plan.ts'
import type { Plan } from './plan.ts'
import type { Run } from './run.ts'
import type { Gate, Stage } from './stage.ts'
import { runSteps, stopIfAsked } from './steps.ts'

export type StageResult = {
  readonly stage: StageName
  readonly gate: Gate['name']
  readonly ok: boolean
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  /** Only in a run without an operator: the places where an operator would read. */
  readonly withoutOperator?: readonly OperatorPoint[]
}

/** Probe evidence younger than this is not proved again. Milliseconds. */
export const freshForMs = 24 * 3600 * 1000

/**
 * Carries out a plan stage by stage, steps in parallel where nothing depends on another. Ends after the first gate that
 * does not hold; its result is the last one returned. Throws when a step or a gate could not be completed.
 */
export async function applyPlan(plan: Plan, context: Run): Promise<readonly StageResult[]> {
  const results: StageResult[] = []
  for (const stage of context.stages) {
    const steps = plan.steps.filter((step) => step.stage === stage.name && step.action !== 'keep')
    if (stage.isProbing === true && isProved(stage, context, changesOf(plan).length > 0)) {
      context.progress({ kind: 'stage', stage: stage.name, state: 'kept' })
      if (stage.name === context.until) break
      continue
    }
    context.progress({ kind: 'stage', stage: stage.name, state: 'started' })
    // preflight judges what was read before planning
    let since: Since = {
      began: context.now(),
      asked: stage.name === 'preflight' ? 0 : (context.exchanges?.length ?? 0),
    }
    try {
      await runSteps(steps, stage.resources(context.tenant), context)
      for (const gate of context.wait ? stage.gates : stage.gates.slice(0, 1)) {
        const result = await runGate(stage, gate, context, since)
        since = { began: context.now(), asked: context.exchanges?.length ?? 0 }
        results.push(result)
        if (!result.ok) {
          context.progress({ kind: 'stage', stage: stage.name, state: 'failed' })
          return results
        }
      }
    } catch (error) {
      context.progress({ kind: 'stage', stage: stage.name, state: 'failed' })
      throw error
    }
    context.progress({ kind: 'stage', stage: stage.name, state: 'done' })
    if (stage.name === context.until) break
  }
  return results
}

/** Fresh evidence is not proved again. Without changes, older evidence stays valid too; `status` shows its age. */
function isProved(stage: Stage, { evidence, digests, now }: Run, isChanging: boolean): boolean {
  const last = evidence.records.findLast((record) => record.kind === 'gate' && record.stage === stage.name)
  if (last?.kind !== 'gate' || !last.ok || staleBecause(last.digests, digests) !== undefined) return false
  // the next probe removes what an earlier one could not
  if (last.findings.some((finding) => finding.code === 'isolation/leftover')) return false
  if (!isChanging) return true
  // a proof about the tenant's accounts does not cover later changes of them
  return stage.name === 'preflight' && now().getTime() - Date.parse(last.at) < freshForMs
}

/** The first request of a gate. */
type Since = { readonly began: Date; readonly asked: number }

async function runGate(stage: Stage, gate: Gate, context: Run, since: Since): Promise<StageResult> {
  const { tenant, known, secrets, sessions, evidence, digests, now } = context
  const started = now().getTime()
  const record = gateRecord(
    tenant,
    known,
    secrets,
    sessions,
    {
      now,
      sleep: async (milliseconds) => {
        stopIfAsked(context.stop)
        await context.sleep(milliseconds)
        stopIfAsked(context.stop)
      },
      note: (because) => {
        context.progress({ kind: 'waiting', stage: stage.name, because })
      },
    },
    context.open,
    context.external,
  )
  await gate.check(record.context)
  const ok = record.checks.every((check) => check.ok) && !hasErrors(record.findings)
  const alone = record.points.length === 0 ? {} : { withoutOperator: record.points }
  await evidence.append({
    kind: 'gate',
    stage: stage.name,
    gate: gate.name,
    ok,
    digests,
    checks: record.checks,
    findings: record.findings,
    serverTime: record.serverTime(),
    milliseconds: now().getTime() - started,
    began: since.began.toISOString(),
    requests: context.exchanges?.slice(since.asked).map(requestRecord),
    ...alone,
  })
  return { stage: stage.name, gate: gate.name, ok, checks: record.checks, findings: record.findings, ...alone }
}
