/** A probe's claim and its verdict. The claim is made before anything is sent; the verdict comes from the effect. */
import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Attempt } from './attempt.ts'

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
  readonly expected: Expected
  /** Which of the four roles `who` has in the probes. */
  readonly actor: Actor
  /** Can only an operator read what decides (`perimeter`), or could the tenant read it too? */
  readonly reach: 'perimeter' | 'tenant could'
  /** What is wrong, if the observation differs from the expectation. */
  readonly otherwise: Omit<Finding, 'message'> & { readonly message?: string }
}

export type ProbeResult = Omit<Claim, 'otherwise'> & {
  /** What decides: a policy's action, or the request if there is none. */
  readonly rule: string
  readonly observed: Observed
  /** What was read, or the cloud's message. */
  readonly detail: string
  readonly ok: boolean
  readonly requestIds: readonly string[]
  readonly finding?: Finding
}

/** What was seen: of the attempt, and of the reading back. */
export type Seen = { readonly observed: Observed; readonly detail: string; readonly requestIds: readonly string[] }

export function conclude(claim: Claim, seen: Seen): ProbeResult {
  const { otherwise, ...about } = claim
  const said = { ...about, rule: otherwise.where }
  const ok = isAsExpected(claim.expected, seen.observed)
  if (ok) return { ...said, ...seen, ok }
  if (seen.observed === 'unknown') {
    const message = `inconclusive: \`${claim.claim}\`: ${seen.detail}`
    const remedy = 'run it again; if that does not help, look at the service that did not answer'
    const finding: Finding = {
      code: 'isolation/no-verdict',
      severity: 'error',
      where: otherwise.where,
      message,
      remedy,
      owner: 'operator',
    }
    return { ...said, ...seen, ok, finding }
  }
  const message =
    otherwise.message ?? `${claim.claim}: expected ${claim.expected}, observed ${seen.observed} (${seen.detail})`
  return { ...said, ...seen, ok, finding: { ...otherwise, message } }
}

function isAsExpected(expected: Expected, observed: Observed): boolean {
  switch (expected) {
    case 'reported':
      return observed !== 'unknown'
    case 'empty':
      // a refused list shows nothing of other tenants either
      return observed === 'empty' || observed === 'refused'
    case 'refused':
    case 'allowed':
      return observed === expected
  }
}

/**
 * For a request that changes something: the effect decides. `effect` is the result of reading back: true, false, or
 * `undefined` if it could not be read, and then only a clear refusal counts. A success without an effect is not a
 * refusal: services answer from caches, and a concurrent reader can leave the old state in one.
 */
export function byEffect(tried: Attempt<unknown>, effect: boolean | undefined): Seen {
  const { requestIds } = tried
  const message = messageOf(tried)
  if (effect === true) return { observed: 'allowed', detail: `it took effect (${message})`, requestIds }
  if (effect === false && tried.kind === 'answered')
    return { observed: 'unknown', detail: `${message}, but no effect was read back`, requestIds }
  if (tried.kind === 'refused') return { observed: 'refused', detail: message, requestIds }
  return { observed: 'unknown', detail: message, requestIds }
}

/** For a request that only reads: the answer is the effect. `isLeak` says whether it has what it must not. */
export function byAnswer<T>(tried: Attempt<T>, isLeak: (value: T) => boolean, describe: (value: T) => string): Seen {
  const { requestIds } = tried
  switch (tried.kind) {
    case 'answered':
      return { observed: isLeak(tried.value) ? 'allowed' : 'empty', detail: describe(tried.value), requestIds }
    case 'refused':
      return { observed: 'refused', detail: messageOf(tried), requestIds }
    case 'unanswered':
      return { observed: 'unknown', detail: messageOf(tried), requestIds }
  }
}

export function messageOf(tried: Attempt<unknown>): string {
  switch (tried.kind) {
    case 'answered':
      return 'the request succeeded'
    case 'refused':
      return `${tried.status}: ${tried.message}`
    case 'unanswered':
      return tried.message
  }
}
