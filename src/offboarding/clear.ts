/** Deletes all objects of one kind: looks, requests the deletion of what is left, looks again, until there are none. */
import { StepError, StopError } from '../errors.ts'
import type { CloudError } from '../errors.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { stopIfAsked } from '../onboarding/stop.ts'
import { listSeen, reachOf } from './look.ts'
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

/** The request ids of the look that found nothing. */
export async function clear(kind: Kind, run: OffboardRun): Promise<readonly string[]> {
  const began = run.now().getTime()
  const told = new Map<string, { readonly at: number; readonly times: number }>()
  const refused = new Map<string, CloudError>()
  /** Objects that cannot be deleted before what they belong to. */
  const left = new Set<string>()
  let progressed = began
  let before = Infinity
  for (let round = 0; ; round++) {
    stopIfAsked(run.stop)
    const { session, exchanges } = run.operator.recording()
    const standing = (await listSeen(kind, reachOf(run, session))).filter(({ id }) => !left.has(id))
    if (standing.length === 0) return requestIdsOf(exchanges)
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

/** Waits for all, then fails with the first failure, so that nothing is left running. */
async function settle(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function counted(count: number, { kind }: Kind): string {
  return `${count} ${kind}${count === 1 ? '' : 's'}`
}
