import { defineConfig } from 'vitest/config'

/** Every request, every fault: hundreds of runs on the simulator, apart from `npm test` because they take minutes. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    // one core is not left idle: nothing else runs beside them
    maxWorkers: '100%',
    reporters: ['default', './test/closing-line.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
})
