import { claimVerdicts } from '../isolation/claims.ts'
import { claimNames } from '../policy/prove/claim.ts'
import type { ClaimName } from '../policy/prove/claim.ts'
import { claimOf } from '../policy/prove/claims.ts'
import type { Catalogue } from './catalogue.ts'
import type { PolicyOnPaper, PaperClaim } from './paper.ts'

/**
 * One claim about the policy, in two ways: the proof's verdict on paper, and the results of the probes that attack it.
 */
export type ReportedClaim = {
  readonly claim: ClaimName
  readonly title: string
  readonly paper?: PaperClaim | undefined
  readonly tried?: { readonly held: number; readonly probes: number; readonly ok: boolean } | undefined
}

export function claimsOf(catalogue: Catalogue | undefined, paper: PolicyOnPaper | undefined): readonly ReportedClaim[] {
  if (catalogue === undefined && paper === undefined) return []
  const probes = (catalogue?.probes ?? []).flatMap(({ id, ok }) => (id === undefined ? [] : [{ id, ok }]))
  const verdicts = claimVerdicts(probes)
  const held = new Set(probes.filter(({ ok }) => ok).map(({ id }) => id))
  return claimNames.map((claim) => {
    const tried = verdicts.find((verdict) => verdict.claim === claim)
    return {
      claim,
      title: claimOf(claim).title,
      paper: paper?.claims.find((one) => one.claim === claim),
      tried:
        catalogue === undefined || tried === undefined
          ? undefined
          : { held: tried.probes.filter((id) => held.has(id)).length, probes: tried.probes.length, ok: tried.ok },
    }
  })
}
