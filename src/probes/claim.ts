/** A probe's claim and its verdict. The claim is made before anything is sent; the verdict comes from the effect. */
import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Check as EvidenceCheck } from '../tenant/stage.ts'

export type Expected =
  | 'refused'
  | 'allowed'
  /** Answered, but with nothing of others in it. */
  | 'empty'
  /** Neither right nor wrong: said, so that nobody has to assume. */
  | 'reported'

export type Observed =
  | 'refused'
  | 'allowed'
  | 'empty'
  /** Nobody could ask: no verdict. */
  | 'unknown'

export type Claim = {
  /** `<family>/<slug>`, stable: JUnit and evidence name it. */
  readonly id: string
  readonly family: string
  /** One sentence, true when the probe is ok. */
  readonly claim: string
  /** The account, or what stands for it. */
  readonly who: string
  readonly whom: string
  /** What decides: a policy's action, or the request or the object where there is none. */
  readonly rule: string
  readonly expected: Expected
  /** In which of the four parts `who` acts. */
  readonly actor: Actor
  /** Whether only an operator can read what decides (`perimeter`), or the tenant could too. */
  readonly reach: 'perimeter' | 'tenant could'
}

export type ProbeResult = Claim & {
  readonly observed: Observed
  /** What was read, or the cloud's words. */
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
