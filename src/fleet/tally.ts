import type { StageName } from '../tenant/stage.ts'
import type { TenantOutcome, Subject } from './outcome.ts'

export type Counts = { readonly [result in TenantOutcome['result']]: number }

export type CloudTally = Counts & {
  readonly cloud: string
  readonly tenants: number
  readonly running: number
  readonly waiting: number
}

/** The progress of a fleet: for the terminal, the state file and the console. */
export type Standings = {
  readonly tenants: number
  readonly ended: number
  readonly counts: Counts
  /** Recent tenants per minute; absent before any has ended. */
  readonly perMinute?: number
  readonly secondsLeft?: number
  readonly clouds: readonly CloudTally[]
  readonly running: readonly { readonly tenant: string; readonly cloud: string; readonly stage?: StageName }[]
}

/** The recent pace predicts the rest better than the overall one. */
const remembered = 200

type Mutable = { [result in TenantOutcome['result']]: number }

function none(): Mutable {
  return { planned: 0, done: 0, unchanged: 0, held: 0, refused: 0, failed: 0, stopped: 0 }
}

/** Counts a running fleet. Its size does not grow with the tenants that have ended. */
export class Tally {
  readonly #now: () => Date
  readonly #clouds = new Map<string, { readonly counts: Mutable; readonly tenants: number; running: number }>()
  readonly #running = new Map<string, { readonly tenant: string; readonly cloud: string; stage?: StageName }>()
  readonly #endedAt: number[] = []
  readonly #startedAt: number

  constructor(tenants: ReadonlyMap<string, number>, now: () => Date) {
    this.#now = now
    this.#startedAt = now().getTime()
    for (const [cloud, count] of tenants) this.#clouds.set(cloud, { counts: none(), tenants: count, running: 0 })
  }

  begun(subject: Subject): void {
    this.#running.set(keyOf(subject), { tenant: subject.tenant, cloud: subject.cloud })
    const cloud = this.#clouds.get(subject.cloud)
    if (cloud !== undefined) cloud.running++
  }

  reached(subject: Subject, stage: StageName): void {
    const running = this.#running.get(keyOf(subject))
    if (running !== undefined) running.stage = stage
  }

  ended(outcome: TenantOutcome): void {
    const cloud = this.#clouds.get(outcome.cloud)
    if (cloud !== undefined) {
      cloud.counts[outcome.result]++
      if (this.#running.delete(keyOf(outcome))) cloud.running--
    }
    // a tenant that was not begun says nothing about the pace
    if (outcome.requests === 0) return
    this.#endedAt.push(this.#now().getTime())
    if (this.#endedAt.length > remembered) this.#endedAt.shift()
  }

  standings(): Standings {
    const clouds = [...this.#clouds].map(([cloud, { counts, tenants, running }]) => {
      const waiting = tenants - running - sum(counts)
      return { cloud, tenants, running, waiting, ...counts }
    })
    const counts = none()
    for (const cloud of clouds) for (const result of results) counts[result] += cloud[result]
    const tenants = clouds.reduce((all, one) => all + one.tenants, 0)
    const ended = sum(counts)
    const perMinute = this.#perMinute()
    return {
      tenants,
      ended,
      counts,
      ...(perMinute === undefined
        ? {}
        : { perMinute: round(perMinute), secondsLeft: Math.round(((tenants - ended) / perMinute) * 60) }),
      clouds,
      running: [...this.#running.values()],
    }
  }

  #perMinute(): number | undefined {
    const count = this.#endedAt.length
    if (count === 0) return undefined
    const first = count < remembered ? this.#startedAt : (this.#endedAt[0] ?? this.#startedAt)
    return count / Math.max((this.#now().getTime() - first) / 60_000, 1e-6)
  }
}

const results = ['planned', 'done', 'unchanged', 'held', 'refused', 'failed', 'stopped'] as const

export function countResults(outcomes: Iterable<TenantOutcome>): Counts {
  const counts = none()
  for (const { result } of outcomes) counts[result]++
  return counts
}

function sum(counts: Counts): number {
  return results.reduce((all, result) => all + counts[result], 0)
}

function keyOf({ cloud, tenant }: Subject): string {
  return `${cloud}/${tenant}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
