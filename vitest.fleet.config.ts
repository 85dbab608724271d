import { defineConfig } from 'vitest/config'

/** Fleets on several workers: real processes and a PostgreSQL of Debian's packages, started for the run on loopback. */
export default defineConfig({
  test: {
    include: ['test/fleet-database/**/*.test.ts'],
    reporters: ['default', './test/closing-line.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
