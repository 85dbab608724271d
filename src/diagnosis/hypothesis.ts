import type { Finding } from '../finding.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Case } from './case.ts'
import type { Observation } from './outcome.ts'
import type { Fact } from './fact.ts'

/** A cause that may be behind what is wrong, and how to find out. */
export type Hypothesis = {
  /** `diagnosis/dead-trust-rule`: one section in docs/findings.md. */
  readonly code: string
  /** One sentence that is either true or not. */
  readonly supposes: string
  /** Whose failure it would explain: only those are tried when a stage has failed. */
  readonly stages: readonly StageName[]
  /** Decides by experiments, never by what a failed object says of itself. */
  readonly test: (on: Case) => Promise<HypothesisVerdict>
}

export type HypothesisVerdict =
  | { readonly kind: 'confirmed'; readonly findings: readonly Diagnosed[] }
  | { readonly kind: 'excluded' }
  /** What would have decided it could not be seen. */
  | { readonly kind: 'open'; readonly because: string }

/** A finding with what it was concluded from. */
export type Diagnosed = Finding & { readonly evidence: readonly Fact[] }

export const excluded: HypothesisVerdict = { kind: 'excluded' }

export function open(because: string): HypothesisVerdict {
  return { kind: 'open', because }
}

/** `from`: the experiments that decided, in the order in which a person would want to read them. */
export function confirmed(
  finding: Omit<Finding, 'severity'> & { readonly severity?: Finding['severity'] },
  ...from: readonly Observation<unknown>[]
): HypothesisVerdict {
  const evidence = from.flatMap(({ facts }) => facts)
  return { kind: 'confirmed', findings: [{ severity: 'error', ...finding, evidence }] }
}

/** One verdict of several places, such as projects: confirmed where one is, open where none is and one is open. */
export function overAll(verdicts: readonly HypothesisVerdict[]): HypothesisVerdict {
  const findings = verdicts.flatMap((verdict) => (verdict.kind === 'confirmed' ? verdict.findings : []))
  if (findings.length > 0) return { kind: 'confirmed', findings }
  return verdicts.find(({ kind }) => kind === 'open') ?? excluded
}
