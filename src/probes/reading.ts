/** From what became of a request, and of reading its effect back, to what was observed. */
import { messageOf } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import type { Observed } from './claim.ts'

export type Reading = { readonly observed: Observed; readonly detail: string }

/** Where nothing is read back: an answer is the effect. */
export function byAttempt(tried: Attempt<unknown>): Reading {
  return byEffect(tried, tried.kind === 'unanswered' ? undefined : tried.kind === 'answered')
}

/**
 * For a request that changes something: the effect decides. `effect` is the result of reading back: true, false, or
 * `undefined` if it could not be read, and then only a clear refusal counts. A success without an effect is not a
 * refusal: services answer from caches, and a concurrent reader can leave the old state in one.
 */
export function byEffect(tried: Attempt<unknown>, effect: boolean | undefined): Reading {
  const message = messageOf(tried)
  if (effect === true) return { observed: 'allowed', detail: `it took effect (${message})` }
  if (effect === false && tried.kind === 'answered')
    return { observed: 'unknown', detail: `${message}, but no effect was read back` }
  if (tried.kind === 'refused') return { observed: 'refused', detail: message }
  return { observed: 'unknown', detail: message }
}

/** For what only reads: what the answer shows decides. */
export function byAnswer<T>(tried: Attempt<T>, shows: (value: T) => boolean, describe: (value: T) => string): Reading {
  switch (tried.kind) {
    case 'answered':
      return { observed: shows(tried.value) ? 'allowed' : 'empty', detail: describe(tried.value) }
    case 'refused':
      return { observed: 'refused', detail: messageOf(tried) }
    case 'unanswered':
      return { observed: 'unknown', detail: messageOf(tried) }
  }
}
