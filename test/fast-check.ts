import fc from 'fast-check'

/**
 * The same questions in every run, so that a change is judged by itself and not by its luck. A long search is asked for:
 * `FUZZ_SEED=$RANDOM FUZZ_FACTOR=100 npm test`. A failure prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 2026) })

/** How often a property is tried: `count` times, or as many times more as `FUZZ_FACTOR` says. */
export function runs(count: number): number {
  return count * Number(process.env.FUZZ_FACTOR ?? 1)
}

export { fc }
