import { isBlocked } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { requestRecord } from '../tenant/evidence.ts'
import type { Check, OperatorPoint, StageName } from '../tenant/stage.ts'
import { staleBecause } from '../tenant/status.ts'
import { openProbeRuns } from '../tenant/probe-runs.ts'
import type { ProbeScope } from '../tenant/probe-runs.ts'
import { gateRecord } from './gate.ts'
import type { GateClock, GateSource } from './gate.ts'
import { changesOf } from './plan.ts'
import type { Planned, Step } from './plan.ts'
import type { ResolvedResources } from './resource.ts'
import type { Run } from './run.ts'
import type { Gate, Stage } from './stage.ts'
import { runSteps } from './steps.ts'
import { endOf, stopIfAsked } from './stop.ts'

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
export async function applyPlan(planned: Planned, run: Run): Promise<readonly StageResult[]> {
  const results: StageResult[] = []
  const changes = changesOf(planned.plan)
  lookAhead(planned, run)
  for (const stage of planned.stages) {
    const proved = stage.isProbing === true ? proofOf(stage, run, changes) : undefined
    if (proved !== undefined) {
      run.progress({ kind: 'stage', stage: stage.name, state: 'kept', since: proved })
      continue
    }
    results.push(...(await carryOut(stage, planned, run)))
    if (results.some(({ ok }) => !ok)) break
  }
  return results
}

/** The steps of a stage, then its gates up to one that does not hold. */
async function carryOut(stage: Stage, { plan, known }: Planned, run: Run): Promise<readonly StageResult[]> {
  const show = (state: 'started' | 'done' | 'failed' | 'stopped'): void => {
    run.progress({ kind: 'stage', stage: stage.name, state })
  }
  show('started')
  // preflight judges what was read before planning
  let since = { began: run.clock.now(), asked: stage.name === 'preflight' ? 0 : run.exchanges.length }
  const results: StageResult[] = []
  try {
    const steps = plan.steps.filter((step) => step.stage === stage.name && step.action !== 'keep')
    await runSteps({ steps, resources: stage.resources(run.tenant), known }, run)
    for (const gate of run.options.wait ? stage.gates : stage.gates.slice(0, 1)) {
      const result = await readGate({ stage, gate, known, since }, run)
      since = { began: run.clock.now(), asked: run.exchanges.length }
      results.push(result)
      if (!result.ok) break
    }
  } catch (error) {
    show(endOf(error, run.clock.stop))
    throw error
  }
  show(results.every(({ ok }) => ok) ? 'done' : 'failed')
  return results
}

/**
 * Asks at once what the gates of stages without a step will ask: each reads it then from the memory of its session, unless
 * something of it has changed in between (docs/decisions/0204). What goes wrong here goes wrong there, and is told there.
 */
function lookAhead({ plan, known, stages }: Planned, run: Run): void {
  const makes = new Set(changesOf(plan).map(({ stage }) => stage))
  for (const { name, gates, isProbing, isWaiting } of stages) {
    if (isProbing === true || isWaiting === true || makes.has(name)) continue
    void gates[0]
      .check(gateRecord(sourceOf({ known, isRecalling: true, note: () => undefined }, run)).context)
      .catch(() => undefined)
  }
}

/**
 * When a stage was proved, if it is not proved again: fresh evidence, and older evidence too unless something changes. Nobody
 * looks again, so its age is shown with it.
 */
function proofOf(stage: Stage, { evidence, digests, clock }: Run, changes: readonly Step[]): string | undefined {
  const last = evidence.records.findLast((record) => record.kind === 'gate' && record.stage === stage.name)
  if (last?.kind !== 'gate' || !last.ok || staleBecause(last.digests, digests) !== undefined) return undefined
  // the next probe removes what an earlier one could not
  if (last.findings.some((finding) => finding.code === 'isolation/leftover')) return undefined
  if (changes.length === 0) return last.at
  // a proof about the tenant's accounts does not cover later changes of them
  if (changes.some((step) => stage.restsOn?.(step) === true)) return undefined
  return clock.now().getTime() - Date.parse(last.at) < freshForMs ? last.at : undefined
}

type GateWork = {
  readonly stage: Stage
  readonly gate: Gate
  readonly known: ResolvedResources
  /** When its stage, or the gate before it, began, and how many requests there had been by then. */
  readonly since: { readonly began: Date; readonly asked: number }
}

function sourceOf(
  { known, isRecalling, note }: Pick<GateSource, 'known' | 'isRecalling'> & Pick<GateClock, 'note'>,
  run: Run,
): GateSource {
  const { tenant, secrets, sessions, external, digests } = run
  const { now, sleep, stop } = run.clock
  const clock: GateClock = {
    now,
    sleep: async (milliseconds) => {
      stopIfAsked(stop)
      await sleep(milliseconds)
      stopIfAsked(stop)
    },
    note,
  }
  const probeRuns = (scope: ProbeScope) => openProbeRuns(run.home, scope)
  return { tenant, secrets, sessions, digests, external, known, clock, isRecalling, probeRuns }
}

async function readGate(
  { stage: { name: stage, isWaiting }, gate, known, since }: GateWork,
  run: Run,
): Promise<StageResult> {
  const { evidence, digests, exchanges } = run
  const { now } = run.clock
  const started = now().getTime()
  const note = (because: string): void => {
    run.progress({ kind: 'waiting', stage, because })
  }
  const record = gateRecord(sourceOf({ known, isRecalling: isWaiting !== true, note }, run))
  await gate.check(record.context)
  const { checks, findings, points } = record
  const ok = checks.every((check) => check.ok) && !isBlocked(findings)
  const alone = points.length === 0 ? {} : { withoutOperator: points }
  await evidence.append({
    kind: 'gate',
    stage,
    gate: gate.name,
    ok,
    digests,
    checks,
    findings,
    serverTime: record.serverTime(),
    milliseconds: now().getTime() - started,
    began: since.began.toISOString(),
    requests: [...new Set([...exchanges.slice(since.asked), ...record.asked])].map(requestRecord),
    ...alone,
  })
  return { stage, gate: gate.name, ok, checks, findings, ...alone }
}
