/**
 * How a probe says what it tries: one check per claim, and the verdict follows from the check alone. Everything that probes
 * a cloud or a tenant goes through `Family.check`; no other place makes a verdict.
 */
import { CloudError, errorChain } from '../errors.ts'
import type { Finding, Severity } from '../finding.ts'
import type { Session } from '../openstack/session.ts'
import type { Actor } from '../tenant/actors.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import type { Claim, Expected, Observed, ProbeResult } from './claim.ts'
import { byAnswer, byAttempt, byEffect } from './reading.ts'
import type { Reading } from './reading.ts'
import { remedies } from './remedies.ts'
import type { RemedyCode } from './remedies.ts'

/** An account that sends probes. */
export type Party = { readonly session: Session; readonly who: string; readonly actor: Actor }

export type Check<T> = About & Question<T> & Decision<T>

/** What is claimed, and what a finding says when it is not so. */
export type About = Pick<Claim, 'claim' | 'whom' | 'rule'> & {
  /** Unique in its family. */
  readonly id: string
  /** Absent: `perimeter` where the operator itself tries. */
  readonly reach?: Claim['reach']
  /** Of the finding, with the remedy for it; absent: by what is expected and how it is decided. */
  readonly code?: RemedyCode
  readonly severity?: Severity
  /** A finding with a remedy of its own, in the place of `code` and `severity`. */
  readonly otherwise?: Otherwise
}

export type Otherwise = {
  readonly code: string
  readonly remedy?: string
  /** Absent: `error`. */
  readonly severity?: Severity
  /** Absent: `operator`. */
  readonly owner?: Finding['owner']
  /** Absent: the claim, what was expected and what was observed. */
  readonly message?: string
}

/** Who asks, and what. */
export type Question<T> =
  | { readonly as: Party; readonly ask: (session: Session) => Promise<T> }
  /** Nothing is sent: an earlier answer says it, or what the question needs is missing. */
  | { readonly as: Omit<Party, 'session'>; readonly known: Attempt<T> }

/** What decides. */
type Decision<T> =
  | {
      readonly expected: Exclude<Expected, 'empty'>
      /** Whether it took effect, read by somebody who sees it. Absent: an answer is the effect, as for a read. */
      readonly effect?: (tried: Attempt<T>) => Promise<boolean>
      /** For the rare answer whose words decide; `undefined` for one that is like any other. */
      readonly see?: (tried: Attempt<T>) => Reading | undefined
    }
  | {
      readonly expected: Expected
      /** Whether the answer holds what the probe is about: what is of others, or what must be in it. */
      readonly shows: (value: T) => boolean
      readonly describe: (value: T) => string
    }

export type Checked<T> = {
  readonly tried: Attempt<T>
  /** Of an answer. */
  readonly value: T | undefined
  readonly result: ProbeResult
}

/** Collects the results of a family, in the order of its requests. */
export class Family {
  readonly name: string
  readonly #results: Promise<ProbeResult>[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Runs one check. Never throws for what a cloud does. */
  async check<T>(check: Check<T>): Promise<Checked<T>> {
    const asked = 'known' in check ? Promise.resolve(check.known) : attempt(check.as.session, check.ask)
    const concluded = asked.then(async (tried) => this.#conclude(check, await read(check, tried), tried.requestIds))
    this.#results.push(concluded)
    const [tried, result] = await Promise.all([asked, concluded])
    return { tried, value: tried.kind === 'answered' ? tried.value : undefined, result }
  }

  /** The objects that its probes need could not be made: the probes are not silently left out. */
  async cannotGoOn(error: CloudError): Promise<void> {
    const { requestId } = error
    await this.check({
      id: 'set-up',
      claim: `the objects for the probes of ${this.name} can be made`,
      as: { who: 'the set-up', actor: 'operator' },
      whom: 'throwaway objects',
      rule: this.name,
      expected: 'allowed',
      known: {
        kind: 'unanswered',
        message: errorChain(error).join(': '),
        requestIds: requestId === undefined ? [] : [requestId],
      },
    })
  }

  results(): Promise<readonly ProbeResult[]> {
    return Promise.all(this.#results)
  }

  #conclude(check: AnyCheck, { observed, detail }: Reading, requestIds: readonly string[]): ProbeResult {
    const { id, claim, as, whom, rule, expected } = check
    const ok = isAsExpected(expected, observed)
    const result = {
      id: `${this.name}/${id}`,
      family: this.name,
      claim,
      who: as.who,
      whom,
      rule,
      expected,
      actor: as.actor,
      reach: check.reach ?? (as.actor === 'operator' ? 'perimeter' : 'tenant could'),
      observed,
      detail,
      ok,
      requestIds,
    } as const
    return ok ? result : { ...result, finding: findingOf(check, { observed, detail }) }
  }
}

/** Of any answer: what the verdict and its finding need. */
type AnyCheck = About & { readonly as: Omit<Party, 'session'>; readonly expected: Expected }

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

function findingOf(check: AnyCheck, { observed, detail }: Reading): Finding {
  const { claim, rule: where, expected } = check
  if (observed === 'unknown')
    return {
      code: 'isolation/no-verdict',
      severity: 'unknown',
      where,
      message: `no verdict on \`${claim}\`: ${detail}`,
      remedy: 'run it again; if that does not help, look at the service that did not answer',
      owner: 'operator',
    }
  const { code, remedy, message, ...rest } = check.otherwise ?? usual(check)
  return {
    code,
    severity: rest.severity ?? 'error',
    where,
    message: message ?? `${claim}: expected ${expected}, observed ${observed} (${detail})`,
    ...(remedy === undefined ? {} : { remedy }),
    owner: rest.owner ?? 'operator',
  }
}

function usual(check: AnyCheck): Otherwise {
  const code = check.code ?? usualCode(check)
  return { code, remedy: remedies[code], ...(check.severity === undefined ? {} : { severity: check.severity }) }
}

function usualCode(check: AnyCheck): RemedyCode {
  if (check.expected === 'allowed') return 'isolation/persona'
  return 'effect' in check ? 'isolation/foreign-write' : 'isolation/foreign-read'
}

async function read<T>(check: Decision<T>, tried: Attempt<T>): Promise<Reading> {
  if ('shows' in check) return byAnswer(tried, check.shows, check.describe)
  const seen = check.see?.(tried)
  if (seen !== undefined) return seen
  return check.effect === undefined ? byAttempt(tried) : byEffect(tried, await readBack(check.effect, tried))
}

async function readBack<T>(
  effect: (tried: Attempt<T>) => Promise<boolean>,
  tried: Attempt<T>,
): Promise<boolean | undefined> {
  try {
    return await effect(tried)
  } catch (error) {
    if (error instanceof CloudError) return undefined
    throw error
  }
}
