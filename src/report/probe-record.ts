import type { Actor } from '../tenant/actors.ts'
import type { Check } from '../tenant/stage.ts'

/** One probe of `verify`, or of a gate that probes, from the evidence. */
export type ProbeRecord = {
  /** `users/create-foreign`; absent in older evidence. */
  readonly id: string | undefined
  /** The policy action that decides: `identity:create_user`. */
  readonly rule: string | undefined
  readonly claim: string
  readonly who: string
  readonly whom: string
  readonly expected: string
  readonly observed: string
  readonly detail: string
  readonly ok: boolean
  readonly actor: Actor
  readonly reach: Check['reach']
  readonly requestIds: readonly string[]
}

/** `undefined` for a check that is not a probe. */
export function probeRecord({ claim, ok, value, actor, reach, requestIds }: Check): ProbeRecord | undefined {
  const read = textsIn(value)
  const { who, whom, expected, observed, detail = '' } = read
  if (who === undefined || whom === undefined || expected === undefined || observed === undefined) return undefined
  const { probe: id, rule } = read
  return { id, rule, claim, who, whom, expected, observed, detail, ok, actor, reach, requestIds }
}

/** The value of a text under a key of a recorded value. */
export function textsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]: [string, unknown]) => (typeof one === 'string' ? [[key, one]] : [])),
  )
}
