import { exitCodeOf, StopError } from '../errors.ts'

export function stopIfAsked(stop: AbortSignal): void {
  if (stop.aborted) throw stopped()
}

/** How a stage or a step ended that threw: who asked to stop wants to hear of no failure. */
export function endOf(error: unknown, stop: AbortSignal): 'stopped' | 'failed' {
  return stop.aborted && exitCodeOf(error) === 4 ? 'stopped' : 'failed'
}

export function stopped(): StopError {
  return new StopError('stopped as requested; run the same command again to continue')
}
