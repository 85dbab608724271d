import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**'],
    reporters: ['default', './test/closing-line.ts'],
    testTimeout: 20_000,
  },
})
