/** Which rules match a Keystone's answers. */
import { cellOf } from './observe.ts'
import type { Observation } from './observe.ts'
import { differences } from './expectations.ts'
import type { PolicyExpectation } from './expectations.ts'

export type Candidate = { readonly name: 'override' | 'previous' | 'base'; readonly expectation: PolicyExpectation }

export type InForce = {
  /** `neither`: some answers match one, some another. `unknown`: no answers, or no rules to compare them with. */
  readonly verdict: Candidate['name'] | 'neither' | 'unknown'
  /** Answers that do not match the likeliest rules: a hole, or a feature of this cloud that the rules do not have. */
  readonly strange: readonly Observation[]
  readonly compared: number
}

export function whatIsInForce(observed: readonly Observation[], candidates: readonly Candidate[]): InForce {
  const compared = observed.filter(({ answer }) => answer !== 'unknown').length
  const fits = candidates
    .map(({ name, expectation }) => ({ name, strange: differences(observed, expectation) }))
    // the first of equals: an override without an observable change counts as in force
    .sort((a, b) => a.strange.length - b.strange.length)
  const [best] = fits
  if (best === undefined || compared === 0) return { verdict: 'unknown', strange: [], compared }
  // an answer that matches none of them is no evidence for another one
  const isTelling = (cell: string): boolean => fits.some(({ strange }) => !strange.some((one) => cellOf(one) === cell))
  const isMixture = best.strange.some((one) => isTelling(cellOf(one)))
  return { verdict: isMixture ? 'neither' : best.name, strange: best.strange, compared }
}

/** Cells whose answer has changed since an earlier observation. */
export function changesSince(before: readonly Observation[], now: readonly Observation[]): readonly string[] {
  const then = new Map(before.map((one) => [cellOf(one), one.answer]))
  return now.flatMap((one) => {
    const was = then.get(cellOf(one))
    if (was === undefined || was === 'unknown' || one.answer === 'unknown' || was === one.answer) return []
    return [`${cellOf(one)}: ${was} before, ${one.answer} now`]
  })
}
