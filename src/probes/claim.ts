/** A probe's claim and its verdict. The claim is made before anything is sent; the verdict comes from the effect. */
import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Check as EvidenceCheck } from '../tenant/stage.ts'

export type Expected =
  | 'refused'
  | 'allowed'
  /** Answered, but without foreign data. */
  | 'empty'
  /** Neither right nor wrong: reported, so that nobody has to assume it. */
  | 'reported'

export type Observed =
  | 'refused'
  | 'allowed'
  | 'empty'
  /** Could not be asked: inconclusive. */
  | 'unknown'

export type Claim = {
  /** `<family>/<slug>`, stable: JUnit and evidence use it. */
  readonly id: string
  readonly family: string
  /** One sentence, true if the probe is ok. */
  readonly claim: string
  /** The account, or its stand-in. */
  readonly who: string
  readonly whom: string
  /** What decides: a policy's action, or the request or the object where there is none. */
  readonly rule: string
  readonly expected: Expected
  /** Which of the four roles `who` has in the probes. */
  readonly actor: Actor
  /** Can only an operator read what decides (`perimeter`), or could the tenant read it too? */
  readonly reach: 'perimeter' | 'tenant could'
}

export type ProbeResult = Claim & {
  readonly observed: Observed
  /** What was read, or the cloud's message. */
  readonly detail: string
  readonly ok: boolean
  readonly requestIds: readonly string[]
  readonly finding?: Finding
}

/** As a gate records it. */
export function evidenceOf(result: ProbeResult): EvidenceCheck {
  const { id, rule, claim, ok, who, whom, expected, observed, detail, actor, reach, requestIds } = result
  return { claim, ok, value: { probe: id, rule, who, whom, expected, observed, detail }, actor, reach, requestIds }
}
