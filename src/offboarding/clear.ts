/** Deletes all there is of one kind: look, ask for what still stands to be deleted, look again, until there is none. */
import { StepError, StopError } from '../errors.ts'
import type { CloudError } from '../errors.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { stopIfAsked } from '../onboarding/steps.ts'
import { reachOf } from './look.ts'
import { minute } from './ownership.ts'
import type { Kind, Owned } from './ownership.ts'
import { remove } from './remove.ts'
import type { OffboardRun } from './run.ts'

/** A refusal (in use, not in this state) mostly passes as what stood on it goes; one that outlasts this does not. */
const stubborn = minute / 2
/** What was asked for and has not begun, or has failed, is asked for again after this. */
const again = minute / 6
/** How long something in the making is waited for before it is deleted as it is. */
const making = 3 * minute
/** What stands in the way of a deletion may pass: Magnum gives up on a cluster whose load balancer is still in the making. */
const attempts = 6

/** The request ids of the look that found nothing. */
export async function clear(kind: Kind, run: OffboardRun): Promise<readonly string[]> {
  const began = run.now().getTime()
  const told = new Map<string, { readonly at: number; readonly times: number }>()
  const refused = new Map<string, CloudError>()
  /** Not to be had before what they belong to goes. */
  const left = new Set<string>()
  let progressed = began
  let before = Infinity
  for (let round = 0; ; round++) {
    stopIfAsked(run.stop)
    const { session, exchanges } = run.operator.recording()
    const standing = (await kind.list(reachOf(run, session))).filter(({ id }) => !left.has(id))
    if (standing.length === 0) return requestIdsOf(exchanges)
    const now = run.now().getTime()
    if (standing.length < before || standing.some(({ isGoing }) => isGoing === true)) progressed = now
    before = standing.length
    for (const owned of standing) giveUp(kind, owned, told, refused.get(owned.id), now - progressed)
    if (now - began > (kind.patienceMs ?? minute))
      throw new StopError(
        `${counted(standing.length, kind)} still there after ${Math.round((now - began) / minute)} minutes: ${standing.map(({ name }) => name).join(', ')}; the same command goes on waiting`,
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

/** Waits for all, then fails with the first that failed: nothing is left under way. */
async function settle(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function counted(count: number, { kind }: Kind): string {
  return `${count} ${kind}${count === 1 ? '' : 's'}`
}
