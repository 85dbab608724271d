import { CloudError, StopError, isTransient } from '../../errors.ts'
import type { GateClock } from '../gate.ts'

export type Patience = {
  readonly limitMs: number
  /** What is waited for, as the end of a sentence. */
  readonly what: string
}

/**
 * Asks until there is an answer, at growing intervals. Magnum may answer 400 for a while when a cluster is being
 * deleted.
 */
export async function until<T>(clock: GateClock, patience: Patience, ask: () => Promise<T | undefined>): Promise<T> {
  const { limitMs, what } = patience
  const started = clock.now().getTime()
  for (let pause = 250; ; pause = Math.min(pause * 1.5, 15_000)) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      if (!isTransient(error) && !(error instanceof CloudError && error.status === 400)) throw error
      clock.note(error instanceof Error ? error.message : String(error))
    }
    if (clock.now().getTime() - started > limitMs)
      throw new StopError(`waited ${limitMs / 60_000} minutes ${what}; run the same command again to keep waiting`)
    await clock.sleep(pause)
  }
}
