import { defineConfig } from 'vitest/config'
import lab from './vitest.lab.config.ts'

/** The stories of `export --to`, with the tools that it writes for: lab/tools has to make these once. */
export default defineConfig({
  ...lab,
  test: { ...lab.test, include: ['test/lab/tools/**/*.test.ts'], exclude: [], testTimeout: 600_000 },
})
