export type Limits = {
  /** Tenants at once. */
  readonly overall: number
  /** Tenants at once on one cloud. */
  readonly perCloud: number
}

/**
 * Works on all items, with a limit of concurrent items overall and for each cloud. Fair: a free slot goes to the cloud
 * with the fewest items under way, the longest waiting one among equals. So a cloud of a thousand does not starve one
 * of ten. `work` never rejects.
 */
export function workFairly<T>(
  queues: ReadonlyMap<string, readonly T[]>,
  limits: Limits,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lanes = [...queues.values()].map((items) => ({
    items: items.values(),
    left: items.length,
    running: 0,
    turn: 0,
  }))
  let turn = 0
  let running = 0
  return new Promise((resolve) => {
    const fill = (): void => {
      while (running < limits.overall) {
        const open = lanes.filter((lane) => lane.left > 0 && lane.running < limits.perCloud)
        const [lane] = open.sort((a, b) => a.running - b.running || a.turn - b.turn)
        const next = lane?.items.next()
        if (lane === undefined || next === undefined || next.done === true) break
        lane.left--
        lane.running++
        lane.turn = ++turn
        running++
        void work(next.value).finally(() => {
          lane.running--
          running--
          fill()
        })
      }
      if (running === 0) resolve()
    }
    fill()
  })
}
