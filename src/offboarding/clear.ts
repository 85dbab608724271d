/**
 * Deletes all objects of some kinds: looks at all of them, requests the deletion of what stands, kind by kind in their order, and
 * looks again, until there are none.
 */
import { StepError, StopError } from '../errors.ts'
import type { CloudError } from '../errors.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'
import { stopIfAsked } from '../onboarding/stop.ts'
import { listSeen, reachOf } from './look.ts'
import { settle } from './record.ts'
import { minute } from './ownership.ts'
import type { Kind, Owned } from './ownership.ts'
import { remove } from './remove.ts'
import type { OffboardRun } from './run.ts'

/**
 * How long a refusal (in use, not in this state) may last, in milliseconds: mostly it passes when a dependent object is
 * gone.
 */
const stubborn = minute / 2
/** After this time a deletion that has not begun, or has failed, is requested again. */
const again = minute / 6
/** How long to wait for an object that is still being made, before it is deleted as it is. */
const making = 3 * minute
/** What prevents a deletion may pass: Magnum gives up on a cluster whose load balancer is still being made. */
const attempts = 6

/** What stands of one kind, and the ids of the requests that showed it. */
type Sight = { readonly standing: readonly Owned[]; readonly requestIds: readonly string[] }

/**
 * Of each kind the request ids of the look that found nothing. Not of a kind whose deletions were over when they were answered, if
 * the proof of absence follows: that one looks for all of them.
 */
export async function clear(kinds: readonly Kind[], run: OffboardRun): Promise<ReadonlyMap<Kind, readonly string[]>> {
  const empty = new Map<Kind, readonly string[]>()
  /** Objects that cannot be deleted before what they belong to. */
  const left = new Set<string>()
  let due = kinds
  for (let round = 0; due.length > 0; round++) {
    // what was read since the freeze, and not changed by a deletion since then, is not asked again at first
    const operator = round === 0 ? run.looked : run.operator.snapshot()
    const sights = await Promise.all(due.map(async (kind) => ({ kind, sight: await look(kind, run, operator, left) })))
    const asked: Kind[] = []
    let isOld = false
    for (const { kind, sight } of sights) {
      // the wait for one kind may have changed the others
      const now = isOld ? await look(kind, run, run.operator, left) : sight
      if (now.standing.length === 0) {
        empty.set(kind, now.requestIds)
        continue
      }
      const isAtOnce = round === 0 && kind.isGoneAtOnce === true
      const { requestIds, rounds } = await clearKind(kind, run, { sight: now, left, isAtOnce })
      if (requestIds === undefined) {
        if (!isProved(kind, run)) asked.push(kind)
      } else empty.set(kind, requestIds)
      isOld ||= rounds > 1
    }
    due = asked
  }
  return empty
}

/** The proof cannot look from inside of a project: what is seen only there is looked at before. */
function isProved({ within }: Kind, { until }: OffboardRun): boolean {
  return within === undefined && (until === undefined || until === 'absence')
}

async function look(
  kind: Kind,
  run: OffboardRun,
  operator: Session<'operator'>,
  left: ReadonlySet<string>,
): Promise<Sight> {
  stopIfAsked(run.stop)
  const { session, exchanges } = operator.recording()
  const standing = (await listSeen(kind, reachOf(run, session))).filter(({ id }) => !left.has(id))
  return { standing, requestIds: requestIdsOf(exchanges) }
}

type ClearKindOptions = {
  readonly sight: Sight
  readonly left: Set<string>
  /** Whether it ends without a look of its own, if nothing is refused. */
  readonly isAtOnce: boolean
}

/** `requestIds`: of the look that found nothing; absent if there was no look after the deletions. */
type Cleared = { readonly requestIds?: readonly string[]; readonly rounds: number }

async function clearKind(kind: Kind, run: OffboardRun, { sight, left, isAtOnce }: ClearKindOptions): Promise<Cleared> {
  const began = run.now().getTime()
  const told = new Map<string, { readonly at: number; readonly times: number }>()
  const refused = new Map<string, CloudError>()
  let progressed = began
  let before = Infinity
  for (let round = 0; ; round++) {
    const { standing, requestIds } = round === 0 ? sight : await look(kind, run, run.operator, left)
    if (standing.length === 0) return { requestIds, rounds: round }
    const now = run.now().getTime()
    if (standing.length < before || standing.some(({ isGoing }) => isGoing === true)) progressed = now
    before = standing.length
    for (const owned of standing) giveUp(kind, owned, told, refused.get(owned.id), now - progressed)
    if (now - began > (kind.patienceMs ?? minute))
      throw new StopError(
        `${counted(standing.length, kind)} still there after ${Math.round((now - began) / minute)} minutes: ${standing.map(({ name }) => name).join(', ')}; run the same command again to keep waiting`,
      )
    if (round > 0)
      run.progress({ kind: 'waiting', stage: kind.stage, because: `waiting for ${counted(standing.length, kind)}` })
    if (round > 1) await run.sleep(Math.min(10_000, 500 * 2 ** (round - 1)))
    const due = standing.filter(
      ({ id, isGoing, isInMaking }) =>
        isGoing !== true &&
        !(isInMaking === true && now - began < making) &&
        (refused.has(id) || now - (told.get(id)?.at ?? -Infinity) > again),
    )
    await settle(
      due.map(async (owned) => {
        refused.delete(owned.id)
        const refusal = await remove(kind, owned, run)
        if (refusal === undefined)
          told.set(owned.id, { at: run.now().getTime(), times: (told.get(owned.id)?.times ?? 0) + 1 })
        else if (kind.isTakenAlong === true && refusal.status === 403) left.add(owned.id)
        else refused.set(owned.id, refusal)
      }),
    )
    if (isAtOnce && refused.size === 0 && due.length === standing.length) return { rounds: 1 }
  }
}

function giveUp(
  kind: Kind,
  { id, name, failure }: Owned,
  told: ReadonlyMap<string, { readonly times: number }>,
  refusal: CloudError | undefined,
  idleMs: number,
): void {
  const cannot = `cannot delete ${kind.kind} \`${name}\``
  if (refusal !== undefined && idleMs > stubborn) throw new StepError(id, cannot, { cause: refusal })
  if (failure !== undefined && (told.get(id)?.times ?? 0) >= attempts) throw new StepError(id, `${cannot}: ${failure}`)
}

function counted(count: number, { kind }: Kind): string {
  return `${count} ${kind}${count === 1 ? '' : 's'}`
}
