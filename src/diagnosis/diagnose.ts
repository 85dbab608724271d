/**
 * From the symptom to the cause: an experiment tests every possible cause and separates it from the others. The error
 * text of a failed object decides nothing, and several causes at once are all found.
 */
import type { Finding } from '../finding.ts'
import { startTimer } from '../openstack/timer.ts'
import { leftoverFinding } from '../probes/throwaway/throwaways.ts'
import { Case } from './case.ts'
import type { Subject } from './case.ts'
import { Inapplicable, Unasked } from './experiment.ts'
import type { ExperimentReport } from './outcome.ts'
import { clusters } from './experiments/clusters.ts'
import { hypotheses } from './hypotheses.ts'
import { tenantAbsent } from './hypotheses/accounts.ts'
import { excluded, open } from './hypothesis.ts'
import type { Diagnosed, Hypothesis, HypothesisVerdict } from './hypothesis.ts'

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

/**
 * How long experiments are waited for, in milliseconds. Afterwards only the removal of their objects sends requests.
 */
const experimentsMs = 8500

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
    stopTimer = (subject.startTimer ?? startTimer)(experimentsMs, resolve)
  })
  const on = new Case(subject, deadline)
  const relevant = hypotheses.filter(
    ({ stages }) => subject.symptom.stage === undefined || stages.includes(subject.symptom.stage),
  )
  const verdicts = await Promise.all(relevant.map(async (one) => [one, await put(one, on)] as const))
  const confirmed = verdicts.flatMap(([, verdict]) => (verdict.kind === 'confirmed' ? verdict.findings : []))
  // before its first `apply` a tenant is absent because of the other causes, or of the failure that the evidence tells
  const others = confirmed.filter(({ code }) => code !== tenantAbsent.code)
  const symptoms = await symptomsOf(on)
  const found = others.length > 0 || symptoms.length > 0 ? others : confirmed
  const undecided = verdicts.filter(([, { kind }]) => kind === 'open').map(([one]) => one)
  stopTimer()
  return {
    diagnosis: {
      findings: found.length === 0 && symptoms.length > 0 ? [unknown(subject, symptoms, undecided, on.reports)] : found,
      hypotheses: verdicts.map(([one, verdict]) => testedOf(one, verdict)),
      experiments: [...on.reports],
      milliseconds: subject.now().getTime() - started,
    },
    remove: async () => {
      await on.settled()
      return (await on.throwaways.removeAll()).map(leftoverFinding)
    },
  }
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

/** The symptoms, whatever the cause: the failure of a stage, and the error states of clusters. */
async function symptomsOf(on: Case): Promise<readonly string[]> {
  const { symptom } = on.subject
  const seen = symptom.stage === undefined || symptom.stage === 'cluster' ? await clusters(on) : undefined
  const failed = seen?.kind === 'seen' ? seen.value.filter(({ cluster }) => cluster.status.endsWith('_FAILED')) : []
  return [
    ...symptom.message,
    ...failed.map(
      ({ cluster }) => `cluster ${cluster.name} is ${cluster.status}: ${cluster.status_reason ?? 'no reason given'}`,
    ),
  ]
}

function unknown(
  subject: Subject,
  symptoms: readonly string[],
  open: readonly Hypothesis[],
  reports: readonly ExperimentReport[],
): Diagnosed {
  const isComplete = open.length === 0
  const { stage, requestIds } = subject.symptom
  return {
    code: 'diagnosis/unknown',
    severity: 'error',
    where: stage === undefined ? `tenant ${subject.tenant.spec.tenant}` : `stage ${stage}`,
    message: `${
      isComplete
        ? 'none of the known causes is present now; either it was repaired, or the cause is unknown'
        : `no cause was confirmed, and ${open.length} could not be checked (${open.map(({ code }) => code.replace('diagnosis/', '')).join(', ')})`
    }: ${symptoms.join('; ')}`,
    remedy: isComplete
      ? 'if something was repaired in the meantime: delete what failed, and apply again. Otherwise look for these request ids in the logs of the services (magnum-conductor first), and report the cause that you find'
      : 'run it again when the cloud answers faster, or with the missing secrets; `-v` says why each could not be checked',
    owner: 'operator',
    evidence: [
      { experiment: 'symptom', saw: symptoms.join('; '), requestIds },
      ...reports.flatMap(({ facts }) => facts),
    ],
  }
}
