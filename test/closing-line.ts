import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one plain line that any CI can read: `N passed, N failed`. */
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
    process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
  }
}
