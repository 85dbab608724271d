import { defineConfig } from 'vitest/config'
import lab from './vitest.lab.config.ts'

/** Real clients on the served simulator and, for comparison, on the lab: `lab/up`, `lab/clients` and `lab/tools` first. */
export default defineConfig({ ...lab, test: { ...lab.test, include: ['test/clients/**/*.test.ts'], exclude: [] } })
