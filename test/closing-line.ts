import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with one plain line that any CI can read: `N passed, N failed`, and one before it where sweeps were sampled. Where `TEST_TIMES` names a file, a line `SECONDS FILE` for
 * each test file is added to it: scripts/slowest.mjs reads them.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    let skipped = 0
    for (const module of modules) {
      let own = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') own++
        else skipped++
      }
      // a module that cannot even be collected has no failed test of its own
      failed += own === 0 && module.state() === 'failed' ? 1 : own
    }
    const times = process.env['TEST_TIMES']
    if (times !== undefined) appendFileSync(times, modules.map(timeOf).join(''))
    if (process.env['SWEEP'] === 'sample')
      process.stdout.write(
        `sweeps were sampled, SWEEP_SEED=${process.env['SWEEP_SEED'] ?? '0'}; without SWEEP=sample they are whole\n`,
      )
    process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
  }
}

/** What a file takes of a worker: loading, set-up and tests. */
function timeOf(module: TestModule): string {
  const { collectDuration, setupDuration, prepareDuration, environmentSetupDuration, duration } = module.diagnostic()
  const seconds = (collectDuration + setupDuration + prepareDuration + environmentSetupDuration + duration) / 1000
  return `${seconds.toFixed(1)} ${relative(process.cwd(), module.moduleId)}\n`
}
