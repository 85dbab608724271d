import type { Finding } from '../finding.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Case } from './case.ts'
import type { Observation } from './outcome.ts'
import type { Fact } from './fact.ts'

/** A possible cause of the symptom, and how to test it. */
export type Hypothesis = {
  /** `diagnosis/dead-trust-rule`: one section in docs/findings.md. */
  readonly code: string
  /** One sentence that is either true or false. */
  readonly supposes: string
  /** The stages whose failure it explains: only those causes are tested after a failed stage. */
  readonly stages: readonly StageName[]
  /** Decides by experiments, never by the error text of a failed object. */
  readonly test: (on: Case) => Promise<HypothesisVerdict>
}

export type HypothesisVerdict =
  | { readonly kind: 'confirmed'; readonly findings: readonly Diagnosed[] }
  | { readonly kind: 'excluded' }
  /** A required fact could not be seen. */
  | { readonly kind: 'open'; readonly because: string }

/** A finding, and the facts behind it. */
export type Diagnosed = Finding & { readonly evidence: readonly Fact[] }

export const excluded: HypothesisVerdict = { kind: 'excluded' }

export function open(because: string): HypothesisVerdict {
  return { kind: 'open', because }
}

/** `from`: the deciding experiments, in the order for a reader. */
export function confirmed(
  finding: Omit<Finding, 'severity'> & { readonly severity?: Finding['severity'] },
  ...from: readonly Observation<unknown>[]
): HypothesisVerdict {
  const evidence = from.flatMap(({ facts }) => facts)
  return { kind: 'confirmed', findings: [{ severity: 'error', ...finding, evidence }] }
}

/** One verdict for several places, such as projects: confirmed if any is, else open if any is. */
export function overAll(verdicts: readonly HypothesisVerdict[]): HypothesisVerdict {
  const findings = verdicts.flatMap((verdict) => (verdict.kind === 'confirmed' ? verdict.findings : []))
  if (findings.length > 0) return { kind: 'confirmed', findings }
  return verdicts.find(({ kind }) => kind === 'open') ?? excluded
}
