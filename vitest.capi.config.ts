import { defineConfig } from 'vitest/config'
import { isSample } from './test/sweep-share.ts'
import lab from './vitest.lab.config.ts'

/**
 * The stories on magnum-capi-helm. They bring its part of the lab up by themselves; it needs kube-apiserver, which is built once. A sample is
 * the life of one cluster, without the faults.
 */
const include = isSample ? ['test/lab/capi/cluster.test.ts'] : ['test/lab/capi/**/*.test.ts']
// a cluster is made in most of them, and deleted after them, which takes minutes on a busy machine
const timeouts = { testTimeout: 600_000, hookTimeout: 600_000 }
export default defineConfig({ ...lab, test: { ...lab.test, include, exclude: [], ...timeouts } })
