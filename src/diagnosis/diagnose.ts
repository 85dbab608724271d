/**
 * From the symptom to the cause: an experiment tests every possible cause and separates it from the others. The error
 * text of a failed object decides nothing, and several causes at once are all found.
 */
import { isBlocking } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { startTimer } from '../openstack/timer.ts'
import { sweepCloud } from '../probes/throwaway/sweep.ts'
import { leftoverFinding } from '../probes/throwaway/throwaways.ts'
import type { Leftover } from '../probes/throwaway/throwaways.ts'
import { Case } from './case.ts'
import type { Subject } from './case.ts'
import { Inapplicable, Unasked } from './experiment.ts'
import type { ExperimentReport } from './outcome.ts'
import { clusters } from './experiments/clusters.ts'
import type { StandingCluster } from './experiments/clusters.ts'
import { hypotheses } from './hypotheses.ts'
import { tenantAbsent } from './hypotheses/accounts.ts'
import { excluded, open } from './hypothesis.ts'
import type { Diagnosed, Hypothesis, HypothesisVerdict } from './hypothesis.ts'
import { unknownCause } from './unknown.ts'

export type Diagnosis = {
  readonly findings: readonly Diagnosed[]
  readonly hypotheses: readonly Tested[]
  readonly experiments: readonly ExperimentReport[]
  readonly milliseconds: number
}

export type Tested = {
  readonly code: string
  readonly supposes: string
  readonly verdict: HypothesisVerdict['kind']
  readonly because?: string
}

export type Diagnosing = {
  readonly diagnosis: Diagnosis
  /**
   * Removes what was made, however long that takes; returns what could not be removed. The sessions must stay open
   * until then.
   */
  readonly remove: () => Promise<readonly Finding[]>
}

/** Never throws for an answer of the cloud. */
export async function diagnose(subject: Subject): Promise<Diagnosing> {
  const started = subject.now().getTime()
  let stopTimer = (): void => undefined
  const deadline = new Promise<void>((resolve) => {
    stopTimer = (subject.startTimer ?? startTimer)(subject.patienceMs, resolve)
  })
  const on = new Case(subject, deadline)
  await subject.runs.begin(on.throwaways.run.id)
  const relevant = hypotheses.filter(
    ({ stages }) => subject.symptom.stage === undefined || stages.includes(subject.symptom.stage),
  )
  const verdicts = await Promise.all(relevant.map(async (one) => [one, await put(one, on)] as const))
  const confirmed = verdicts.flatMap(([, verdict]) => (verdict.kind === 'confirmed' ? verdict.findings : []))
  // before its first `apply` a tenant is absent because of the other causes, or of the failure that the evidence tells
  const others = confirmed.filter(({ code }) => code !== tenantAbsent.code)
  const failed = await failedClusters(on)
  const symptoms = [
    ...subject.symptom.message,
    ...failed.map(
      ({ cluster }) => `cluster ${cluster.name} is ${cluster.status}: ${cluster.status_reason ?? 'no reason given'}`,
    ),
  ]
  const found = others.length > 0 || symptoms.length > 0 ? others : confirmed
  const isUnexplained = !subject.symptom.isExplained && symptoms.length > 0 && !found.some(isBlocking)
  const undecided = verdicts.filter(([, { kind }]) => kind === 'open').map(([one]) => one)
  stopTimer()
  const unexplained = {
    tenant: subject.tenant.spec.tenant,
    symptom: subject.symptom,
    symptoms,
    failedClusters: failed.map(({ cluster }) => cluster.uuid),
    facts: on.reports.flatMap(({ facts }) => facts),
  }
  return {
    diagnosis: {
      findings: isUnexplained ? [...found, unknownCause({ ...unexplained, open: undecided })] : found,
      hypotheses: verdicts.map(([one, verdict]) => testedOf(one, verdict)),
      experiments: [...on.reports],
      milliseconds: subject.now().getTime() - started,
    },
    remove: async () => {
      await on.settled()
      const leftovers = [...(await on.throwaways.removeAll()), ...(await removeEarlier(subject))]
      if (leftovers.length === 0) await subject.runs.end()
      return leftovers.map(leftoverFinding)
    },
  }
}

/** What killed diagnoses left. */
async function removeEarlier({ operator, runs, now }: Subject): Promise<readonly Leftover[]> {
  if (runs.dead.length === 0) return []
  return (await sweepCloud(operator, { now: now(), deadRuns: runs.dead })).leftovers
}

async function put(hypothesis: Hypothesis, on: Case): Promise<HypothesisVerdict> {
  try {
    return await hypothesis.test(on)
  } catch (error) {
    if (error instanceof Inapplicable) return excluded
    if (error instanceof Unasked) return open(error.message)
    throw error
  }
}

function testedOf({ code, supposes }: Hypothesis, verdict: HypothesisVerdict): Tested {
  return {
    code,
    supposes,
    verdict: verdict.kind,
    ...(verdict.kind === 'open' ? { because: verdict.because } : {}),
  }
}

/** Whatever the cause, a failed cluster is a symptom. */
async function failedClusters(on: Case): Promise<readonly StandingCluster[]> {
  const { stage } = on.subject.symptom
  const seen = stage === undefined || stage === 'cluster' ? await clusters(on) : undefined
  return seen?.kind === 'seen' ? seen.value.filter(({ cluster }) => cluster.status.endsWith('_FAILED')) : []
}
