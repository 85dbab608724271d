/** Calls `then` when the time is up, unless it is stopped before: what it returns stops it. In milliseconds. */
export type StartTimer = (milliseconds: number, then: () => void) => () => void

export const startTimer: StartTimer = (milliseconds, then) => {
  const timer = setTimeout(then, milliseconds)
  return () => {
    clearTimeout(timer)
  }
}
