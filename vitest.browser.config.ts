import { defineConfig } from 'vitest/config'

/** In a real Chromium (`CHROMIUM`, /usr/bin/chromium by itself), against the built program. One file at a time. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/build.ts'],
    reporters: ['default', './test/closing-line.ts'],
    fileParallelism: false,
    // generous: a busy machine is no failure
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
