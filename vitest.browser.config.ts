import { defineConfig } from 'vitest/config'

/** In a real Chromium (`CHROMIUM`, default /usr/bin/chromium), against the built program. One file at a time. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/build.ts'],
    reporters: ['default', './test/closing-line.ts'],
    fileParallelism: false,
    // generous: a busy machine must not fail
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
