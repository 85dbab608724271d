/** The finding for a failure that no known cause explains. It says who answered what, and where its log is. */
import { serviceTable, serviceTypes } from '../openstack/services.ts'
import type { Diagnosed, Hypothesis } from './hypothesis.ts'
import type { Fact } from './fact.ts'
import type { Symptom } from './symptom.ts'

export type Unexplained = {
  readonly tenant: string
  readonly symptom: Symptom
  /** Everything that is wrong, in sentences. */
  readonly symptoms: readonly string[]
  /** Clusters whose failure only Magnum's conductor can explain, by uuid. */
  readonly failedClusters: readonly string[]
  /** Causes that could not be checked. */
  readonly open: readonly Hypothesis[]
  readonly facts: readonly Fact[]
}

export function unknownCause(unexplained: Unexplained): Diagnosed {
  const { tenant, symptom, symptoms, failedClusters, open, facts } = unexplained
  const { stage, answers } = symptom
  const codes = open.map(({ code }) => code.replace('diagnosis/', '')).join(', ')
  const what =
    open.length === 0
      ? 'none of the known causes is present now; the cause was repaired since, or is not a known one'
      : `no known cause was found, and ${open.length} could not be checked (${codes})`
  return {
    code: 'diagnosis/unknown',
    severity: 'error',
    where: stage === undefined ? `tenant ${tenant}` : `stage ${stage}`,
    message: [what, ...symptoms].join('; '),
    remedy: [
      ...answers.map(whereToLook),
      ...(failedClusters.length === 0 ? [] : [`look for ${failedClusters.join(', ')} in the log of magnum-conductor`]),
      ...(open.length === 0 ? [] : ['`tenant-onboard diagnose TENANT.yaml -v` says why each could not be checked']),
      'if the cause was repaired since, run `tenant-onboard apply` again',
    ].join('; '),
    owner: 'operator',
    evidence: [
      ...answers.map(({ service, isAnswer, requestIds }) => ({
        experiment: symptomFact,
        saw: isAnswer ? `the answers of ${service}` : `no answer of ${service}`,
        requestIds,
      })),
      ...facts,
    ],
  }
}

/** Marks the facts that an unknown cause promises, which are always shown in full. */
export const symptomFact = 'symptom'

function whereToLook({ service, isAnswer, requestIds }: Symptom['answers'][number]): string {
  const log = logOf(service)
  if (!isAnswer) return `${service} gave no answer: see whether it runs, and its log (${log})`
  return requestIds.length === 0
    ? `look at the time of the request in the log of ${log}`
    : `look for the request ids below in the log of ${log}`
}

/** A service that this client does not know is called by its type. */
function logOf(service: string): string {
  const known = serviceTypes.find((type) => type === service)
  return known === undefined ? `the service ${service}` : serviceTable[known].process
}
