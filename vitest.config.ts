import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**', 'test/contract/**', 'test/crash/**', 'test/browser/**', 'test/fleet-database/**'],
    // one core is not left idle: nothing else runs beside them
    maxWorkers: '100%',
    reporters: ['default', './test/closing-line.ts'],
    // generous: a busy machine is no failure
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
