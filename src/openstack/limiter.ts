/** A counting semaphore: at most `limit` at once, the rest in their order. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

export function createLimiter(limit: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= limit) {
      // the slot passes to the next one, so `running` stays the same
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
