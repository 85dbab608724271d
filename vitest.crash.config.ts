import { defineConfig } from 'vitest/config'

/**
 * Every request, every fault: hundreds of runs on the simulator, separate from `npm test` because they take minutes.
 */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts', 'test/package/**/*.test.ts'],
    // uses every core: nothing else runs at the same time
    maxWorkers: '100%',
    reporters: ['default', './test/closing-line.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
})
