/**
 * Creates a resource, once. Names are not unique everywhere, so a second request could make a second object. What became
 * of a request without an answer is looked for before anything is sent again (docs/decisions/0152).
 */
import { CloudError, StepError, fateOf, isTransient } from '../errors.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Clock } from '../tenant/context.ts'
import { idOf } from './inventory.ts'
import type { ActorContext, Resource } from './resource.ts'
import { stopIfAsked } from './stop.ts'

/** Requests in all that a service finished without success. */
const attempts = 3
/** Requests in all whose connection broke. */
const attemptsWhenBroken = 2
/** Between two looks, in milliseconds. */
const pauses = { first: 1000, longest: 5000 } as const

/**
 * Returns the resource as it was created or found. Throws the `CloudError` of a refusal, `StepError` for several of one name.
 * A `CloudError` of kind `timeout` says that its fate is not known, and how long it was looked for.
 */
export async function createOnce(resource: Resource, work: ActorContext<Actor>, clock: Clock): Promise<unknown> {
  let half: unknown
  let waitedMs = 0
  for (let attempt = 1, broken = 0; ; attempt++) {
    try {
      return half === undefined || resource.update === undefined
        ? await resource.create(work)
        : await resource.update(work, half)
    } catch (error) {
      const isTaken = error instanceof CloudError && error.status === 409
      if (!(error instanceof CloudError) || (!isTaken && !isTransient(error))) throw error
      const fate = isTaken ? 'over' : fateOf(error)
      if (fate === 'broken') broken++
      const looked = await lookFor(resource, work, clock, patienceFor(fate, resource, work))
      waitedMs += looked.waitedMs
      if (looked.found.length > 1)
        throw new StepError(
          resource.id,
          `there are ${looked.found.length} ${resource.kind}s \`${resource.name}\`: ${looked.found.map(idOf).join(', ')}`,
          { cause: error },
        )
      const [standing] = looked.found
      if (standing !== undefined) {
        const { isOurs, changes, conflict } = resource.compare(standing, work.known)
        if (isOurs && changes.length === 0 && conflict === undefined) return standing
        // it exists but differs, as a quota does before it is first set
        if (!isOurs || conflict !== undefined || resource.update === undefined) throw error
        half = standing
      } else if (resource.isIdempotent !== true && (fate === 'open' || broken === attemptsWhenBroken))
        throw unknownFate(error, waitedMs, work)
      if ((isTaken && half === undefined) || attempt === attempts) throw error
      stopIfAsked(clock.stop)
      await clock.sleep(500 * 2 ** attempt)
    }
  }
}

/** As long again as the deadline of one request: what the service takes longer for than that, a later command finds. */
function patienceFor(fate: ReturnType<typeof fateOf>, resource: Resource, { session }: ActorContext<Actor>): number {
  const isOpen = fate === 'open' || fate === 'broken'
  const appearsWithin = fate === 'not begun' ? 0 : (resource.appearsWithin ?? 0)
  return isOpen && resource.isIdempotent !== true ? Math.max(session.deadlineMs, appearsWithin) : appearsWithin
}

/** What exists now. Waits for what may appear late. */
async function lookFor(
  resource: Resource,
  work: ActorContext<Actor>,
  clock: Clock,
  patienceMs: number,
): Promise<{ readonly found: readonly unknown[]; readonly waitedMs: number }> {
  let waitedMs = 0
  for (let pause: number = pauses.first; ; pause = Math.min(pause * 1.5, pauses.longest)) {
    const isLast = waitedMs >= patienceMs
    try {
      const found = await resource.observe(work)
      if (found.length > 0 || isLast) return { found, waitedMs }
    } catch (error) {
      // the cloud may be too slow for this look, and not for the next one
      if (isLast || !isTransient(error)) throw error
    }
    stopIfAsked(clock.stop)
    const nextMs = Math.min(pause, patienceMs - waitedMs)
    await clock.sleep(nextMs)
    waitedMs += nextMs
  }
}

function unknownFate(error: CloudError, waitedMs: number, { session }: ActorContext<Actor>): CloudError {
  const { service, method, path, status, requestId, date } = error
  const without = error.kind === 'timeout' ? `no answer within ${seconds(session.deadlineMs)}` : error.reason
  const reason = `${without}, and its effect was not seen in ${seconds(waitedMs)} more; it may still come, and the same command looks for it first`
  return new CloudError(
    { kind: 'timeout', service, method, path, status, requestId, date, reason },
    { cause: error.cause },
  )
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
