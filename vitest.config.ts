import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/lab/**',
      'test/contract/**',
      'test/clients/**',
      'test/crash/**',
      'test/package/**',
      'test/browser/**',
      'test/fleet-database/**',
    ],
    // uses every core: nothing else runs at the same time
    maxWorkers: '100%',
    reporters: ['default', './test/closing-line.ts'],
    // generous: a busy machine must not fail
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
