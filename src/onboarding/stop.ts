import { StopError } from '../errors.ts'

export function stopIfAsked(stop: AbortSignal): void {
  if (stop.aborted) throw stopped()
}

export function stopped(): StopError {
  return new StopError('stopped as requested; run the same command again to continue')
}
