/** A probe's claim and its verdict. The claim is made before anything is sent; the verdict comes from the effect. */
import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Attempt } from './attempt.ts'

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
  readonly expected: Expected
  /** In which of the four parts `who` acts. */
  readonly actor: Actor
  /** Whether only an operator can read what decides (`perimeter`), or the tenant could too. */
  readonly reach: 'perimeter' | 'tenant could'
  /** What is wrong, when what is observed is not what is expected. */
  readonly otherwise: Omit<Finding, 'message'> & { readonly message?: string }
}

export type ProbeResult = Omit<Claim, 'otherwise'> & {
  /** What decides: a policy's action, or the request where there is none. */
  readonly rule: string
  readonly observed: Observed
  /** What was read, or the cloud's words. */
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
    const message = `no verdict on \`${claim.claim}\`: ${seen.detail}`
    const remedy = 'run it again; if it stays so, look at the service that did not answer'
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
      // a list that is refused shows nothing of others either
      return observed === 'empty' || observed === 'refused'
    case 'refused':
    case 'allowed':
      return observed === expected
  }
}

/**
 * For what changes something: the effect decides. `effect` is what a reading back says: whether it took place, or
 * `undefined` when nobody could read it, and then only a clear refusal counts. A yes without an effect is no refusal: services
 * answer from caches, and a reader at the same moment can leave the old state in one.
 */
export function byEffect(tried: Attempt<unknown>, effect: boolean | undefined): Seen {
  const { requestIds } = tried
  const message = messageOf(tried)
  if (effect === true) return { observed: 'allowed', detail: `it took effect (${message})`, requestIds }
  if (effect === false && tried.kind === 'answered')
    return { observed: 'unknown', detail: `${message}, but no effect is seen`, requestIds }
  if (tried.kind === 'refused') return { observed: 'refused', detail: message, requestIds }
  return { observed: 'unknown', detail: message, requestIds }
}

/** For what only reads: the answer is the effect. `isLeak` says whether it holds what it must not. */
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
      return 'the request was answered with yes'
    case 'refused':
      return `${tried.status}: ${tried.message}`
    case 'unanswered':
      return tried.message
  }
}
