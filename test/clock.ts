/**
 * Time that passes by waiting. Whenever nothing is at work, the clock goes on to the next moment that somebody waits for, so that minutes of
 * patience cost no time and a busy machine changes nothing. For the simulator only: real services keep a time of their own.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Fetch } from '../src/openstack/http.ts'
import type { StartTimer } from '../src/openstack/timer.ts'

export type Clock = {
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly startTimer: StartTimer
  /** So much time is over at once; nobody's timer ends by it. */
  readonly pass: (milliseconds: number) => void
  /** The same requests: while one of them is being answered the clock stands still, and each answer takes a millisecond. */
  readonly during: (fetch: Fetch) => Fetch
}

type Waker = { readonly at: number; readonly wake: () => void }

/** How often in a row the event loop has to come round with nothing at work: what follows on an answer is begun within a few turns. */
const quietTurns = 10

export function createClock(began = Date.now()): Clock {
  let time = began
  const wakers = new Set<Waker>()
  const answering = new Set<Promise<unknown>>()
  let isGoing = false

  /** Until no request is being answered and the machine does nothing for us, also nothing that was begun in the last turns. */
  const quiet = async (): Promise<void> => {
    for (let turns = 0; turns < quietTurns; turns = answering.size > 0 || isMachineAtWork() ? 0 : turns + 1) {
      while (answering.size > 0) await Promise.allSettled(answering)
      await nextTurn()
    }
  }
  const go = async (): Promise<void> => {
    for (;;) {
      await quiet()
      const next = [...wakers].toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined) break
      wakers.delete(next)
      time = Math.max(time, next.at)
      next.wake()
    }
    isGoing = false
  }
  const startTimer: StartTimer = (milliseconds, wake) => {
    const waker = { at: time + milliseconds, wake }
    wakers.add(waker)
    if (!isGoing) {
      isGoing = true
      void go()
    }
    return () => wakers.delete(waker)
  }
  return {
    now: () => new Date(time),
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        startTimer(milliseconds, resolve)
      }),
    startTimer,
    pass: (milliseconds) => {
      time += milliseconds
    },
    during: (fetch) => (url, init) => {
      const answered = Promise.resolve(fetch(url, init)).finally(() => {
        answering.delete(answered)
        time++
      })
      answering.add(answered)
      return answered
    },
  }
}

/** Files, cryptography, connections that are being made: what the event loop comes round without waiting for. */
function isMachineAtWork(): boolean {
  return process.getActiveResourcesInfo().some((kind) => /^FSReq|^CloseReq$|REQUEST$|ConnectWrap$/.test(kind))
}
