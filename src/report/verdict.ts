import { isBlocking } from '../finding.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { StageStatus } from '../tenant/status.ts'
import type { Catalogue } from './catalogue.ts'
import { isSafety } from './paper.ts'
import type { PolicyOnPaper } from './paper.ts'

/** The answer to the reader's one question: is this tenant isolated? */
export type ReportVerdict = {
  /**
   * `as far as tried`: the gate of `apply` holds, but the whole catalogue was not tried, or was tried before a change.
   */
  readonly answer: 'isolated' | 'isolated as far as tried' | 'not isolated' | 'not known'
  /** Sentences, the most important first. */
  readonly because: readonly string[]
  /** The time of the attempts, ISO. */
  readonly at?: string | undefined
}

export type VerdictSources = {
  readonly isolation: StageStatus | undefined
  readonly catalogue: Catalogue | undefined
  readonly paper: PolicyOnPaper | undefined
  /** Actions that the policy on paper refuses and the cloud allowed: then it is not the one in force. */
  readonly contradicted: readonly string[]
  /** The last record of an offboarding. */
  readonly offboarded: EvidenceRecord | undefined
}

export function verdictOf({ isolation, catalogue, paper, contradicted, offboarded }: VerdictSources): ReportVerdict {
  if (offboarded !== undefined)
    return {
      answer: 'not known',
      because: [`the tenant is being offboarded, or is gone, since ${offboarded.at}`],
      at: catalogue?.at,
    }
  const trials = verdictOfTrials(isolation, catalogue)
  const [action] = contradicted
  if (action !== undefined) {
    const because = `the policy given to this report is not the one in force: it refuses ${action}, which was allowed`
    return { ...trials, because: [...trials.because, because] }
  }
  const holes = (paper?.claims ?? []).filter((claim) => isSafety(claim) && claim.verdict === 'refuted')
  if (holes.length === 0) return trials
  const titles = holes.map(({ title }) => `the policy does not guarantee this: ${title}`)
  const because = trials.answer === 'not isolated' ? [...titles, ...trials.because] : titles
  return { answer: 'not isolated', because, at: trials.at }
}

function verdictOfTrials(isolation: StageStatus | undefined, catalogue: Catalogue | undefined): ReportVerdict {
  if (isolation === undefined || isolation.state === 'never run' || isolation.state === 'not asked')
    return { answer: 'not known', because: ['nobody has tried yet to get from this tenant to another'] }
  const { at, state, because = '' } = isolation
  switch (state) {
    case 'failed':
      return catalogue?.at === at && catalogue !== undefined
        ? fallen(catalogue)
        : { answer: 'not isolated', because: because.split('; ').map((one) => `this does not hold: ${one}`), at }
    case 'stale':
      return { answer: 'not known', because: [`the attempts say nothing about today: ${because}`], at }
    case 'held by the tenant': {
      const held = `the tenant holds its own credentials, and tests this on its own machine (${because})`
      const before =
        catalogue === undefined ? [] : verdictOfCatalogue(catalogue).because.map((one) => `before that, ${one}`)
      return { answer: 'not known', because: [held, ...before], at: catalogue?.at }
    }
    case 'validated':
      return catalogue === undefined ? partly(isolation) : whole(isolation, catalogue)
  }
}

/** No probe sends one from one tenant's network to another's, so no answer is about them. */
const packets = 'packets: not shown, because only the APIs were attacked'

function partly({ checks, at }: StageStatus): ReportVerdict {
  return {
    answer: 'isolated as far as tried',
    because: [
      `the gate of \`apply\` made ${checks.length} attempts, and each had the expected result`,
      'the whole catalogue was not tried: `verify` does',
      packets,
    ],
    at,
  }
}

function whole({ at }: StageStatus, catalogue: Catalogue): ReportVerdict {
  // a later gate of `apply` has only a few probes, and does not replace a failure here
  const verdict = verdictOfCatalogue(catalogue)
  if (!catalogue.ok || catalogue.changedSince.length === 0) return verdict
  const changed = `since then ${catalogue.changedSince.join(', ')} changed, and the gate of \`apply\` held again after it`
  return { answer: 'isolated as far as tried', because: [...verdict.because, changed], at }
}

function verdictOfCatalogue(catalogue: Catalogue): ReportVerdict {
  if (!catalogue.ok) return fallen(catalogue)
  const { probes, scs, at } = catalogue
  const tried = `all ${probes.length} probes are as expected, and ${scs.held} of the ${scs.of} checks of SCS scs-0302 hold`
  return { answer: 'isolated', because: [tried, packets], at }
}

/** Names the first few; the appendix has all of them. */
function fallen({ probes, findings, at }: Catalogue): ReportVerdict {
  const wrong = probes.filter(({ ok }) => !ok)
  const named = wrong.slice(0, 3).map(({ claim }) => `this does not hold: ${claim}`)
  const count = `${wrong.length} of ${probes.length} probes are not as expected`
  const told = findings.filter((finding) => isBlocking(finding) && !finding.code.startsWith('isolation/'))
  const others = told.slice(0, 3).map(({ where, message }) => `${where}: ${message}`)
  // an unknown alone refutes nothing
  const isRefuted = wrong.length > 0 || told.some(({ severity }) => severity === 'error')
  return { answer: isRefuted ? 'not isolated' : 'not known', because: [count, ...named, ...others], at }
}
