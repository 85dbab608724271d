import { defineConfig } from 'vitest/config'
import lab from './vitest.lab.config.ts'

/** Real clients on the served simulator: `lab/clients` first. No lab is asked. */
export default defineConfig({ ...lab, test: { ...lab.test, include: ['test/clients/**/*.test.ts'], exclude: [] } })
