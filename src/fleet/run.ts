import { allot } from './allot.ts'
import type { Allotment } from './allot.ts'
import { readStanding } from './cloud.ts'
import type { Clouds } from './cloud.ts'
import { byCloud, tenantOfMember } from './fleet.ts'
import type { Member } from './fleet.ts'
import type { MemberRun, onboardMember } from './member-run.ts'
import type { MemberOptions } from './member-run.ts'
import { failed, stopped } from './outcome.ts'
import type { TenantOutcome, Subject } from './outcome.ts'
import { workFairly } from './schedule.ts'
import type { Limits } from './schedule.ts'

export type FleetOptions = Omit<MemberOptions, 'reached'> & {
  readonly limits: Limits
  readonly work: typeof onboardMember
  readonly watch: FleetWatch
}

/** The observer of a run. */
export type FleetWatch = {
  readonly begun: (subject: Subject) => void
  readonly reached: MemberOptions['reached']
  readonly ended: (outcome: TenantOutcome) => void
}

/** After this many tenants in a row that could not reach the cloud, the others of that cloud are not tried. */
const outagesUntilClosed = 5

/**
 * Works on every tenant of a fleet in this process. It has no state of its own: the clouds hold what is made, so the
 * same call again continues an interrupted one. Never throws for an error of one tenant or one cloud.
 */
export async function runFleet(members: readonly Member[], clouds: Clouds, options: FleetOptions): Promise<void> {
  const { watch } = options
  const queues = byCloud(members)
  const ready = await Promise.all([...queues].map(([name, own]) => prepareCloud(name, own, clouds, watch)))
  const states = new Map(ready.flatMap((state) => (state === undefined ? [] : [[state.name, state] as const])))
  await workFairly(
    new Map([...states].map(([name, { members }]) => [name, members])),
    options.limits,
    async (member) => {
      const { spec, file } = member
      const subject = { tenant: spec.tenant, cloud: spec.cloud, file }
      const state = states.get(spec.cloud)
      if (state === undefined) return
      const because = options.clock.stop.aborted ? 'not begun: stopped as requested' : state.closedBecause()
      if (because !== undefined) {
        watch.ended(stopped(subject, because))
        return
      }
      watch.begun(subject)
      const cloud = await clouds.at(spec.cloud)
      const work = { member, allotment: state.allotmentOf(spec.tenant), cloud }
      const run = await options.work(work, { ...options, reached: watch.reached })
      state.note(run)
      watch.ended(run.outcome)
    },
  )
}

/** A prefix for everything, before anything is begun. A cloud that cannot be asked fails only for its own tenants. */
async function prepareCloud(
  name: string,
  members: readonly Member[],
  clouds: Clouds,
  watch: FleetWatch,
): Promise<CloudState | undefined> {
  try {
    const cloud = await clouds.at(name)
    return new CloudState(name, members, await allotAll(members, cloud))
  } catch (error) {
    for (const { spec, file } of members) watch.ended(failed({ tenant: spec.tenant, cloud: name, file }, error))
    return undefined
  }
}

export async function allotAll(
  members: readonly Member[],
  cloud: Awaited<ReturnType<Clouds['at']>>,
): Promise<ReadonlyMap<string, Allotment>> {
  const tenants = members.map(tenantOfMember)
  return allot(tenants, await readStanding(cloud, tenants))
}

class CloudState {
  readonly name: string
  readonly members: readonly Member[]
  readonly #allotments: ReadonlyMap<string, Allotment>
  #outages = 0
  #last = ''

  constructor(name: string, members: readonly Member[], allotments: ReadonlyMap<string, Allotment>) {
    this.name = name
    this.members = members
    this.#allotments = allotments
  }

  allotmentOf(tenant: string): Allotment {
    return this.#allotments.get(tenant) ?? { cidrs: {}, findings: [] }
  }

  note({ outcome, isOutage }: MemberRun): void {
    this.#outages = isOutage ? this.#outages + 1 : 0
    if (isOutage) this.#last = outcome.because ?? ''
  }

  /** Why no other tenant of this cloud is begun. */
  closedBecause(): string | undefined {
    if (this.#outages < outagesUntilClosed) return undefined
    return `not begun: ${this.#outages} tenants in a row could not reach the cloud, the last one: ${this.#last}`
  }
}
