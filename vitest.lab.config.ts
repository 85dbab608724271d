import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'
import { isSample } from './test/sweep-share.ts'

/** The same order everywhere: by default vitest sorts by the last duration of each file on this machine. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1)))
  }
}

/** The stories on real services: `lab/up` first. One file at a time, because they share one cloud. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts', 'test/contract/**/*.test.ts'],
    exclude: [
      // they need kube-apiserver, which is built once: vitest.capi.config.ts
      'test/lab/capi/**',
      // they need Terraform and Ansible: vitest.tools.config.ts
      'test/lab/tools/**',
      // it gets OpenBao from the package index, and takes minutes
      ...(isSample ? ['test/lab/vault.test.ts'] : []),
    ],
    reporters: ['default', './test/closing-line.ts'],
    fileParallelism: false,
    sequence: { sequencer: ByName },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
