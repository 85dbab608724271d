import { defineConfig } from 'vitest/config'

/** The stories on real services: `lab/up` first. One file at a time, because they share one cloud. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts', 'test/contract/**/*.test.ts'],
    reporters: ['default', './test/closing-line.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
