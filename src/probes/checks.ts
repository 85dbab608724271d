/** How a family of probes defines what it tries: one entry per claim. The verdict follows from the entry alone. */
import { CloudError, errorChain } from '../errors.ts'
import type { Finding, Severity } from '../finding.ts'
import type { Session } from '../openstack/session.ts'
import type { Actor } from '../tenant/actors.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { byEffect, conclude, messageOf } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'

/** An account that sends probes. */
export type Party = { readonly session: Session; readonly who: string; readonly actor: Actor }

type Common<T> = {
  /** Unique in its family. */
  readonly id: string
  readonly claim: string
  readonly as: Party
  readonly whom: string
  /** The policy that decides, `identity:create_user`: the subject of a finding. */
  readonly rule: string
  readonly ask: (session: Session) => Promise<T>
  readonly code?: FindingCode
  readonly severity?: Severity
}

export type Check<T> = Common<T> &
  (
    | {
        readonly expected: 'refused' | 'allowed'
        /**
         * Did it take effect, as read by an account that can see it? Without this, the answer is the effect, as for a
         * read.
         */
        readonly effect?: (tried: Attempt<T>) => Promise<boolean>
        /** For the rare answer whose text decides. */
        readonly see?: (tried: Attempt<T>) => Seen
      }
    | {
        readonly expected: 'empty' | 'reported'
        /** True if the answer has other tenants' data. */
        readonly isLeak: (value: T) => boolean
        readonly describe: (value: T) => string
      }
  )

type FindingCode = keyof typeof remedies

/** What is wrong, by its nature. The probe adds the details. */
const remedies = {
  'isolation/persona':
    'the domain manager lacks a right that it needs: attach the override of `tenant-onboard policy build`',
  'isolation/escalation':
    'correct the policy override: `tenant-onboard policy prove` shows the rule that allows it, `policy build` makes one that does not',
  'isolation/foreign-read': 'correct the policy: `tenant-onboard policy explain` shows the clause that allows it',
  'isolation/foreign-write':
    'correct the policy before anything else: `tenant-onboard policy explain` shows the clause that allows it',
  'isolation/delegation': 'update Keystone: OSSA-2026-015 and the advisories after it fix this',
  'isolation/dead-trust-rule':
    'write `%(target.trust.trustor_user_id)s` for `%(trust.trustor_user_id)s` in `identity:create_trust`; `tenant-onboard policy build` does',
  'isolation/domain-admin':
    "give admin on a domain only to an admin of the cloud, or confine it, as the charm's base and `tenant-onboard policy build` do",
  'isolation/quota': 'a tenant can raise its own limits: remove that right from the policy of the service',
  'isolation/sharing': 'a tenant can share objects with others: remove that right from the policy of the service',
} as const

/** Collects the results of a family, in the order of its requests. */
export class Family {
  readonly name: string
  readonly #results: Promise<ProbeResult>[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Runs one check. Never throws for an answer of the cloud; `undefined` if the answer was no. */
  async check<T>(check: Check<T>): Promise<T | undefined> {
    const tried = attempt(check.as.session, check.ask)
    const result = tried.then(async (done) => conclude(this.#claim(check), await see(check, done)))
    this.#results.push(result)
    await result
    const done = await tried
    return done.kind === 'answered' ? done.value : undefined
  }

  /** The objects that its probes need could not be made: the probes are not silently left out. */
  cannotGoOn(error: CloudError): void {
    const claim: Claim = {
      id: `${this.name}/set-up`,
      family: this.name,
      claim: `the objects for the probes of ${this.name} can be made`,
      who: 'the set-up',
      whom: 'throwaway objects',
      expected: 'allowed',
      actor: 'operator',
      reach: 'perimeter',
      otherwise: { code: 'isolation/no-verdict', severity: 'error', where: this.name, owner: 'operator' },
    }
    const requestIds = error.requestId === undefined ? [] : [error.requestId]
    this.#results.push(
      Promise.resolve(conclude(claim, { observed: 'unknown', detail: errorChain(error).join(': '), requestIds })),
    )
  }

  results(): Promise<readonly ProbeResult[]> {
    return Promise.all(this.#results)
  }

  #claim<T>(check: Check<T>): Claim {
    const { id, claim, as, whom, expected, rule } = check
    const code = check.code ?? usualCode(check)
    return {
      id: `${this.name}/${id}`,
      family: this.name,
      claim,
      who: as.who,
      whom,
      expected,
      actor: as.actor,
      reach: as.actor === 'operator' ? 'perimeter' : 'tenant could',
      otherwise: { code, severity: check.severity ?? 'error', where: rule, remedy: remedies[code], owner: 'operator' },
    }
  }
}

/** The findings of all results, each once per code and rule: one hole shows in many probes. */
export function findingsOf(results: readonly ProbeResult[]): readonly Finding[] {
  const groups = new Map<string, { readonly finding: Finding; readonly others: string[] }>()
  for (const { id, finding } of results) {
    if (finding === undefined) continue
    // one override fixes everything that the persona lacks
    const where = finding.code === 'isolation/persona' ? '' : finding.where
    const key = `${finding.code} ${finding.severity} ${where}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { finding, others: [] })
    else known.others.push(`\`${id}\``)
  }
  return [...groups.values()].map(({ finding, others }) =>
    others.length === 0 ? finding : { ...finding, message: `${finding.message}; the same in ${others.join(', ')}` },
  )
}

function usualCode<T>({ expected, effect }: Check<T> & { readonly effect?: unknown }): FindingCode {
  if (expected === 'allowed') return 'isolation/persona'
  return effect === undefined ? 'isolation/foreign-read' : 'isolation/foreign-write'
}

async function see<T>(check: Check<T>, tried: Attempt<T>): Promise<Seen> {
  switch (check.expected) {
    case 'refused':
    case 'allowed':
      if (check.see !== undefined) return check.see(tried)
      return byEffect(tried, check.effect === undefined ? whetherAnswered(tried) : await readBack(check.effect, tried))
    case 'empty':
    case 'reported': {
      const { requestIds } = tried
      if (tried.kind === 'refused') return { observed: 'refused', detail: messageOf(tried), requestIds }
      if (tried.kind === 'unanswered') return { observed: 'unknown', detail: messageOf(tried), requestIds }
      const observed = check.isLeak(tried.value) ? 'allowed' : 'empty'
      return { observed, detail: check.describe(tried.value), requestIds }
    }
  }
}

function whetherAnswered(tried: Attempt<unknown>): boolean | undefined {
  return tried.kind === 'unanswered' ? undefined : tried.kind === 'answered'
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
