import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { Catalogue } from './catalogue.ts'
import { isSafety } from './paper.ts'
import type { Paper } from './paper.ts'

/** The answer to the one question that a reader has: is this tenant isolated? */
export type Verdict = {
  /** `as far as tried`: the gate of `apply` holds, and the whole catalogue was not tried, or was before a change. */
  readonly answer: 'isolated' | 'isolated as far as tried' | 'not isolated' | 'not known'
  /** Sentences, the weightiest first. */
  readonly because: readonly string[]
  /** When that was so, ISO. */
  readonly at?: string | undefined
}

export type VerdictSources = {
  readonly isolation: StageStatus | undefined
  readonly catalogue: Catalogue | undefined
  readonly paper: Paper | undefined
  /** The last record of taking it apart. */
  readonly offboarded: EvidenceRecord | undefined
}

export function verdictOf({ isolation, catalogue, paper, offboarded }: VerdictSources): Verdict {
  if (offboarded !== undefined)
    return { answer: 'not known', because: ['the tenant is being taken apart, or is gone'], at: offboarded.at }
  const holes = (paper?.claims ?? []).filter((claim) => isSafety(claim) && claim.verdict === 'refuted')
  if (holes.length > 0) {
    const titles = holes.map(({ title }) => `the policy does not keep this: ${title}`)
    return { answer: 'not isolated', because: titles, at: catalogue?.at ?? isolation?.at }
  }
  return verdictOfTrials(isolation, catalogue)
}

function verdictOfTrials(isolation: StageStatus | undefined, catalogue: Catalogue | undefined): Verdict {
  if (isolation === undefined || isolation.state === 'never run')
    return { answer: 'not known', because: ['nobody has tried yet to get from this tenant to another'] }
  const { at } = isolation
  switch (isolation.state) {
    case 'failed':
      return { answer: 'not isolated', because: [isolation.because ?? 'the gate does not hold'], at }
    case 'stale':
      return { answer: 'not known', because: [`what was tried says nothing of today: ${isolation.because ?? ''}`], at }
    case 'held by the tenant':
      return {
        answer: 'not known',
        because: ['the tenant holds its own credentials, and tries it on its own machine'],
        at,
      }
    case 'validated':
      return catalogue === undefined ? partly(isolation) : whole(isolation, catalogue)
  }
}

function partly({ checks, at }: StageStatus): Verdict {
  return {
    answer: 'isolated as far as tried',
    because: [
      `the gate of \`apply\` tried ${checks.length} ways out, and each was as it should be`,
      'the whole catalogue was not tried: `verify` does',
    ],
    at,
  }
}

function whole({ at }: StageStatus, catalogue: Catalogue): Verdict {
  const { probes, scs, changedSince } = catalogue
  const wrong = probes.filter(({ ok }) => !ok)
  // a later gate of `apply` tries a handful, and does not make up for what failed here
  if (!catalogue.ok)
    return {
      answer: 'not isolated',
      because: [`${wrong.length} of ${probes.length} probes are otherwise than they should be`],
      at: catalogue.at,
    }
  const tried = `all ${probes.length} probes are as they should be, and ${scs.held} of the ${scs.of} checks of SCS scs-0302 hold`
  if (changedSince.length === 0) return { answer: 'isolated', because: [tried], at: catalogue.at }
  return {
    answer: 'isolated as far as tried',
    because: [`${tried}, before ${changedSince.join(', ')} changed`, 'the gate of `apply` held again after it'],
    at,
  }
}
